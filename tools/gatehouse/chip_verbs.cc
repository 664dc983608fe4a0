// gatehouse document read --reader NAME|--soft-chip DIR --mrz FILE|--can N | readers
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "tools/gatehouse/chip_folder.h"
#include "tools/gatehouse/chip_reading.h"
#include "tools/gatehouse/document_verifier.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/pcsc_transport.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/report_output.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"
#include "tools/specimen/soft_chip_folder.h"

namespace gatehouse::cli {
namespace {

namespace access = emrtd::access;
namespace pb = gatehouse::document::v1;
using nlohmann::ordered_json;

struct ReadOptions {
  std::string reader, soft_chip;
  std::string mrz, can, terminal, out;
  bool no_chip_authentication = false, no_verify = false;
  VerifierOptions verifier;
  ReportOutput output;
};

// A card in a reader, or a chip in this process.
class Chip {
 public:
  static absl::StatusOr<std::unique_ptr<Chip>> Open(const ReadOptions& options) {
    if (options.reader.empty() == options.soft_chip.empty()) {
      return absl::InvalidArgumentError("give --reader or --soft-chip");
    }
    auto chip = std::make_unique<Chip>();
    if (!options.reader.empty()) {
      GH_ASSIGN_OR_RETURN(chip->transport_, PcscTransport::Connect(options.reader));
      return chip;
    }
    GH_ASSIGN_OR_RETURN(specimen::SoftChipContents contents, specimen::ReadSoftChip(options.soft_chip));
    chip->soft_chip_ = std::make_unique<specimen::SoftChip>(std::move(contents), base::SystemRandom());
    chip->transport_ = std::make_unique<specimen::SoftChipTransport>(*chip->soft_chip_);
    return chip;
  }
  access::Transport& transport() { return *transport_; }

