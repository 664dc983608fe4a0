#include "tools/gatehouse/chip_reading.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/access/cv_certificate.h"
#include "libs/mrz/parse.h"
#include "tools/gatehouse/files.h"
#include "tools/specimen/cv_certificate_maker.h"

namespace gatehouse::cli {
namespace {

namespace access = emrtd::access;
namespace pb = gatehouse::document::v1;

// "DG14" to the reader, "EF.DG14" to the world. Files that nobody judges have no name.
std::string FileName(const access::FileRecord& file) {
  if (absl::StartsWith(file.name, "DG")) return absl::StrCat("EF.", file.name);
  for (const char* name : {"EF.COM", "EF.SOD", "EF.CardAccess", "EF.CardSecurity"}) {
    if (file.name == name) return name;
  }
  return "";
}

pb::AccessProtocol ProtocolOf(access::ReadStep step) {
  switch (step) {
    case access::ReadStep::kBac:
      return pb::ACCESS_PROTOCOL_BASIC_ACCESS_CONTROL;
    case access::ReadStep::kPace:
      return pb::ACCESS_PROTOCOL_PACE;
    case access::ReadStep::kChipMapping:
      return pb::ACCESS_PROTOCOL_PACE_CHIP_AUTHENTICATION_MAPPING;
    case access::ReadStep::kChipAuthentication:
      return pb::ACCESS_PROTOCOL_CHIP_AUTHENTICATION;
    case access::ReadStep::kTerminalAuthentication:
      return pb::ACCESS_PROTOCOL_TERMINAL_AUTHENTICATION;
    default:
      return pb::ACCESS_PROTOCOL_UNSPECIFIED;
  }
}

pb::CheckState StateOf(emrtd::Tr03135State state) {
  switch (state) {
    case emrtd::Tr03135State::kSuccessful:
      return pb::CHECK_STATE_SUCCESSFUL;
    case emrtd::Tr03135State::kFailed:
      return pb::CHECK_STATE_FAILED;
    case emrtd::Tr03135State::kUndetermined:
      return pb::CHECK_STATE_UNDETERMINED;
    case emrtd::Tr03135State::kNotSupported:
      return pb::CHECK_STATE_NOT_SUPPORTED;
    case emrtd::Tr03135State::kAborted:
      return pb::CHECK_STATE_ABORTED;
  }
  return pb::CHECK_STATE_UNSPECIFIED;
}

std::string AsString(access::Bytes bytes) { return std::string(pki::AsText(bytes)); }

// id-TA of the algorithm, as the maker of CV signatures takes it.
const char* AlgorithmOf(const pki::SignatureAlgorithm& algorithm) {
  const bool ecdsa = algorithm.scheme == pki::SignatureScheme::kEcdsaPlain;
  const bool pss = algorithm.scheme == pki::SignatureScheme::kRsaPss;
  switch (algorithm.digest.value_or(pki::Digest::kSha256)) {
    case pki::Digest::kSha1:
      return ecdsa ? "0.4.0.127.0.7.2.2.2.2.1" : pss ? "0.4.0.127.0.7.2.2.2.1.3" : "0.4.0.127.0.7.2.2.2.1.1";
    case pki::Digest::kSha224:
      return "0.4.0.127.0.7.2.2.2.2.2";
    case pki::Digest::kSha256:
      return ecdsa ? "0.4.0.127.0.7.2.2.2.2.3" : pss ? "0.4.0.127.0.7.2.2.2.1.4" : "0.4.0.127.0.7.2.2.2.1.2";
    case pki::Digest::kSha384:
      return "0.4.0.127.0.7.2.2.2.2.4";
    case pki::Digest::kSha512:
      return ecdsa ? "0.4.0.127.0.7.2.2.2.2.5" : pss ? "0.4.0.127.0.7.2.2.2.1.6" : "0.4.0.127.0.7.2.2.2.1.5";
  }
  return "";
}

}  // namespace

absl::StatusOr<access::AccessKeys> ReadAccessKeys(const std::string& zone, const std::string& can) {
  access::AccessKeys keys;
  if (!can.empty()) {
    keys.passwords.push_back({.kind = access::PasswordKind::kCan, .characters = base::Redacted(can)});
  }
  if (!zone.empty()) {
    const mrz::ParsedMrz parsed = mrz::Parse(zone);
    if (parsed.document_number().empty() || parsed.birth_date().size() != 6 || parsed.expiry_date().size() != 6) {
      return absl::InvalidArgumentError("--mrz: the zone has no number, birth date and expiry date that can be read");
    }
    keys.passwords.push_back({.kind = access::PasswordKind::kMrz,
                              .characters = base::Redacted(access::MrzInformation(
                                  parsed.document_number(), parsed.birth_date(), parsed.expiry_date()))});
  }
  if (keys.passwords.empty()) return absl::InvalidArgumentError("give the document's zone by --mrz or its --can");
  return keys;
}

absl::StatusOr<access::TerminalCredentials> ReadTerminalFolder(const std::string& folder) {
  access::TerminalCredentials credentials;
  GH_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListInput(folder));
  for (const std::string& file : files) {
    if (!absl::EndsWith(file, ".cvcert")) continue;
    GH_ASSIGN_OR_RETURN(const std::string content, ReadInput(file));
    credentials.chain.push_back(access::Copy(pki::AsBytes(content)));
  }
  if (credentials.chain.empty()) return absl::NotFoundError(absl::StrCat(folder, ": holds no .cvcert"));
  GH_ASSIGN_OR_RETURN(const access::CvCertificate own, access::ReadCvCertificate(credentials.chain.back()));
  GH_ASSIGN_OR_RETURN(const std::string pem, ReadInput(folder + "/terminal.pem"));
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                     BIO_free);
  const std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (key == nullptr) return absl::InvalidArgumentError(absl::StrCat(folder, "/terminal.pem: is no private key"));
  const char* algorithm = AlgorithmOf(own.key.algorithm);
  credentials.sign = [key, algorithm](access::Bytes message) -> absl::StatusOr<access::Octets> {
    return access::Copy(pki::AsBytes(specimen::SignAsTerminal({key.get(), algorithm}, pki::AsText(message))));
  };
  return credentials;
}

