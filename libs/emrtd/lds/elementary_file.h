// What all files of the chip have in common: one element with the file's tag around the contents. Internal to
// libs/emrtd/lds.
#pragma once

#include "libs/emrtd/lds/file_defects.h"
#include "libs/pki/tlv.h"

namespace gatehouse::emrtd {

using pki::Bytes;

// The contents of `file` inside `tag`. Tolerated with a finding: bytes after the element; an outer length that is wrong
// while the elements inside fit the file. INVALID_ARGUMENT: longer than `limit_bytes`, another tag, no element at all.
absl::StatusOr<Bytes> OpenFile(Bytes file, uint32_t tag, size_t limit_bytes, std::string_view field,
                               FileFindings& findings);

// True when `bytes` are whole elements, one after another, to the end.
bool HoldsWholeElements(Bytes bytes);

// True when all of `bytes`, at every depth that is constructed, keeps the length rules of DER.
bool IsDer(Bytes bytes);

}  // namespace gatehouse::emrtd
