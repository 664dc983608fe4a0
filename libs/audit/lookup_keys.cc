#include "libs/audit/lookup_keys.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "libs/audit/folder.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSubjectHexDigits = 32;  // 128 bits: enough that two documents never share a subject
constexpr size_t kQuarterBytes = 6;
constexpr size_t kLabelDigits = 4;
constexpr std::string_view kKeySuffix = ".key";
constexpr std::string_view kDocumentPrefix = "document:";
constexpr std::string_view kNamePrefix = "name:";

bool IsQuarter(std::string_view text) {
  return text.size() == kQuarterBytes && text[4] == 'Q' && text[5] >= '1' && text[5] <= '4' &&
         text.substr(0, 4).find_first_not_of("0123456789") == std::string_view::npos;
}

absl::Time EndOfQuarter(std::string_view quarter) {
  const int year = std::stoi(std::string(quarter.substr(0, 4)));
  const int last_month = 3 * (quarter[5] - '0');
  return absl::FromCivil(absl::CivilMonth(year, last_month) + 1, absl::UTCTimeZone());
}

std::string KeyPath(const std::string& folder, std::string_view quarter) {
  return absl::StrCat(folder, "/", std::string(quarter), std::string(kKeySuffix));
}

// The word keeps a document from passing for a name.
std::string Subject(const LookupKey& key, std::string_view prefix, std::string_view quarter, const std::string& text) {
  const std::string message = absl::StrCat(std::string(prefix), text);
  std::array<uint8_t, EVP_MAX_MD_SIZE> mac;
  unsigned int size = 0;
  const std::string& secret = key.Reveal();
  GH_CHECK(::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                  reinterpret_cast<const uint8_t*>(message.data()), message.size(), mac.data(), &size) != nullptr);
  const std::string hex =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(mac.data()), kSubjectHexDigits / 2));
  return absl::StrCat(std::string(prefix), KeyLabel(key, quarter), ":", hex);
}

// NOT_FOUND when it is absent.
absl::StatusOr<LookupKey> ReadKey(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return absl::NotFoundError(absl::StrCat("audit look-up key ", path));
  if (!file.is_open()) return SystemError(absl::StrCat("open ", path));
  struct stat info = {};
  if (::fstat(file.fd(), &info) != 0) return SystemError(absl::StrCat("look at ", path));
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("audit look-up key ", path, ": others may read it; chmod 600"));
  }
  char text[2 * kKeyBytes + 2];
  const ssize_t got = ::read(file.fd(), text, sizeof text);
  if (got < 0) return SystemError(absl::StrCat("read ", path));
  const std::string hex(text, std::min(static_cast<size_t>(got), 2 * kKeyBytes));
  if (got != 2 * kKeyBytes + 1 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return absl::DataLossError(absl::StrCat("audit look-up key ", path, ": is not 64 hex digits and a line end"));
  }
  return LookupKey(std::string(absl::HexStringToBytes(hex)));
}

// Whole or not at all, and the first process of a State that comes wins: the file is linked to its name, which fails
// when another process was first.
absl::Status MakeKey(const std::string& folder, const std::string& quarter, base::Random& random) {
  GH_RETURN_IF_ERROR(MakeFolder(folder));
  std::array<uint8_t, kKeyBytes + 8> bytes;
  random.Fill(bytes.data(), bytes.size());
  const absl::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string aside =
      absl::StrCat(folder, "/.", quarter, ".", absl::BytesToHexString(view.substr(kKeyBytes)), ".new");
  const std::string path = KeyPath(folder, quarter);
  const File file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return SystemError(absl::StrCat("create ", aside));
  absl::Status status = WriteAll(file.fd(), absl::BytesToHexString(view.substr(0, kKeyBytes)) + "\n", aside);
  if (status.ok() && ::fdatasync(file.fd()) != 0) status = SystemError(absl::StrCat("sync ", aside));
  if (status.ok() && ::link(aside.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    status = SystemError(absl::StrCat("link ", path));
  }
  ::unlink(aside.c_str());
  if (status.ok()) status = SyncFolder(folder);
  return status;
}

}  // namespace

std::string QuarterOf(absl::Time time) {
  const absl::CivilMonth month = absl::ToCivilMonth(time, absl::UTCTimeZone());
  return absl::StrCat(absl::Dec(month.year(), absl::kZeroPad4), "Q", (month.month() - 1) / 3 + 1);
}

std::optional<std::string> DocumentSubject(const LookupKey& key, std::string_view quarter,
                                           const base::DocumentKey& document) {
  const std::optional<std::string> text = base::DocumentText(document);
  if (!text.has_value()) return std::nullopt;
  return Subject(key, kDocumentPrefix, quarter, *text);
}

