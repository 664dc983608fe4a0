#include "libs/runtime/key_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/own_file.h"
#include "libs/base/status_macros.h"
#include "libs/observe/log.h"
#include "libs/runtime/config.h"
#include "libs/runtime/open_store.h"

namespace gatehouse::runtime {
namespace {

std::string NoteOf(const v1::Config& config) { return config.seal_key_file() + ".folder"; }

std::vector<std::string> ReadNote(const v1::Config& config) {
  std::vector<std::string> ids;
  std::ifstream note(NoteOf(config));
  for (std::string id; note >> id;) ids.push_back(id);
  return ids;
}

bool Names(const std::vector<std::string>& note, const Manifest& manifest) {
  return std::find(note.begin(), note.end(), manifest.id()) != note.end();
}

// A data folder without SQLite stores may be new at every start.
bool HoldsStores(const v1::Config& config) {
  if (config.stores().empty()) return true;
  for (const v1::ModuleStore& store : config.stores()) {
    if (IsSqlite(store.dsn())) return true;
  }
  return false;
}

}  // namespace

// A master key is made once, with the first store; a store that has data and no key has lost it, and a new one would
// only hide that.
absl::StatusOr<seal::MasterKey> MasterKeyOf(const v1::Config& config, const Manifest& manifest,
                                            std::string_view service, base::Random& random) {
  const std::string& file = config.seal_key_file();
  absl::StatusOr<seal::MasterKey> key = seal::ReadMasterKey(file);
  if (key.ok() || !absl::IsNotFound(key.status())) return key;
  if (StoreIsNew(config, manifest, service) && !manifest.has_store()) {
    GH_RETURN_IF_ERROR(base::MakeOwnFolder(std::filesystem::path(file).parent_path()));
    return seal::CreateMasterKey(file, random);
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "seal_key_file ", file,
      " is absent, and the store is not new: restore the key from its backup, without it nothing sealed can be read"));
}

absl::Status CheckKeyNote(const v1::Config& config, const Manifest& manifest) {
  const std::vector<std::string> note = ReadNote(config);
  if (!HoldsStores(config) || note.empty() || Names(note, manifest)) return absl::OkStatus();
  return Lost(absl::StrCat("data_dir ", config.data_dir(), " is no folder that seal_key_file ", config.seal_key_file(),
                           " has served (id ", note.back(), "): it is not mounted, or lost"),
              kFolderPart);
}

bool LeaveKeyNote(const v1::Config& config, const Manifest& manifest) {
  std::vector<std::string> note = ReadNote(config);
  if (!HoldsStores(config) || Names(note, manifest)) return false;
  note.push_back(manifest.id());
  const absl::Status written = base::WriteOwnFile(NoteOf(config), absl::StrJoin(note, "\n") + "\n");
  if (!written.ok()) {
    observe::LogInfo("no note beside the key: a data folder that is not mounted will look new",
                     {{"why", std::string(written.message())}});
  }
  return written.ok();
}

}  // namespace gatehouse::runtime