 private:
  std::unique_ptr<specimen::SoftChip> soft_chip_;  // before the transport that speaks to it
  std::unique_ptr<access::Transport> transport_;
};

std::string Word(emrtd::Tr03135State state) { return std::string(ToWord(state)); }

// How the chip was opened and what became of each step.
ordered_json AccessJson(const access::DocumentReading& reading) {
  ordered_json json;
  json["protocol"] = reading.access_protocol;
  json["steps"] = ordered_json::array();
  for (const access::StepRecord& step : reading.steps) {
    json["steps"].push_back({{"step", ToWord(step.step)}, {"state", Word(step.state)}, {"detail", step.detail}});
  }
  json["files"] = ordered_json::array();
  for (const access::FileRecord& file : reading.files) {
    json["files"].push_back(
        {{"name", file.name}, {"bytes", file.octets.size()}, {"whole", file.whole}, {"detail", file.detail}});
  }
  json["connection_lost"] = reading.connection_lost;
  return json;
}

const pb::Tr03135Check* FindCheck(const pb::DocumentReport& report, const std::string& id) {
  for (const pb::Tr03135Check& check : report.tr03135()) {
    if (check.id() == id) return &check;
  }
  return nullptr;
}

std::string StateWord(const pb::DocumentReport& report, const std::string& id) {
  const pb::Tr03135Check* check = FindCheck(report, id);
  return check == nullptr ? "undetermined" : EnumWord(*check, "state");
}

// The proofs that only the chip itself can give.
constexpr const char* kProofs[] = {"active_authentication", "chip_authentication", "pace_chip_authentication_mapping"};

// One proof that failed makes the document invalid, whatever its files say: a key was signed, and this chip does not
// have it.
std::string CloneReason(const pb::DocumentReport& report) {
  if (StateWord(report, "chip_cloning") != "failed") return "";
  std::string reason = "the chip is a copy";
  for (const char* id : kProofs) {
    const pb::Tr03135Check* check = FindCheck(report, id);
    if (check == nullptr || check->state() != pb::CHECK_STATE_FAILED) continue;
    absl::StrAppend(&reason, ": ", id, " failed", check->detail().empty() ? "" : ": ", check->detail());
  }
  return reason;
}

// A document that owes a proof which the chip did not give is not known to be valid, however good its files are.
std::string OverallWord(const pb::DocumentReport& report, const std::string& clone) {
  if (!clone.empty()) return "invalid";
  const std::string overall = EnumWord(report, "overall");
  const std::string cloning = StateWord(report, "chip_cloning");
  const bool is_proved = cloning == "successful" || cloning == "not_supported";
  return is_proved || overall == "invalid" ? overall : "undetermined";
}

void Print(Context& context, const access::DocumentReading& reading, const ReportOutput& output,
           const pb::VerifyResponse& response) {
  const pb::DocumentReport& report = response.report();
  const std::string clone = CloneReason(report);
  const std::string overall = OverallWord(report, clone);
  if (overall != "valid") context.exit_code = kCheckSaysNo;
  if (output.is_alone()) return PrintReportAlone(context, output, response);
  ordered_json json = ToJson(report);
  json["overall"] = overall;
  json["clone_reason"] = clone;
  json["access"] = AccessJson(reading);
  for (const char* id : kProofs) json[id] = StateWord(report, id);
  if (context.json) {
    *context.out << JsonLine(json) << std::endl;
    return;
  }
  Table table({"overall", "access", "active authentication", "chip authentication", "signature", "chain", "summary"});
  table.Add({overall, reading.access_protocol, StateWord(report, kProofs[0]), StateWord(report, kProofs[1]),
             report.checks().sod_signature(), report.checks().chain(), clone.empty() ? report.summary() : clone});
  table.Print(*context.out, context.colour);
}

// The reading alone; what it is worth is for whoever is given the folder.
void PrintAccess(Context& context, const access::DocumentReading& reading) {
  if (context.json) {
    *context.out << JsonLine({{"access", AccessJson(reading)}}) << std::endl;
    return;
  }
  Table table({"step", "state", "detail"});
  for (const access::StepRecord& step : reading.steps) {
    table.Add({std::string(ToWord(step.step)), Word(step.state), step.detail});
  }
  table.Print(*context.out, context.colour);
}

absl::Status Read(Context& context, const ReadOptions& options) {
  if (options.no_verify && options.out.empty()) return absl::InvalidArgumentError("--no-verify goes with --out");
  std::string zone;
  if (!options.mrz.empty()) {
    GH_ASSIGN_OR_RETURN(zone, ReadInput(options.mrz));
  }
  GH_ASSIGN_OR_RETURN(access::AccessKeys keys, ReadAccessKeys(zone, options.can));
  access::TerminalCredentials terminal;
  if (!options.terminal.empty()) {
    GH_ASSIGN_OR_RETURN(terminal, ReadTerminalFolder(options.terminal));
    keys.terminal = &terminal;
  }
  GH_ASSIGN_OR_RETURN(const auto verifier, DocumentVerifier::Make(context, options.verifier));
  GH_ASSIGN_OR_RETURN(const std::unique_ptr<Chip> chip, Chip::Open(options));
  GH_ASSIGN_OR_RETURN(const pb::IssueChallengeResponse challenge, verifier->IssueChallenge());

  const access::ReadOptions read{.active_authentication_challenge = access::Copy(pki::AsBytes(challenge.challenge())),
                                 .chip_authentication = !options.no_chip_authentication};
  const access::DocumentReading reading = access::ReadDocument({chip->transport(), keys, read, base::SystemRandom()});

  pb::VerifyRequest request;
  *request.mutable_document() = ToDocumentInput(reading, zone, challenge);
  if (!options.out.empty()) GH_RETURN_IF_ERROR(WriteChipFolder(request.document(), options.out));
  if (options.no_verify) {
    PrintAccess(context, reading);
    return absl::OkStatus();
  }
  Request(options.output, request);
  GH_ASSIGN_OR_RETURN(const pb::VerifyResponse response, verifier->Verify(std::move(request)));
  Print(context, reading, options.output, response);
  return absl::OkStatus();
}

void Readers(Context& context) {
  const absl::StatusOr<std::vector<CardReader>> readers = ListCardReaders();
  if (!readers.ok()) return context.Fail(readers.status());
  Table table({"reader", "card"});
  for (const CardReader& reader : *readers) {
    if (context.json) {
      *context.out << JsonLine({{"reader", reader.name}, {"card", reader.has_card}}) << "\n";
    } else {
      table.Add({reader.name, reader.has_card ? "present" : "none"});
    }
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

}  // namespace

void AddChipVerbs(CLI::App& document, Context& context) {
  CLI::App* readers = AddVerb(document, "readers", "Chip readers of this machine, by PC/SC");
  readers->callback([&context] { Readers(context); });

  CLI::App* read = AddVerb(document, "read", "Read a document's chip and verify it");
  auto options = std::make_shared<ReadOptions>();
  read->add_option("--reader", options->reader, "Name of the reader, or a part of it");
  read->add_option("--soft-chip", options->soft_chip, "Folder of a software chip instead (specimen soft-chip)");
  read->add_option("--mrz", options->mrz, "File with the machine-readable zone, or - for standard input");
  read->add_option("--can", options->can, "Card access number");
  read->add_option("--terminal", options->terminal, "Folder with CV certificates and key, for fingerprints and irises");
  read->add_option("--out", options->out, "Folder to write all that was read to, for verify, inspect and replay");
  read->add_flag("--no-verify", options->no_verify, "Read only: the challenge stays good for whoever is given --out");
  read->add_flag("--no-chip-authentication", options->no_chip_authentication, "Leave Chip Authentication out");
  AddVerifierOptions(*read, options->verifier);
  read->add_option("--at", options->verifier.at, "Time of checking, RFC 3339 or a day; now when left out");
  AddReportOutput(*read, options->output);
  read->callback([&context, options] {
    if (const absl::Status status = Read(context, *options); !status.ok()) context.Fail(status);
  });
}

}  // namespace gatehouse::cli
