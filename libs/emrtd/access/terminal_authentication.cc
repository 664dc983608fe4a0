#include "libs/emrtd/access/terminal_authentication.h"

#include <algorithm>

#include "libs/base/status_macros.h"
#include "libs/emrtd/access/cv_certificate.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

constexpr int kChallengeBytes = 8;
constexpr size_t kMaxReferenceBytes = 16;
constexpr size_t kMaxCvcaBytes = 64;

Octets ReferenceObject(const std::string& name) { return EncodeTlv(0x83, pki::AsBytes(name)); }

absl::Status SendCertificate(Channel& channel, const CvCertificate& certificate) {
  const Command set_dst{
      .ins = ins::kManageSecurityEnvironment, .p1 = 0x81, .p2 = 0xB6, .data = ReferenceObject(certificate.authority)};
  GH_RETURN_IF_ERROR(SendExpectingSuccess(channel, set_dst, "terminal authentication MSE:SET DST").status());
  // What stands inside 7F21.
  const Command verify{.ins = ins::kPerformSecurityOperation,
                       .p1 = 0x00,
                       .p2 = 0xBE,
                       .data = Join({certificate.body, EncodeTlv(0x5F37, certificate.signature)})};
  return SendExpectingSuccess(channel, verify, "terminal authentication VERIFY CERTIFICATE").status();
}

absl::Status ProveKey(Channel& channel, const TerminalAuthenticationInput& input, const std::string& holder) {
  const Command set_at{.ins = ins::kManageSecurityEnvironment, .p1 = 0x81, .p2 = 0xA4, .data = ReferenceObject(holder)};
  GH_RETURN_IF_ERROR(SendExpectingSuccess(channel, set_at, "terminal authentication MSE:SET AT").status());
  const Command get_challenge{.ins = ins::kGetChallenge, .expected = kChallengeBytes};
  GH_ASSIGN_OR_RETURN(const Octets challenge,
                      SendExpectingSuccess(channel, get_challenge, "terminal authentication GET CHALLENGE"));
  if (challenge.size() != kChallengeBytes) return Malformed("challenge", "has a wrong size");
  GH_ASSIGN_OR_RETURN(Octets signature, input.credentials->sign(TerminalAuthenticationMessage(input.chip_id, challenge,
                                                                                              input.terminal_key)));
  const Command authenticate{.ins = ins::kExternalAuthenticate, .data = std::move(signature)};
  return SendExpectingSuccess(channel, authenticate, "terminal authentication EXTERNAL AUTHENTICATE").status();
}

}  // namespace

Octets TerminalAuthenticationMessage(Bytes chip_id, Bytes challenge, Bytes terminal_key) {
  return Join({chip_id, challenge, terminal_key});
}

absl::StatusOr<std::vector<std::string>> ReadCvca(Bytes file) {
  constexpr std::string_view kField = "EF.CVCA";
  if (file.size() > kMaxCvcaBytes) return Malformed(kField, "is too long");
  std::vector<std::string> names;
  TlvReader reader(file, Rules::kDer);
  while (reader.PeekTag() == 0x42) {
    GH_ASSIGN_OR_RETURN(const Tlv name, reader.Next(kField));
    if (name.value.empty() || name.value.size() > kMaxReferenceBytes || names.size() == 2) {
      return Malformed(kField, "has a name too many or of a wrong size");
    }
    names.emplace_back(pki::AsText(name.value));
  }
  const Bytes rest = reader.rest();
  if (names.empty() || std::any_of(rest.begin(), rest.end(), [](uint8_t octet) { return octet != 0; })) {
    return Malformed(kField, "has no name, or something else than names");
  }
  return names;
}

absl::Status RunTerminalAuthentication(Channel& channel, const TerminalAuthenticationInput& input) {
  std::vector<CvCertificate> chain;
  for (const Octets& certificate : input.credentials->chain) {
    if (chain.size() == kMaxCvChain) return Malformed("CV certificates", "are too many");
    GH_ASSIGN_OR_RETURN(CvCertificate read, ReadCvCertificate(certificate));
    chain.push_back(std::move(read));
  }
  // The last of the chain that a trust point of the chip signed: what stands before it the chip knows already.
  const auto trusted = [&](const CvCertificate& certificate) {
    return !certificate.self_signed() && std::find(input.trust_points.begin(), input.trust_points.end(),
                                                   certificate.authority) != input.trust_points.end();
  };
  const auto last = std::find_if(chain.rbegin(), chain.rend(), trusted);
  if (last == chain.rend()) {
    return absl::NotFoundError("terminal authentication: no certificate was signed by a trust point of the chip");
  }
  for (auto certificate = last.base() - 1; certificate != chain.end(); ++certificate) {
    GH_RETURN_IF_ERROR(SendCertificate(channel, *certificate));
  }
  return ProveKey(channel, input, chain.back().holder);
}

}  // namespace gatehouse::emrtd::access
