// The snapshot of the trust store as a file of the data folder: written beside the old one, synced, renamed, and
// read into memory of its own.
#pragma once

#include <memory>
#include <string>

#include "services/document/ports.h"

namespace gatehouse::document {

// FOLDER/trust.snapshot; the folder is made when it is missing.
std::unique_ptr<TrustSnapshotFile> MakeTrustSnapshotFile(std::string folder);

}  // namespace gatehouse::document
