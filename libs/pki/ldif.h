// LDIF, the text form of directory entries and of changes to them (RFC 2849): what the ICAO Public Key Directory is
// published as. A generic reader: it knows nothing of what the entries mean. It walks the caller's text, which must
// outlive it, holds one record at a time, and copies only the values of that record.
//
// Read: comments, folded lines, `::` Base64, all change types, several values of one attribute, the `control:` lines
// of changes (ignored). Refused: `:<`, a value to be fetched from elsewhere; a record is then broken as a whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxLdifRecordBytes = 32 * 1024 * 1024;  // a revocation list or a master list in Base64
inline constexpr size_t kMaxLdifAttributes = 1024;

struct LdifAttribute {
  std::string name;  // lower case, options included: "usercertificate;binary"
  std::string value;
};

// kContent: an entry as it is, in a file of entries; the others are changes.
enum class LdifChange { kContent, kAdd, kModify, kDelete, kRename };

// One part of a modification: "replace: pkdVersion" and the values under it.
struct LdifModification {
  enum class Kind { kAdd, kReplace, kDelete } kind = Kind::kAdd;
  std::string name;  // lower case
  std::vector<std::string> values;
};

struct LdifRecord {
  size_t line = 0;  // of its first line, from 1
  std::string dn;   // as it stands
  LdifChange change = LdifChange::kContent;
  std::vector<LdifAttribute> attributes;        // of kContent and kAdd
  std::vector<LdifModification> modifications;  // of kModify

  // The first value of the attribute, any options of the name aside; null when there is none. `name` in lower case.
  const std::string* Find(std::string_view name) const;
};

class LdifReader {
 public:
  explicit LdifReader(std::string_view text) : rest_(text) {}

  // The next record; nothing at the end. A broken one is INVALID_ARGUMENT "line N: reason", and the reader stands
  // behind it: records are apart by blank lines.
  std::optional<absl::StatusOr<LdifRecord>> Next();

 private:
  // The next line put together from its folds into `line`; false at the end of the record. Comments are passed over.
  bool NextLine(std::string& line);
  bool AtBlankLine() const;
  void SkipBlankLines();
  absl::StatusOr<LdifRecord> ReadRecord();

  std::string_view rest_;
  size_t line_ = 1;  // of the first line of `rest_`
  size_t record_bytes_ = 0;
};

// One "type=value" of a relative distinguished name.
struct DnPart {
  std::string type;  // lower case
  std::string value;
};
// The relative distinguished names of a DN, the leaf first, each with its parts (RFC 4514): backslash escapes before a
// character or two hexadecimal digits, several parts joined by "+". INVALID_ARGUMENT for anything else.
absl::StatusOr<std::vector<std::vector<DnPart>>> ParseDn(std::string_view dn);

}  // namespace gatehouse::pki
