#include "libs/runtime/manifest.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/own_file.h"
#include "libs/base/status_macros.h"

namespace gatehouse::runtime {
namespace {

constexpr absl::string_view kFirstLine = "gatehouse data folder 1";
constexpr size_t kMaxManifestBytes = 64 * 1024;

// A folder that was only just made holds a lock, and perhaps a port file or an empty folder.
bool HoldsData(const std::filesystem::path& folder) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".db")) return true;
    if (name == "audit" && !std::filesystem::is_empty(entry.path(), failed)) return true;
  }
  return false;
}

absl::StatusOr<std::string> ReadText(const std::filesystem::path& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return absl::NotFoundError("absent");
  if (fd < 0) return absl::DataLossError(absl::StrCat(file.string(), ": ", std::strerror(errno)));
  std::string text(kMaxManifestBytes, '\0');
  const ssize_t got = read(fd, text.data(), text.size());
  close(fd);
  if (got < 0) return absl::DataLossError(absl::StrCat(file.string(), " cannot be read"));
  text.resize(static_cast<size_t>(got));
  return text;
}

}  // namespace

absl::Status Lost(std::string_view what, std::string_view part) {
  return absl::FailedPreconditionError(absl::StrCat(
      std::string(what), ". Restore it from its backup; or, knowing that what it held is gone, run this program with ",
      "--begin-anew ", std::string(part), " once (docs/runbooks/lost-database.md)"));
}

absl::StatusOr<Manifest> Manifest::Open(const std::filesystem::path& folder, const std::string& new_id) {
  Manifest manifest(folder);
  const absl::Status read = manifest.Read();
  if (read.ok()) return manifest;
  if (!absl::IsNotFound(read)) return read;
  if (HoldsData(folder)) {
    return Lost(absl::StrCat("data_dir ", folder.string(),
                             " holds data, and the manifest that says what belongs there is absent"),
                kFolderPart);
  }
  manifest.id_ = new_id;
  GH_RETURN_IF_ERROR(manifest.Write());
  return manifest;
}

absl::Status Manifest::BeginAnew(const std::filesystem::path& folder, const std::string& new_id) {
  Manifest manifest(folder);
  if (manifest.Read().ok()) {
    return absl::FailedPreconditionError(absl::StrCat(manifest.file_.string(), " is there: nothing is lost"));
  }
  manifest.id_ = new_id;
  return manifest.Write();
}

absl::Status Manifest::Read() {
  GH_ASSIGN_OR_RETURN(const std::string text, ReadText(file_));
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  if (lines.empty() || lines.front() != kFirstLine) {
    return absl::DataLossError(absl::StrCat(file_.string(), " is not a manifest of this version: restore it"));
  }
  for (size_t i = 1; i < lines.size(); ++i) GH_RETURN_IF_ERROR(Take({lines[i].data(), lines[i].size()}));
  if (id_.empty()) return absl::DataLossError(absl::StrCat(file_.string(), " names no folder: restore it"));
  return absl::OkStatus();
}

absl::Status Manifest::Take(std::string_view line) {
  const std::vector<std::string> words = absl::StrSplit(absl::string_view(line.data(), line.size()), ' ');
  if (words.size() == 1 && words[0] == "audit") {
    has_audit_ = true;
  } else if (words.size() == 2 && words[0] == "folder") {
    id_ = words[1];
  } else if (words.size() == 3 && (words[0] == "store" || words[0] == "making")) {
    stores_[words[1]] = {.id = words[2], .lived = words[0] == "store"};
  } else {
    return absl::DataLossError(absl::StrCat(file_.string(), " is damaged: restore it"));
  }
  return absl::OkStatus();
}

absl::Status Manifest::Write() const {
  std::string text = absl::StrCat(kFirstLine, "\nfolder ", id_, "\n");
  if (has_audit_) text += "audit\n";
  for (const auto& [service, store] : stores_) {
    absl::StrAppend(&text, store.lived ? "store " : "making ", service, " ", store.id, "\n");
  }
  return base::WriteOwnFile(file_, text);
}

std::optional<Manifest::Store> Manifest::store(std::string_view service) const {
  const auto found = stores_.find(service);
  if (found == stores_.end()) return std::nullopt;
  return found->second;
}

bool Manifest::has_store() const {
  return std::any_of(stores_.begin(), stores_.end(), [](const auto& entry) { return entry.second.lived; });
}

absl::Status Manifest::Making(std::string_view service, std::string id) {
  stores_[std::string(service)] = {.id = std::move(id)};
  return Write();
}

absl::Status Manifest::Lives(std::string_view service, std::string id) {
  Store& store = stores_[std::string(service)];
  if (store.lived && store.id == id) return absl::OkStatus();
  store = {.id = std::move(id), .lived = true};
  return Write();
}

absl::Status Manifest::AuditBegan() {
  if (has_audit_) return absl::OkStatus();
  has_audit_ = true;
  return Write();
}

absl::Status Manifest::Forget(std::string_view part) {
  if (part == kAuditPart && has_audit_) {
    has_audit_ = false;
    return Write();
  }
  const auto found = stores_.find(part);
  if (found == stores_.end()) {
    return absl::FailedPreconditionError(
        absl::StrCat(file_.string(), " knows no ", std::string(part), ": there is nothing to begin anew"));
  }
  stores_.erase(found);
  return Write();
}

}  // namespace gatehouse::runtime
