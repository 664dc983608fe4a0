// Any bytes as a deviation list and as a defect list, then looked up. A list that nobody trusted signed is never used.
#include <cstdlib>

#include "libs/pki/deviation_table.h"

namespace {

void Use(const absl::StatusOr<gatehouse::pki::DeviationListPtr>& list) {
  using namespace gatehouse::pki;
  static const auto& nothing = *new std::shared_ptr<const TrustStore>(TrustStore::Builder().Build());
  if (!list.ok()) return;
  DeviationTable table;
  if (table.Add("list", *list, *nothing).ok()) std::abort();
  for (const Deviation& deviation : (*list)->deviations) {
    for (const DeviationDescription& description : deviation.descriptions) (void)ToWord(description.type);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse::pki;
  const Bytes bytes(data, size);
  Use(ParseDeviationList(bytes));
  Use(ParseDefectList(bytes));
  return 0;
}