pb::DocumentInput ToDocumentInput(const access::DocumentReading& reading, const std::string& zone,
                                  const pb::IssueChallengeResponse& challenge) {
  pb::DocumentInput input;
  input.set_mrz(zone);
  for (const access::FileRecord& file : reading.files) {
    const std::string name = FileName(file);
    if (name.empty() || !file.whole) continue;
    pb::ChipFile* to = input.add_chip_files();
    to->set_name(name);
    to->set_content(AsString(file.octets));
  }
  for (const access::StepRecord& step : reading.steps) {
    const pb::AccessProtocol protocol = ProtocolOf(step.step);
    // What was never begun has no outcome.
    if (protocol == pb::ACCESS_PROTOCOL_UNSPECIFIED || step.state == emrtd::Tr03135State::kUndetermined) continue;
    pb::AccessOutcome* outcome = input.add_access();
    outcome->set_protocol(protocol);
    outcome->set_state(StateOf(step.state));
    outcome->set_detail(step.detail);
    if (protocol == pb::ACCESS_PROTOCOL_CHIP_AUTHENTICATION && reading.chip_authentication) {
      outcome->set_chip_public_key(AsString(reading.chip_authentication->subject_public_key_info));
    }
  }
  const bool refused = reading.StateOf(access::ReadStep::kActiveAuthentication) == emrtd::Tr03135State::kFailed;
  if (reading.active_authentication || refused) {
    pb::ActiveAuthenticationAnswer& answer = *input.mutable_active_authentication();
    if (reading.active_authentication) answer.set_response(AsString(reading.active_authentication->answer));
    answer.set_challenge_id(challenge.challenge_id());
    answer.set_challenge(challenge.challenge());
  }
  return input;
}

}  // namespace gatehouse::cli
