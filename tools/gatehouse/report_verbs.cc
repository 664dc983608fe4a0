// gatehouse document verify-report FILE --signer CERT | replay FILE DIR --signer CERT [--local --trust ...]
#include <google/protobuf/util/message_differencer.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "libs/seal/signed_text.h"
#include "services/document/convert.h"
#include "services/document/presented_convert.h"
#include "services/document/report_convert.h"
#include "tools/gatehouse/chip_folder.h"
#include "tools/gatehouse/document_verifier.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/local_trust.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;
using nlohmann::ordered_json;

struct ReportOptions {
  std::string file = "-";
  std::string signer;
  std::string at;
  bool print = false;
  std::string folder;
  VerifierOptions verifier;
};

absl::StatusOr<seal::SignedText> ReadSigned(const ReportOptions& options) {
  GH_ASSIGN_OR_RETURN(const std::string compact, ReadInput(options.file));
  GH_ASSIGN_OR_RETURN(const std::string trusted, ReadInput(options.signer));
  GH_ASSIGN_OR_RETURN(const absl::Time time, ParseCheckTime(options.at));
  return seal::VerifySignedText(compact, trusted, time);
}

void VerifyReport(Context& context, const ReportOptions& options) {
  const absl::StatusOr<seal::SignedText> text = ReadSigned(options);
  ordered_json json;
  json["input"] = options.file;
  json["signature"] = text.ok() ? "valid" : "invalid";
  if (text.ok()) {
    json["signer"] = text->signer;
    json["signer_sha256"] = text->signer_sha256;
    json["kind"] = text->kind;
  } else {
    json["error"] = std::string(text.status().message());
    context.Fail(text.status());
  }
  if (context.json) {
    *context.out << JsonLine(json) << "\n";
  } else if (text.ok() && options.print) {
    *context.out << text->text << "\n";
  } else if (text.ok()) {
    *context.out << "signed by " << text->signer << " (" << text->kind << ")\n";
  }
}

// Names of files that are not those of the report, or are not there.
std::vector<std::string> OtherFiles(const pb::DocumentReport& report, const pb::DocumentInput& input) {
  pb::DocumentReport now;
  document::AddDigests(input, input.active_authentication().challenge(), &now);
  std::map<std::string, std::string> digests;
  for (const pb::PresentedFile& file : now.presented()) digests[file.name()] = file.sha256();
  std::vector<std::string> other;
  for (const pb::PresentedFile& file : report.presented()) {
    const auto found = digests.find(file.name());
    if (found == digests.end() || found->second != file.sha256()) other.push_back(file.name());
    if (found != digests.end()) digests.erase(found);
  }
  for (const auto& [name, digest] : digests) other.push_back(name);
  return other;
}

// A challenge that was not known then must not be believed now.
void DropUnknownChallenge(const pb::DocumentReport& report, pb::DocumentInput& input) {
  const auto is_challenge = [](const pb::PresentedFile& file) {
    return file.name() == "active_authentication_challenge";
  };
  if (std::none_of(report.presented().begin(), report.presented().end(), is_challenge) &&
      !input.active_authentication().challenge_id().empty()) {
    input.mutable_active_authentication()->clear_challenge();
  }
}

// Checks by what others have told or presented, which is not asked again.
bool IsReplayed(const pb::Tr03135Check& check) {
  return check.id() != "documents_seen_before" && check.id() != "fraud_notices";
}

// TR-03135's aggregation over what is judged again; the report's own verdict counts the rest too.
emrtd::Tr03135State ReplayedState(const pb::DocumentReport& report) {
  std::vector<emrtd::Tr03135State> counted;
  for (const pb::Tr03135Check& check : report.tr03135()) {
    const auto judged = document::StateFromProto(check.judged());
    if (check.counts() && judged && IsReplayed(check)) counted.push_back(*judged);
  }
  return emrtd::Combine(counted);
}

// What cannot come out the same again: which files, when trust was imported, what else was seen and told in the
// meantime, and an answer to a challenge that is good only once.
void DropWhatIsNotReplayed(pb::DocumentReport& report) {
  report.clear_presented();
  report.clear_trust_time();
  report.clear_face();
  report.clear_seen_before();
  report.clear_notices();
  report.clear_lists();  // the notices among them; those of the trust store are named by its version
}

