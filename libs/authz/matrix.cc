#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gatehouse/runtime/v1/config.pb.h"
#include "libs/authz/authz.h"
#include "libs/base/status_macros.h"

namespace gatehouse::authz {
namespace {

using ::gatehouse::runtime::v1::AuthorizationMatrix;
using ::google::protobuf::TextFormat;

// Lines as people count them: protobuf counts from 0.
absl::Status ErrorAtLine(int line, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("authorization matrix, line ", line + 1, ": ", absl::string_view(reason.data(), reason.size())));
}

// Keeps the first error, which is the one that explains the others.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber /*column*/, const std::string& message) override {
    if (status_.ok()) status_ = ErrorAtLine(line, message);
  }
  const absl::Status& status() const { return status_; }

 private:
  absl::Status status_;
};

absl::string_view Abseil(std::string_view text) { return {text.data(), text.size()}; }

// Look-up by std::string_view without a copy.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <typename Value>
using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;
using Roles = std::vector<std::string>;

// "/package.Service/Method" or "/package.Service/*".
bool IsMethod(std::string_view text) {
  if (text.size() < 2 || text.front() != '/') return false;
  const size_t slash = text.find('/', 1);
  if (slash == std::string_view::npos) return false;
  const auto is_name = [](std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.'; });
  };
  const std::string_view method = text.substr(slash + 1);
  return is_name(text.substr(1, slash - 1)) && (method == "*" || is_name(method));
}

// One key for each way to describe a certificate; serials as openssl prints them, without leading zeros.
std::string BySha256(std::string_view sha256) { return absl::StrCat("sha256 ", absl::AsciiStrToLower(Abseil(sha256))); }
std::string ByIssuer(std::string_view issuer, std::string_view serial) {
  serial.remove_prefix(std::min(serial.find_first_not_of('0'), serial.size()));
  return absl::StrCat("serial ", absl::AsciiStrToUpper(Abseil(serial)), " of ", Abseil(issuer));
}

