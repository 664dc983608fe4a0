#include "services/document/policy_file.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "gatehouse/document/v1/document_policy.pb.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "services/document/convert.h"
#include "services/document/default_policy.h"

namespace gatehouse::document {
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

absl::StatusOr<ValidityReading> ReadValidity(v1::ValidityReading reading) {
  switch (reading) {
    case v1::VALIDITY_READING_AT_SIGNING:
      return ValidityReading::kAtSigning;
    case v1::VALIDITY_READING_AT_CHECK:
      return ValidityReading::kAtCheck;
    case v1::VALIDITY_READING_BOTH:
      return ValidityReading::kBoth;
    default:
      return absl::InvalidArgumentError("validity: must be AT_SIGNING, AT_CHECK or BOTH");
  }
}

absl::StatusOr<emrtd::Tr03135State> ReadState(v1::CheckState state, const std::string& where) {
  const std::optional<emrtd::Tr03135State> known = StateFromProto(state);
  if (!known) return absl::InvalidArgumentError(absl::StrCat(where, ": unspecified state"));
  return *known;
}

absl::StatusOr<JudgementRule> ReadRule(const v1::JudgementRule& rule) {
  JudgementRule read{.name = rule.name(),
                     .checks = {rule.checks().begin(), rule.checks().end()},
                     .deviations = {rule.deviations().begin(), rule.deviations().end()},
                     .not_done = rule.not_done(),
                     .leave_out = rule.leave_out(),
                     .text = rule.text()};
  const std::string where = absl::StrCat("rule ", rule.name());
  for (const int state : rule.when()) {
    GH_ASSIGN_OR_RETURN(const emrtd::Tr03135State known, ReadState(static_cast<v1::CheckState>(state), where));
    read.when.push_back(known);
  }
  if (rule.judged() != v1::CHECK_STATE_UNSPECIFIED) {
    GH_ASSIGN_OR_RETURN(read.judged, ReadState(rule.judged(), where));
  }
  return read;
}

absl::StatusOr<Policy> FromProto(const v1::DocumentPolicy& message) {
  Policy policy{.name = message.name(),
                .version = message.version(),
                .trust_reader_challenges = message.trust_reader_challenges()};
  GH_ASSIGN_OR_RETURN(policy.validity, ReadValidity(message.validity()));
  GH_ASSIGN_OR_RETURN(policy.no_crl, ReadState(message.no_crl(), "no_crl"));
  GH_ASSIGN_OR_RETURN(policy.stale_crl, ReadState(message.stale_crl(), "stale_crl"));
  GH_ASSIGN_OR_RETURN(policy.authenticity_not_done,
                      ReadState(message.authenticity_not_done(), "authenticity_not_done"));
  for (const v1::JudgementRule& rule : message.rules()) {
    GH_ASSIGN_OR_RETURN(JudgementRule read, ReadRule(rule));
    policy.rules.push_back(std::move(read));
  }
  GH_RETURN_IF_ERROR(CheckPolicy(policy));
  return policy;
}

}  // namespace

absl::StatusOr<Policy> ParsePolicy(std::string_view text) {
  if (text.size() > kMaxPolicyBytes) return absl::InvalidArgumentError("the policy is over 1 MiB");
  v1::DocumentPolicy message;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&stream, &message)) return absl::InvalidArgumentError(error.text());
  return FromProto(message);
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

const Policy& BuiltInPolicy() {
  static const Policy& policy = *[] {
    absl::StatusOr<Policy> parsed = ParsePolicy(kDefaultPolicyText);
    GH_CHECK(parsed.ok());  // a test reads it
    return new Policy(*std::move(parsed));
  }();
  return policy;
}

}  // namespace gatehouse::document
