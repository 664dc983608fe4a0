// What a data folder has had, so that what is missing at a start is known to be missing and never made anew: the file
// `manifest` names the audit log and each store with its id, which stands in a table of the store too. A folder with
// data and no manifest has lost it, and is refused. Private to libs/runtime.
//
//   gatehouse data folder 1
//   folder 0193...             the folder's own id
//   audit                      the audit log has begun
//   making traveller 0193...   the store is being made; it has answered nobody yet
//   store traveller 0193...
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gatehouse::runtime {

// What the flag --begin-anew names beside a service.
inline constexpr std::string_view kAuditPart = "audit";
inline constexpr std::string_view kFolderPart = "folder";

class Manifest {
 public:
  struct Store {
    std::string id;
    bool lived = false;  // false: being made
  };
  // Reads the manifest of a folder whose lock is held; a folder without data begins one under `new_id`.
  // FAILED_PRECONDITION when the folder has data and no manifest, DATA_LOSS when the manifest cannot be read,
  // UNAVAILABLE when it cannot be written.
  static absl::StatusOr<Manifest> Open(const std::filesystem::path& folder, const std::string& new_id);
  // A new one for what is there: the next start takes what it finds. FAILED_PRECONDITION when there is one already.
  static absl::Status BeginAnew(const std::filesystem::path& folder, const std::string& new_id);

  const std::string& id() const { return id_; }
  bool has_audit() const { return has_audit_; }
  std::optional<Store> store(std::string_view service) const;
  // Any store that has lived.
  bool has_store() const;

  // Each durable on return; UNAVAILABLE when the disk refuses.
  absl::Status Making(std::string_view service, std::string id);
  absl::Status Lives(std::string_view service, std::string id);
  absl::Status AuditBegan();
  // FAILED_PRECONDITION when it does not know `part`, a service or kAuditPart.
  absl::Status Forget(std::string_view part);

 private:
  explicit Manifest(std::filesystem::path folder) : file_(folder / "manifest") {}
  absl::Status Read();
  absl::Status Take(std::string_view line);
  absl::Status Write() const;

  std::filesystem::path file_;
  std::string id_;
  bool has_audit_ = false;
  std::map<std::string, Store, std::less<>> stores_;
};

// What a person reads when something that was there is not: what, since when it is known, and what to do.
absl::Status Lost(std::string_view what, std::string_view part);

}  // namespace gatehouse::runtime