bool IsHex(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

Holder Nobody(const CertificateNames& certificate, absl::string_view why) {
  return {.status = absl::UnauthenticatedError(why), .identity = absl::StrCat("certificate:", certificate.sha256)};
}

std::string_view Service(std::string_view method) { return method.substr(0, method.rfind('/') + 1); }

class HashedMatrix final : public Matrix {
 public:
  absl::Status AddGrant(const runtime::v1::Grant& grant, int line) {
    if (!IsMethod(grant.method()))
      return ErrorAtLine(line, "method is not /package.Service/Method or /package.Service/*");
    if (grant.roles().empty()) return ErrorAtLine(line, absl::StrCat("no roles for ", grant.method()));
    for (const std::string& role : grant.roles()) {
      if (role.empty()) return ErrorAtLine(line, absl::StrCat("an empty role for ", grant.method()));
      known_roles_.insert(role);
    }
    const bool is_new = grants_.try_emplace(grant.method(), grant.roles().begin(), grant.roles().end()).second;
    if (!is_new) return ErrorAtLine(line, absl::StrCat("method ", grant.method(), " is granted twice"));
    return absl::OkStatus();
  }

  // After all grants.
  absl::Status AddIdentity(const runtime::v1::Identity& identity, int line) {
    if (identity.identity().empty()) return ErrorAtLine(line, "an identity without a name");
    if (!IsIdentity(identity.identity())) {
      return ErrorAtLine(line, absl::StrCat("identity is not 1 to ", kMaxIdentityBytes, " of A-Z a-z 0-9 . _ -"));
    }
    for (const std::string& role : identity.roles()) {
      if (known_roles_.contains(role)) continue;
      return ErrorAtLine(line, absl::StrCat("role \"", role, "\" of ", identity.identity(), " is in no grant"));
    }
    auto principal = std::make_shared<const Principal>(Principal{
        .identity = identity.identity(),
        .roles = Roles(identity.roles().begin(), identity.roles().end()),
        .person = identity.person(),
        .may_act_for = identity.may_act_for(),
        .officer = identity.person() ? identity.identity() : "",
    });
    for (const runtime::v1::PersonalCertificate& certificate : identity.certificates()) {
      GH_RETURN_IF_ERROR(AddCertificate(certificate, principal, line));
    }
    if (!principals_.try_emplace(identity.identity(), std::move(principal)).second) {
      return ErrorAtLine(line, absl::StrCat("identity ", identity.identity(), " is given twice"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Principal> Find(std::string_view identity) const override {
    const auto found = principals_.find(identity);
    if (found == principals_.end()) return absl::PermissionDeniedError("this identity is not in the matrix");
    return *found->second;
  }

  Holder Identify(const CertificateNames& certificate) const override {
    const std::shared_ptr<const Principal> listed = FindListed(certificate);
    std::string_view name;
    for (const std::string& uri : certificate.uris) {
      const bool is_ours = uri.starts_with(kIdentityUriScheme);
      // What else an authority writes on a card that is listed is its own affair.
      if (!is_ours && listed != nullptr) continue;
      if (!is_ours) return Nobody(certificate, "the client certificate has a URI name that is not Gatehouse's");
      if (!name.empty()) return Nobody(certificate, "the client certificate has several URI names");
      name = std::string_view(uri).substr(kIdentityUriScheme.size());
      if (!IsIdentity(name)) return Nobody(certificate, "the URI name of the client certificate is no identity");
    }
    if (listed != nullptr && !name.empty() && listed->identity != name) {
      return Nobody(certificate, "the client certificate is listed for another identity than its URI names");
    }
    if (listed != nullptr) return {.identity = listed->identity, .principal = listed};
    if (name.empty()) return Nobody(certificate, "the client certificate has no URI name");
    const auto found = principals_.find(name);
    if (found != principals_.end()) return {.identity = std::string(name), .principal = found->second};
    return {.status = absl::PermissionDeniedError("the authorisation matrix does not know this identity"),
            .identity = std::string(name)};
  }

  absl::StatusOr<std::string> Authorise(const Principal& principal, std::string_view method) const override {
    // A call names one method; the pattern itself is none, so that "/x.Y/*" cannot be asked for.
    if (!method.ends_with("/*")) {
      const auto of_method = grants_.find(method);
      const auto of_service = grants_.find(absl::StrCat(std::string(Service(method)), "*"));
      for (const std::string& role : principal.roles) {
        for (const auto& grant : {of_method, of_service}) {
          if (grant == grants_.end()) continue;
          if (std::find(grant->second.begin(), grant->second.end(), role) != grant->second.end()) return role;
        }
      }
    }
    return absl::PermissionDeniedError("no role of the caller is granted this method");
  }

  bool Knows(std::string_view method) const override {
    if (method.ends_with("/*")) return false;
    return grants_.contains(method) || grants_.contains(absl::StrCat(std::string(Service(method)), "*"));
  }

 private:
  absl::Status AddCertificate(const runtime::v1::PersonalCertificate& certificate,
                              const std::shared_ptr<const Principal>& principal, int line) {
    const std::string of = absl::StrCat(" of ", principal->identity);
    if (!principal->person) return ErrorAtLine(line, absl::StrCat("certificates", of, ", which is no person"));
    const bool by_digest = !certificate.sha256().empty();
    const bool by_issuer = !certificate.issuer().empty() || !certificate.serial().empty();
    if (by_digest == by_issuer)
      return ErrorAtLine(line, absl::StrCat("a certificate", of, " wants sha256, or issuer and serial"));
    if (by_digest && (certificate.sha256().size() != 64 || !IsHex(certificate.sha256()))) {
      return ErrorAtLine(line, absl::StrCat("sha256 of a certificate", of, " is not 64 hex digits"));
    }
    if (by_issuer && (certificate.issuer().empty() || !IsHex(certificate.serial()))) {
      return ErrorAtLine(line, absl::StrCat("a certificate", of, " wants issuer and serial (hex)"));
    }
    std::string key = by_digest ? BySha256(certificate.sha256()) : ByIssuer(certificate.issuer(), certificate.serial());
    if (certificates_.try_emplace(std::move(key), principal).second) return absl::OkStatus();
    return ErrorAtLine(line, absl::StrCat("a certificate", of, " is given twice"));
  }

  std::shared_ptr<const Principal> FindListed(const CertificateNames& certificate) const {
    if (certificates_.empty()) return nullptr;
    for (const std::string& key : {BySha256(certificate.sha256), ByIssuer(certificate.issuer, certificate.serial)}) {
      const auto found = certificates_.find(key);
      if (found != certificates_.end()) return found->second;
    }
    return nullptr;
  }

  ByText<std::shared_ptr<const Principal>> principals_;
  ByText<std::shared_ptr<const Principal>> certificates_;
  ByText<Roles> grants_;
  std::unordered_set<std::string> known_roles_;
};

}  // namespace

bool IsIdentity(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdentityBytes &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return c < 0x80 && (std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-');
         });
}

absl::StatusOr<std::unique_ptr<Matrix>> Matrix::Parse(std::string_view text) {
  if (text.size() > kMaxMatrixBytes) return absl::InvalidArgumentError("authorization matrix: larger than 4 MiB");
  AuthorizationMatrix message;
  FirstError first_error;
  TextFormat::ParseInfoTree lines;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&first_error);
  parser.WriteLocationsTo(&lines);
  if (!parser.ParseFromString(std::string(text), &message)) {
    return first_error.status().ok() ? absl::InvalidArgumentError("authorization matrix: malformed")
                                     : first_error.status();
  }
  const auto line_of = [&](const char* field, int index) {
    return lines.GetLocation(AuthorizationMatrix::descriptor()->FindFieldByName(field), index).line;
  };
  auto matrix = std::make_unique<HashedMatrix>();
  for (int i = 0; i < message.grants_size(); ++i) {
    GH_RETURN_IF_ERROR(matrix->AddGrant(message.grants(i), line_of("grants", i)));
  }
  for (int i = 0; i < message.identities_size(); ++i) {
    GH_RETURN_IF_ERROR(matrix->AddIdentity(message.identities(i), line_of("identities", i)));
  }
  return matrix;
}

}  // namespace gatehouse::authz
