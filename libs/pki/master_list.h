// MasterList: the country certificates that one state vouches for (Doc 9303-12 section 8): a SignedData whose content
// is SEQUENCE { version, SET OF Certificate }. A broken element is skipped and reported, the rest is kept: one state's
// encoding fault must not take the others from the border.
#pragma once

#include <string>
#include <vector>

#include "libs/pki/signed_list.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxMasterListBytes = 16 * 1024 * 1024;
inline constexpr size_t kMaxMasterListCertificates = 4096;

struct BrokenElement {
  size_t index = 0;  // from 0, in the order of the list
  std::string reason;
};

struct MasterList {
  std::vector<CertificatePtr> certificates;
  std::vector<BrokenElement> broken;

  // Whoever imports must look at it: whether the list holds together, and by whose signature. Whether that authority is
  // one the reader trusts is JudgeListSigner's question.
  ListSignature signature;
};

// INVALID_ARGUMENT when the bytes are no master list at all. A list that reads well and is signed badly is returned
// with its verdict, so that a report can name it; whoever imports must look at `signature`.
absl::StatusOr<MasterList> ParseMasterList(Bytes bytes);

}  // namespace gatehouse::pki