std::optional<std::string> NameSubject(const LookupKey& key, std::string_view quarter, const NamedPerson& person) {
  std::vector<std::string> words;
  for (const absl::string_view part : absl::StrSplit(person.name, absl::ByAnyChar(" \t,<-'"))) {
    std::string word(part);
    for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (!word.empty()) words.push_back(std::move(word));
  }
  if (words.empty()) return std::nullopt;
  std::sort(words.begin(), words.end());
  return Subject(key, kNamePrefix, quarter, absl::StrCat(absl::StrJoin(words, " "), "|", person.birth_date.ToString()));
}

std::string KeyLabel(const LookupKey& key, std::string_view quarter) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> hash;
  unsigned int size = 0;
  // Under a word of its own, so that it says nothing about any subject.
  const std::string text = absl::StrCat("label of an audit look-up key", key.Reveal());
  GH_CHECK(::EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr) == 1);
  return absl::StrCat(std::string(quarter), ".",
                      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash.data()), 2)));
}

std::string_view LabelOfSubject(std::string_view subject) {
  for (const std::string_view prefix : {kDocumentPrefix, kNamePrefix}) {
    if (!subject.starts_with(prefix)) continue;
    const std::string_view label = subject.substr(prefix.size(), kQuarterBytes + kLabelDigits + 1);
    if (IsQuarter(label.substr(0, kQuarterBytes))) return label;
  }
  return {};
}

absl::StatusOr<LookupKey> LookupKeys::KeyOf(const std::string& quarter) {
  std::lock_guard lock(mutex_);
  if (const auto held = held_.find(quarter); held != held_.end()) return held->second;
  const std::string path = KeyPath(folder_, quarter);
  absl::StatusOr<LookupKey> key = ReadKey(path);
  if (absl::IsNotFound(key.status())) {
    GH_RETURN_IF_ERROR(MakeKey(folder_, quarter, random_));
    key = ReadKey(path);
  }
  GH_RETURN_IF_ERROR(key.status());
  held_.clear();  // two quarters meet for a moment only
  held_.emplace(quarter, *key);
  return key;
}

absl::StatusOr<std::vector<std::string>> LookupKeys::SubjectsOf(const Leaf& leaf) {
  std::vector<std::string> subjects = leaf.subjects;
  if (leaf.documents.empty() && leaf.names.empty()) return subjects;
  const std::string quarter = QuarterOf(leaf.time);
  GH_ASSIGN_OR_RETURN(const LookupKey key, KeyOf(quarter));
  std::set<std::string> seen;
  const auto add = [&](std::optional<std::string> subject) {
    if (subject.has_value() && seen.insert(*subject).second) subjects.push_back(*std::move(subject));
  };
  for (const base::DocumentKey& document : leaf.documents) add(DocumentSubject(key, quarter, document));
  for (const NamedPerson& person : leaf.names) {
    add(NameSubject(key, quarter, person));
    add(NameSubject(key, quarter, {.name = person.name}));
  }
  return subjects;
}

absl::StatusOr<std::map<std::string, LookupKey>> ReadLookupKeys(const std::string& folder) {
  std::map<std::string, LookupKey> keys;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.ends_with(kKeySuffix)) continue;
    const std::string quarter = name.substr(0, name.size() - kKeySuffix.size());
    if (!IsQuarter(quarter)) continue;
    GH_ASSIGN_OR_RETURN(LookupKey key, ReadKey(entry->path().string()));
    keys.emplace(quarter, std::move(key));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::UnavailableError(absl::StrCat("audit look-up keys ", folder, ": ", error.message()));
  }
  return keys;
}

absl::StatusOr<std::vector<std::string>> DestroyLookupKeys(const std::string& folder, absl::Time before) {
  GH_ASSIGN_OR_RETURN(const auto keys, ReadLookupKeys(folder));
  std::vector<std::string> ended;
  for (const auto& [quarter, key] : keys) {
    if (EndOfQuarter(quarter) > before) continue;
    const std::string path = KeyPath(folder, quarter);
    if (std::filesystem::is_symlink(path)) {
      return absl::FailedPreconditionError(
          absl::StrCat("audit look-up key ", path, " is a link: the key that it leads to has to be destroyed there"));
    }
    ended.push_back(quarter);
  }
  std::vector<std::string> destroyed;
  for (const std::string& quarter : ended) {
    const std::string path = KeyPath(folder, quarter);
    // Overwritten first: a copy-on-write disk may keep the old bytes, any other does not.
    const File file(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.is_open()) return SystemError(absl::StrCat("open ", path));
    GH_RETURN_IF_ERROR(WriteAll(file.fd(), std::string(2 * kKeyBytes + 1, '0'), path));
    if (::fdatasync(file.fd()) != 0) return SystemError(absl::StrCat("sync ", path));
    if (::unlink(path.c_str()) != 0) return SystemError(absl::StrCat("remove ", path));
    destroyed.push_back(quarter);
  }
  if (!destroyed.empty()) GH_RETURN_IF_ERROR(SyncFolder(folder));
  return destroyed;
}

}  // namespace gatehouse::audit
