#include "libs/audit/segment_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

std::string AsidePath(const std::string& path) { return path + ".new"; }

absl::Status Remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return SystemError(absl::StrCat("remove ", path));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SegmentWriter> SegmentWriter::Create(const std::string& folder, const SegmentHeader& header) {
  SegmentWriter writer;
  writer.path_ = SegmentPath(folder, header.number);
  const std::string aside = AsidePath(writer.path_);
  GH_RETURN_IF_ERROR(Remove(aside));  // never through a link that somebody left there
  writer.file_ = File(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0600));
  if (!writer.file_.is_open()) return SystemError(absl::StrCat("create ", aside));
  std::string bytes;
  writer.hash_ = AppendHeader(header, bytes);
  absl::Status status = WriteAll(writer.file_.fd(), bytes, aside);
  if (status.ok() && ::fdatasync(writer.file_.fd()) != 0) status = SystemError(absl::StrCat("sync ", aside));
  if (status.ok() && ::rename(aside.c_str(), writer.path_.c_str()) != 0) {
    status = SystemError(absl::StrCat("rename ", aside));
  }
  if (status.ok()) status = SyncFolder(folder);
  if (!status.ok()) {
    (void)Remove(aside);
    (void)Remove(writer.path_);
    return status;
  }
  writer.number_ = header.number;
  writer.size_ = bytes.size();
  return writer;
}

size_t SegmentWriter::SizeWith(const std::vector<std::string>& contents) const {
  size_t bytes = size_;
  for (const std::string& content : contents) bytes += content.size() + sizeof(uint32_t) + sizeof(Hash);
  return bytes;
}

absl::Status SegmentWriter::Append(const std::vector<std::string>& contents) {
  std::string bytes;
  Hash hash = hash_;
  for (const std::string& content : contents) hash = AppendRecord(hash, content, bytes);
  absl::Status status = WriteAll(file_.fd(), bytes, path_);
  if (status.ok() && ::fdatasync(file_.fd()) != 0) {
    distrusted_ = true;
    status = SystemError(absl::StrCat("sync ", path_));
  }
  if (!status.ok()) {
    [[maybe_unused]] const int cut = ::ftruncate(file_.fd(), static_cast<off_t>(size_));
    return status;
  }
  hash_ = hash;
  size_ += bytes.size();
  return absl::OkStatus();
}

absl::Status SegmentWriter::CutBack(const std::string& folder) {
  const std::string next = SegmentPath(folder, number_ + 1);
  GH_RETURN_IF_ERROR(Remove(AsidePath(next)));
  GH_RETURN_IF_ERROR(Remove(next));  // it holds a header at most: nothing was acknowledged in it
  if (::ftruncate(file_.fd(), static_cast<off_t>(size_)) != 0) return SystemError(absl::StrCat("cut ", path_));
  if (::fdatasync(file_.fd()) != 0) {
    distrusted_ = true;
    return SystemError(absl::StrCat("sync ", path_));
  }
  GH_ASSIGN_OR_RETURN(const std::string bytes, ReadSegment(path_));
  GH_ASSIGN_OR_RETURN(SegmentReader reader, SegmentReader::Make(bytes));
  bool matches = true;
  SegmentReader::State state;
  while ((state = reader.Next()) == SegmentReader::State::kLeaf) matches = matches && reader.matches();
  if (!matches || state != SegmentReader::State::kEnd || reader.head() != hash_ || bytes.size() != size_) {
    return absl::DataLossError(absl::StrCat(path_, " does not hold what was acknowledged"));
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::audit
