// The descriptions of each family of files. Internal to libs/emrtd/lds.
#pragma once

#include "absl/strings/str_cat.h"
#include "libs/base/redacted.h"
#include "libs/emrtd/lds/describe_file.h"

namespace gatehouse::emrtd {

// Adds fields to a description; a value that is absent adds none.
class FieldWriter {
 public:
  explicit FieldWriter(FileDescription& description) : description_(description) {}

  void Add(std::string name, std::string value) { description_.fields.push_back({std::move(name), std::move(value)}); }
  void AddWord(std::string name, std::string_view word) {
    if (!word.empty()) Add(std::move(name), std::string(word));
  }
  void AddNumber(std::string name, int64_t number) { Add(std::move(name), absl::StrCat(number)); }
  void AddPersonal(std::string name, std::string_view value) {
    if (!value.empty()) description_.fields.push_back({std::move(name), std::string(value), true});
  }
  void AddPersonal(std::string name, const base::Redacted<std::string>& value) {
    AddPersonal(std::move(name), std::string_view(value.Reveal()));
  }
  // Format, size and bytes; the picture itself is listed beside the fields.
  void AddPicture(const std::string& name, const Picture& picture);
  void AddFindings(const FileFindings& findings) {
    description_.findings.insert(description_.findings.end(), findings.begin(), findings.end());
  }
  FileDescription& description() { return description_; }

 private:
  FileDescription& description_;
};

// "face_1".
inline std::string Numbered(const char* name, size_t index) { return absl::StrCat(name, "_", index + 1); }

absl::Status DescribeBiometrics(int data_group, Bytes file, FieldWriter& fields);  // DG2, DG3, DG4
absl::Status DescribeDetails(int data_group, Bytes file, FieldWriter& fields);     // DG11, DG12, DG16
absl::Status DescribeDataGroup14(Bytes file, FieldWriter& fields);
absl::Status DescribeCardAccess(Bytes file, FieldWriter& fields);
absl::Status DescribeCardSecurity(Bytes file, FieldWriter& fields);

}  // namespace gatehouse::emrtd
