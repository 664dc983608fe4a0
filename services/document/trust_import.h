// From files to a change of the trust store: what of them is new, what may be used at once, and what waits for a second
// person (docs/decisions/0006-two-people-for-anchors.md).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "libs/pki/trust_material.h"
#include "services/document/trust_change.h"

namespace gatehouse::document {

struct NamedContent {
  std::string name;
  std::string content;
};

// What happened to one file.
struct TrustImportResult {
  std::string name;
  pki::TrustFileKind kind = pki::TrustFileKind::kUnknown;
  int accepted = 0;  // new here, in use or waiting
  int already_known = 0;
  int rejected = 0;
  int pending = 0;  // of the accepted
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

// `used`: what is trusted now. `waiting`: what waits in other imports; it is known and not taken twice.
TrustPlan PlanImport(const std::vector<NamedContent>& files, const pki::TrustStore& used,
                     const std::set<pki::Fingerprint>& waiting);

}  // namespace gatehouse::document
