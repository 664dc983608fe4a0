#include "libs/emrtd/lds/displayed_images.h"

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/lds/elementary_file.h"
#include "libs/emrtd/limits.h"

namespace gatehouse::emrtd {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

absl::StatusOr<DisplayedImages> ReadDisplayedImages(Bytes file, int data_group) {
  GH_CHECK(data_group >= 5 && data_group <= 7);
  constexpr uint32_t kCount = 0x02, kPortrait = 0x5F40, kSignature = 0x5F43;
  const std::string name = absl::StrCat("DG", data_group);
  DisplayedImages group;
  GH_ASSIGN_OR_RETURN(const Bytes contents,
                      OpenFile(file, DataGroupTag(data_group), kMaxDataGroupBytes, name, group.findings));
  std::optional<Bytes> count;
  TlvReader reader(contents, Rules::kBer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv element, reader.Next(name));
    if (element.tag == kCount) {
      count = element.value;
    } else if (element.tag >= kPortrait && element.tag <= kSignature) {
      if (group.images.size() >= kMaxDisplayedImages) return Malformed(name, "holds more images than the limit");
      group.images.push_back(RecognisePicture(element.value));
      const bool expected = data_group == 6 || element.tag == (data_group == 5 ? kPortrait : kSignature);
      if (!expected) group.findings.push_back({FileDefect::kFieldUnknown, absl::StrCat(absl::Hex(element.tag))});
    } else {
      group.findings.push_back({FileDefect::kFieldUnknown, absl::StrCat(absl::Hex(element.tag))});
    }
  }
  if (group.images.empty() && data_group != 6) return Malformed(name, "holds no image");
  if (!count || count->size() != 1 || (*count)[0] != group.images.size()) {
    group.findings.push_back({FileDefect::kInstanceCount, absl::StrCat(name, " holds ", group.images.size())});
  }
  return group;
}

absl::StatusOr<OpaqueFile> ReadOpaqueDataGroup(Bytes file, int data_group) {
  OpaqueFile opaque;
  GH_ASSIGN_OR_RETURN(opaque.contents, OpenFile(file, DataGroupTag(data_group), kMaxDataGroupBytes,
                                                absl::StrCat("DG", data_group), opaque.findings));
  return opaque;
}

}  // namespace gatehouse::emrtd
