// Files and folders that hold what only this user may see. What we write never goes through a link that somebody laid
// in its way; what an operator gives us (certificates, keys) may be a link, as Kubernetes Secrets are, but not open to
// all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gatehouse::base {

// Makes a folder that only this user may enter, and those above it, unless there is one; one that is there is judged as
// by CheckOwnFolder. INVALID_ARGUMENT when it cannot be made.
absl::Status MakeOwnFolder(const std::filesystem::path& path);

// INVALID_ARGUMENT with the chmod to do when group or others may write to the folder: they could exchange what is in
// it, or lay something beside it. A folder that is absent is OK.
absl::Status CheckOwnFolder(const std::filesystem::path& path);

// The same for a folder that we only read files of an operator from: a sticky one (as Kubernetes mounts Secrets, 1777)
// is OK, for nobody can exchange what is another's there.
absl::Status CheckGivenFolder(const std::filesystem::path& path);

// INVALID_ARGUMENT with the chmod to do when others may read a private key that an operator gave, or group or others
// may write it. The group may read it: Kubernetes gives Secrets as 0440 of the pod's own group. A file that is absent
// is OK.
absl::Status CheckPrivateFile(const std::filesystem::path& path);

// The whole file or none of it, durable on return: written beside (mode 0600), synced, renamed, the folder synced. A
// link of that name is replaced, never followed. UNAVAILABLE with what the system said.
absl::Status WriteOwnFile(const std::filesystem::path& path, std::string_view text);

}  // namespace gatehouse::base
