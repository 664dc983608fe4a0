// The file of the master key, and which data folder it belongs to. Private to libs/runtime.
//
// A process on SQLite leaves a note beside its key, `<seal_key_file>.folder`, with the ids of the data folders it
// has served: a folder that is not mounted at a start looks like a new one, and the note tells that it is not. Where
// the key's folder cannot be written (a mounted Secret) there is no note.
#pragma once

#include "libs/runtime/manifest.h"
#include "libs/runtime/module.h"

namespace gatehouse::runtime {

// The key for the store of `service`, made when that store is new and no store of the folder has lived.
// FAILED_PRECONDITION when it is absent otherwise; else as seal::ReadMasterKey.
absl::StatusOr<seal::MasterKey> MasterKeyOf(const v1::Config& config, const Manifest& manifest,
                                            std::string_view service, base::Random& random);

// Before anything is made: FAILED_PRECONDITION when there is a note, and it does not name this folder.
absl::Status CheckKeyNote(const v1::Config& config, const Manifest& manifest);
// Adds this folder to the note, once a store of it has been made with the key or a person has said that it is new.
// False when the note named it already, or cannot be written.
bool LeaveKeyNote(const v1::Config& config, const Manifest& manifest);

}  // namespace gatehouse::runtime
