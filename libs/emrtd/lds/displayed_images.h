// The displayed images of DG5 (portrait, 5F40), DG6 (reserved) and DG7 (signature or usual mark, 5F43), and what can be
// said of the files whose contents the standard leaves open: DG8 to DG10 (reserved) and DG13 (of the issuer's own).
#pragma once

#include <vector>

#include "libs/emrtd/lds/file_defects.h"
#include "libs/emrtd/lds/picture.h"

namespace gatehouse::emrtd {

inline constexpr size_t kMaxDisplayedImages = 16;

struct DisplayedImages {
  std::vector<Picture> images;
  FileFindings findings;
};

// `data_group` is 5, 6 or 7. INVALID_ARGUMENT names the field; DG5 and DG7 without an image are that.
absl::StatusOr<DisplayedImages> ReadDisplayedImages(Bytes file, int data_group);

// DG8, DG9, DG10 and DG13: the file is what it says it is, and has this inside.
struct OpaqueFile {
  Bytes contents;
  FileFindings findings;
};
absl::StatusOr<OpaqueFile> ReadOpaqueDataGroup(Bytes file, int data_group);

}  // namespace gatehouse::emrtd
