// Any bytes as EF.SOD, EF.COM, DG1, DG2 and DG12 of one chip. The first byte cuts them apart. Nothing may crash, hang
// or allocate without bound, and nothing may be established against an empty trust store.
#include <cstdlib>

#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/lds/face.h"
#include "libs/emrtd/tr03135.h"

namespace {

std::span<const std::string_view> AnyCountry(std::string_view) {
  static constexpr std::string_view kCountries[] = {"UT"};
  return kCountries;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse;
  static const auto& trust = *new std::shared_ptr<const pki::TrustStore>(pki::TrustStore::Builder().Build());
  if (size == 0) return 0;
  const pki::Bytes rest(data + 1, size - 1);
  // 0: all of it is EF.SOD; else EF.SOD is followed by a piece used for everything else.
  const size_t cut = data[0] == 0 ? rest.size() : rest.size() * data[0] / 256;
  const pki::Bytes object = rest.first(cut), other = rest.subspan(cut);
  const emrtd::PassiveAuthenticationReport report = emrtd::PassiveAuthentication(
      {.files = {.com = other, .security_object = object, .data_groups = {{1, other}, {2, other}, {12, other}}},
       .trust = trust.get(),
       .countries = AnyCountry,
       .check_time = absl::FromUnixSeconds(1'780'000'000)});
  if (report.overall < emrtd::Overall::kUndetermined) std::abort();
  emrtd::Tr03135Checks(report);
  (void)emrtd::ReadFaces(other);
  (void)emrtd::ReadDateOfIssue(other);
  (void)emrtd::ReadMachineReadableZone(other);
  return 0;
}
