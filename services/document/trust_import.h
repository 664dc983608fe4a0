// From files to a change of the trust store: what of them is new, what may be used at once, and what waits for a second
// person (docs/decisions/0006-two-people-for-anchors.md).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/pki/progress.h"
#include "libs/pki/trust_material.h"
#include "services/document/trust_change.h"

namespace gatehouse::document {

// A file that is given, with its content at the caller's.
struct NamedContent {
  std::string name;
  std::string_view content;
};

// What happened to one file.
struct TrustImportResult {
  std::string name;
  pki::TrustFileKind kind = pki::TrustFileKind::kUnknown;
  int accepted = 0;  // new here, in use or waiting
  int already_known = 0;
  int rejected = 0;
  int pending = 0;  // of the accepted
  int deleted = 0;  // in use, and deleted by a delta of the directory
  // Of a file of the directory that was taken: what its collection is held at after it; 0: none.
  int64_t pkd_version = 0;
  std::vector<std::string> reasons;
  pki::ListSigner signer = pki::ListSigner::kAbsent;
  std::string signer_certificate;
  std::string signer_anchor;
  std::string sha256;
};

struct TrustPlan {
  TrustChange change;                      // without number, time and actor
  std::vector<TrustImportResult> results;  // one a file, in their order
};

// `used`: what is trusted now. `waiting`: what waits in other imports; it is known and not taken twice. `held`: the
// versions of the Public Key Directory that were taken before.
//
// A delta that does not follow what is held, files before it in the same import included, is refused as a file and the
// others are taken. What it deletes is looked up by issuer and serial number among what is used: signers go at once,
// revocation lists when a second person accepts. A signer under the name of one that is used replaces it. The anchors
// of a master list that is deleted stay: two people accepted them, not the list. What still waits in another import is
// not touched. A whole file adds, and takes nothing out; it is walked entry by entry, and only the bytes of what is new
// are kept.
TrustPlan PlanImport(const std::vector<NamedContent>& files, const pki::TrustStore& used,
                     const std::set<pki::Fingerprint>& waiting, const pki::PkdHeld& held,
                     const pki::ProgressListener& progress = nullptr);

}  // namespace gatehouse::document
