#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

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
    for (const std::string& role : identity.roles()) {
      if (known_roles_.contains(role)) continue;
      return ErrorAtLine(line, absl::StrCat("role \"", role, "\" of ", identity.identity(), " is in no grant"));
    }
    Principal principal{
        .identity = identity.identity(),
        .roles = Roles(identity.roles().begin(), identity.roles().end()),
        .person = identity.person(),
        .may_act_for = identity.may_act_for(),
        .officer = identity.person() ? identity.identity() : "",
    };
    if (!principals_.try_emplace(identity.identity(), std::move(principal)).second) {
      return ErrorAtLine(line, absl::StrCat("identity ", identity.identity(), " is given twice"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Principal> Find(std::string_view identity) const override {
    const auto found = principals_.find(identity);
    if (found == principals_.end()) return absl::PermissionDeniedError("this identity is not in the matrix");
    return found->second;
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

 private:
  ByText<Principal> principals_;
  ByText<Roles> grants_;
  std::unordered_set<std::string> known_roles_;
};

}  // namespace

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
