#include "services/inspection/policy_file.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "gatehouse/inspection/v1/policy.pb.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "services/inspection/convert.h"
#include "services/inspection/default_policy.h"

namespace gatehouse::inspection {
namespace {

// Keeps the first error.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) text_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

absl::StatusOr<Policy> ParsePolicy(std::string_view text) {
  if (text.size() > kMaxPolicyBytes) return absl::InvalidArgumentError("the policy is over 1 MiB");
  gatehouse::inspection::v1::Policy message;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&stream, &message)) return absl::InvalidArgumentError(error.text());
  Policy policy{.version = message.version(),
                .required_checks = {message.required_checks().begin(), message.required_checks().end()}};
  for (const auto& rule : message.rules()) {
    PolicyRule read{.name = rule.name(), .check = rule.check(), .text = rule.text(), .if_first = rule.if_first()};
    for (const int status : rule.when()) {
      const auto known = ReadCheckStatus(static_cast<gatehouse::inspection::v1::CheckStatus>(status));
      if (!known) return absl::InvalidArgumentError(absl::StrCat("rule ", rule.name(), ": unspecified status"));
      read.when.push_back(*known);
    }
    policy.rules.push_back(std::move(read));
  }
  GH_RETURN_IF_ERROR(CheckPolicy(policy));
  return policy;
}

absl::StatusOr<Policy> ReadPolicyFile(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return absl::NotFoundError(absl::StrCat("cannot read the policy ", file));
  std::string text(kMaxPolicyBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  absl::StatusOr<Policy> policy = ParsePolicy(text);
  if (policy.ok()) return policy;
  return absl::Status(policy.status().code(), absl::StrCat(file, ": ", policy.status().message()));
}

Policy BuiltInPolicy() {
  absl::StatusOr<Policy> policy = ParsePolicy(kDefaultPolicyText);
  GH_CHECK(policy.ok());  // a test reads it
  return *std::move(policy);
}

}  // namespace gatehouse::inspection
