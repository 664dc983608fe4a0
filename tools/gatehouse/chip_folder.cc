#include "tools/gatehouse/chip_folder.h"

#include <google/protobuf/stubs/common.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/limits.h"
#include "tools/gatehouse/files.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;

constexpr char kZoneFile[] = "mrz.txt";
constexpr char kReadingFile[] = "reading.json";
constexpr size_t kMaxReadingBytes = 1024 * 1024;

// As large as the file and no larger: a load generator holds thousands of them.
std::string ReadCut(const std::filesystem::path& path, size_t max_bytes) {
  std::error_code error;
  const uintmax_t file_bytes = std::filesystem::file_size(path, error);
  if (error) return "";
  std::ifstream in(path, std::ios::binary);
  std::string content(std::min<uintmax_t>(file_bytes, max_bytes + 1), '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(in.gcount()));
  return content;
}

// The files of a folder in the order of their names.
std::vector<std::filesystem::path> FilesOf(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// "EF.DG1" for what is called EF.DG1.bin, EF_DG1.bin, DG1.dat or Datagroup1.bin; "" for a file that is none of a chip.
std::string ChipFileName(const std::filesystem::path& file) {
  const std::string extension = absl::AsciiStrToLower(file.extension().string());
  if (extension != ".bin" && extension != ".dat") return "";
  std::string name = file.stem();
  const std::string as_written = name;
  for (const char* prefix : {"EF.", "EF_"}) {
    if (absl::StartsWithIgnoreCase(name, prefix)) name.erase(0, 3);
  }
  if (absl::StartsWithIgnoreCase(name, "Datagroup")) name.replace(0, 9, "DG");
  for (const char* known : {"COM", "SOD", "CardAccess", "CardSecurity"}) {
    if (absl::EqualsIgnoreCase(name, known)) return absl::StrCat("EF.", known);
  }
  int number = 0;
  if (absl::StartsWithIgnoreCase(name, "DG") && absl::SimpleAtoi(name.substr(2), &number) && number >= 1 &&
      number <= emrtd::kMaxDataGroupNumber) {
    return absl::StrCat("EF.DG", number);
  }
  // A file of a chip that nobody reads is told as such.
  return absl::StartsWith(as_written, "EF.") ? as_written : "";
}

// Every file whose name says that it is one of the chip.
absl::Status AddChipFiles(const std::vector<std::filesystem::path>& files, pb::DocumentInput& input) {
  std::map<std::string, std::filesystem::path> found;
  for (const std::filesystem::path& file : files) {
    const std::string name = ChipFileName(file);
    if (name.empty()) continue;
    const auto [other, added] = found.emplace(name, file);
    if (!added) {
      return absl::InvalidArgumentError(absl::StrCat(file.string(), ": ", name, " too, as ",
                                                     other->second.filename().string(), "; leave one of them"));
    }
    pb::ChipFile* chip_file = input.add_chip_files();
    chip_file->set_name(name);
    chip_file->set_content(ReadCut(file, kMaxChipFileBytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<pb::DocumentInput> ReadReading(const std::filesystem::path& path) {
  std::error_code error;
  pb::DocumentInput reading;
  if (!std::filesystem::is_regular_file(path, error)) return reading;
  const auto parsed = google::protobuf::util::JsonStringToMessage(ReadCut(path, kMaxReadingBytes), &reading);
  if (parsed.ok()) return reading;
  return absl::InvalidArgumentError(absl::StrCat(path.string(), ": ", std::string(parsed.message())));
}

}  // namespace

absl::StatusOr<pb::DocumentInput> ReadChipFolder(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return absl::NotFoundError(absl::StrCat(folder, ": no such folder"));
  }
  GH_ASSIGN_OR_RETURN(pb::DocumentInput input, ReadReading(std::filesystem::path(folder) / kReadingFile));
  const std::vector<std::filesystem::path> files = FilesOf(folder);
  GH_RETURN_IF_ERROR(AddChipFiles(files, input));
  for (const std::filesystem::path& file : files) {
    const std::string name = file.filename();
    if (absl::StartsWith(name, "seal-") && absl::EndsWith(name, ".bin"))
      input.add_seals(ReadCut(file, kMaxChipFileBytes));
  }
  const std::filesystem::path mrz = std::filesystem::path(folder) / kZoneFile;
  const bool has_mrz = std::filesystem::is_regular_file(mrz, error);
  if (has_mrz) {
    std::string text = ReadCut(mrz, 4096);
    // Bytes of another encoding fit no request, and a zone has none of them.
    if (!google::protobuf::internal::IsStructurallyValidUTF8(text.data(), static_cast<int>(text.size()))) {
      return absl::InvalidArgumentError(absl::StrCat(mrz.string(), ": is not UTF-8 text"));
    }
    input.set_mrz(std::move(text));
  }
  if (!has_mrz && input.chip_files().empty()) {
    return absl::NotFoundError(
        absl::StrCat(folder, ": holds neither mrz.txt nor a file of a chip (EF.SOD.bin, EF.DG1.bin ...)"));
  }
  return input;
}

absl::Status WriteChipFolder(const pb::DocumentInput& input, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto write = [&](const std::string& name, const std::string& content) -> absl::Status {
    std::ofstream out(std::filesystem::path(folder) / name, std::ios::binary);
    out << content;
    out.close();
    return out ? absl::OkStatus() : absl::InvalidArgumentError(absl::StrCat(folder, "/", name, ": cannot be written"));
  };
  if (!input.mrz().empty()) GH_RETURN_IF_ERROR(write(kZoneFile, input.mrz()));
  for (const pb::ChipFile& file : input.chip_files()) {
    GH_RETURN_IF_ERROR(write(file.name() + ".bin", file.content()));
  }
  for (int i = 0; i < input.seals_size(); ++i) {
    GH_RETURN_IF_ERROR(write(absl::StrCat("seal-", i + 1, ".bin"), input.seals(i)));
  }
  pb::DocumentInput reading = input;
  reading.clear_mrz();
  reading.clear_chip_files();
  reading.clear_seals();
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = true;
  const auto printed = google::protobuf::util::MessageToJsonString(reading, &text, options);
  if (!printed.ok()) return absl::InternalError(absl::StrCat(kReadingFile, ": ", std::string(printed.message())));
  return write(kReadingFile, text);
}

}  // namespace gatehouse::cli