std::vector<std::string> Differences(const pb::DocumentReport& then, const pb::DocumentReport& now) {
  std::vector<std::string> differences;
  if (then.trust_version() != now.trust_version()) differences.push_back("trust_version");
  if (then.verdict().policy_name() != now.verdict().policy_name() ||
      then.verdict().policy_version() != now.verdict().policy_version()) {
    differences.push_back("policy");
  }
  if (ReplayedState(then) != ReplayedState(now)) differences.push_back("verdict");
  std::map<std::string, const pb::Tr03135Check*> checks;
  for (const pb::Tr03135Check& check : now.tr03135()) checks[check.id()] = &check;
  for (const pb::Tr03135Check& check : then.tr03135()) {
    if (!IsReplayed(check)) continue;
    const auto found = checks.find(check.id());
    if (found == checks.end() || found->second->state() != check.state() || found->second->judged() != check.judged()) {
      differences.push_back("check " + check.id());
    }
  }
  using google::protobuf::util::MessageDifferencer;
  pb::DocumentReport a = then, b = now;
  DropWhatIsNotReplayed(a);
  DropWhatIsNotReplayed(b);
  a.clear_tr03135();
  b.clear_tr03135();
  a.clear_verdict();
  b.clear_verdict();
  if (differences.empty() && !MessageDifferencer::Equals(a, b)) differences.push_back("report");
  return differences;
}

absl::StatusOr<std::vector<std::string>> Replay(Context& context, const ReportOptions& options) {
  GH_ASSIGN_OR_RETURN(const seal::SignedText text, ReadSigned(options));
  if (text.kind != "json") return absl::InvalidArgumentError("only a report signed as json can be replayed");
  GH_ASSIGN_OR_RETURN(const pb::DocumentReport then, document::ReadJson(text.text));
  pb::VerifyRequest request;
  GH_ASSIGN_OR_RETURN(*request.mutable_document(), ReadChipFolder(options.folder));
  DropUnknownChallenge(then, *request.mutable_document());
  const std::vector<std::string> other = OtherFiles(then, request.document());
  if (!other.empty()) {
    std::vector<std::string> named;
    for (const std::string& name : other) named.push_back("file " + name);
    return named;
  }
  VerifierOptions verifier = options.verifier;
  verifier.at = absl::FormatTime(
      absl::RFC3339_full,
      absl::FromUnixSeconds(then.check_time().seconds()) + absl::Nanoseconds(then.check_time().nanos()),
      absl::UTCTimeZone());
  GH_ASSIGN_OR_RETURN(const auto judge, DocumentVerifier::Make(context, verifier));
  request.set_replay(true);
  if (!options.verifier.is_local()) request.set_trust_version(then.trust_version());
  *request.mutable_check_time() = then.check_time();
  GH_ASSIGN_OR_RETURN(const pb::VerifyResponse response, judge->Verify(std::move(request)));
  return Differences(then, response.report());
}

void ReplayReport(Context& context, const ReportOptions& options) {
  const absl::StatusOr<std::vector<std::string>> differences = Replay(context, options);
  ordered_json json;
  json["input"] = options.file;
  if (!differences.ok()) {
    context.Fail(differences.status());
    json["error"] = std::string(differences.status().message());
  } else {
    json["identical"] = differences->empty();
    json["differences"] = *differences;
    if (!differences->empty()) context.exit_code = kCheckSaysNo;
  }
  if (context.json) {
    *context.out << JsonLine(json) << "\n";
  } else if (differences.ok()) {
    *context.out << (differences->empty() ? "identical" : "differs:") << "\n";
    for (const std::string& difference : *differences) *context.out << "  " << difference << "\n";
  }
}

}  // namespace

void AddReportVerbs(CLI::App& document, Context& context) {
  CLI::App* verify = AddVerb(document, "verify-report", "Verify the signature of a report");
  auto options = std::make_shared<ReportOptions>();
  verify->add_option("FILE", options->file, "The signed report, or - for standard input");
  verify->add_option("--trust", options->signer, "PEM certificate of the signer")->required();
  verify->add_option("--at", options->at, "When the signer must be valid; now when left out");
  verify->add_flag("--print", options->print, "Print the report that was signed");
  verify->callback([&context, options] { VerifyReport(context, *options); });

  CLI::App* replay = AddVerb(document, "replay", "Judge the files of a signed report again, at its time");
  auto again = std::make_shared<ReportOptions>();
  replay->add_option("FILE", again->file, "The report, signed as json")->required();
  replay->add_option("DIR", again->folder, "The folder with the same files")->required();
  replay->add_option("--signer", again->signer, "PEM certificate of the signer")->required();
  replay->add_option("--at", again->at, "When the signer must be valid; now when left out");
  AddVerifierOptions(*replay, again->verifier);
  replay->callback([&context, again] { ReplayReport(context, *again); });
}

}  // namespace gatehouse::cli
