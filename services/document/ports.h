// What the document service needs from outside, in its own words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatehouse::document {

// A file of trust material as it was imported, with its provenance.
struct TrustFile {
  std::string name;
  std::string content;
  std::string sha256;  // hex
  std::string imported_by;
  absl::Time imported_at;
  int64_t import_number = 0;  // counts up over all imports of the store
};

// Keeps what was imported. Save is atomic over all files, durable on return,
// and publishes the fact; a file that is there already (by digest) is left as
// it was.
class TrustRepository {
 public:
  virtual ~TrustRepository() = default;
  virtual absl::Status Save(const std::vector<TrustFile>& files) = 0;
  virtual absl::StatusOr<std::vector<TrustFile>> LoadSince(int64_t import_number) = 0;
};

}  // namespace gatehouse::document
