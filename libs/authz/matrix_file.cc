#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "libs/authz/authz.h"
#include "libs/base/status_macros.h"

namespace gatehouse::authz {
namespace {

absl::StatusOr<std::string> ReadBounded(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return absl::InvalidArgumentError(absl::StrCat(file, ": cannot be read"));
  std::string text(kMaxMatrixBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return absl::InvalidArgumentError(absl::StrCat(file, ": cannot be read"));
  text.resize(static_cast<size_t>(stream.gcount()));
  return text;
}

}  // namespace

absl::StatusOr<std::unique_ptr<MatrixFile>> MatrixFile::Open(std::string file) {
  std::unique_ptr<MatrixFile> opened(new MatrixFile(std::move(file)));
  GH_RETURN_IF_ERROR(opened->Reread());
  return opened;
}

absl::Status MatrixFile::Reread() {
  GH_ASSIGN_OR_RETURN(std::string text, ReadBounded(file_));
  // Compared as text: a mounted file is replaced by a link, and no time or number of it need change.
  if (matrix_ != nullptr && text == text_) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<Matrix>> parsed = Parse(text);
  if (!parsed.ok()) return absl::InvalidArgumentError(absl::StrCat(file_, ": ", parsed.status().message()));
  std::shared_ptr<const Matrix> fresh = *std::move(parsed);
  text_ = std::move(text);
  std::lock_guard lock(mutex_);
  matrix_.swap(fresh);
  return absl::OkStatus();
}

}  // namespace gatehouse::authz
