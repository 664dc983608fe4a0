// The trust store of the service: what was imported, and the immutable snapshot
// that verification uses, switched by one pointer. A replica that shares the
// store picks up what another one imported by Refresh().
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/pki/trust_material.h"
#include "libs/pki/trust_store.h"
#include "services/document/ports.h"

namespace gatehouse::document {

struct TrustSnapshot {
  std::shared_ptr<const pki::TrustStore> store;
  absl::Time newest_import = absl::InfinitePast();
};

struct TrustImportResult {
  std::string name;
  pki::TrustFileKind kind = pki::TrustFileKind::kUnknown;
  int accepted = 0;
  int already_known = 0;
  int rejected = 0;
  std::vector<std::string> reasons;
  pki::ListSigner signer = pki::ListSigner::kAbsent;
};

// One certificate or revocation list, with where it came from.
struct TrustEntry {
  std::string kind;  // csca, link, dsc, crl
  std::string country;
  std::string subject;
  std::string issuer;
  std::string serial;
  std::string sha256;
  absl::Time not_before;
  absl::Time not_after;
  std::string source;
  std::string imported_by;
  absl::Time imported_at;
};

// Thread-safe.
class Trust {
 public:
  struct Deps {
    TrustRepository& repository;
    base::Clock& clock;
  };
  explicit Trust(Deps deps);

  // Loads what the repository has that this process has not. Called at start
  // and from time to time.
  absl::Status Refresh();

  struct NamedContent {
    std::string name;
    std::string content;
  };
  // Imports what can be used of the files; durable on return. One result a
  // file, in their order. INVALID_ARGUMENT for no file at all.
  absl::StatusOr<std::vector<TrustImportResult>> Import(const std::vector<NamedContent>& files,
                                                        const std::string& imported_by);

  // Never null.
  TrustSnapshot snapshot() const;
  // In order of import.
  std::vector<TrustEntry> List() const;

 private:
  struct Imported {
    TrustFile file;  // without its content
    pki::TrustMaterial material;
  };

  Deps deps_;
  std::mutex import_mutex_;  // one import or refresh at a time; verification goes on
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const Imported>> imported_;
  std::set<std::string> known_;  // fingerprints
  TrustSnapshot snapshot_;
};

}  // namespace gatehouse::document
