#include "tools/specimen/terminal_gate.h"

#include <utility>

#include "libs/emrtd/access/terminal_authentication.h"

namespace gatehouse::specimen {

using emrtd::access::CheckIssued;
using emrtd::access::CvCertificate;
using emrtd::access::CvChainReason;
using emrtd::access::CvRole;
using emrtd::access::ReadCvCertificate;
using emrtd::access::ResolveCvKey;

TerminalGate::TerminalGate(std::vector<Octets> trust_points, absl::CivilDay today) : today_(today) {
  for (Octets& encoding : trust_points) {
    if (Holder* holder = Keep(std::move(encoding), nullptr)) holder->trusted = true;
  }
}

TerminalGate::Holder* TerminalGate::Keep(Octets encoding, const Holder* issuer) {
  Holder& holder = holders_.emplace_back();
  holder.encoding = std::move(encoding);
  auto certificate = ReadCvCertificate(holder.encoding);
  if (certificate.ok()) {
    holder.certificate = *std::move(certificate);
    holder.domain =
        holder.certificate.key.has_domain_parameters || issuer == nullptr ? &holder.certificate.key : issuer->domain;
    auto key = ResolveCvKey(holder.certificate.key, holder.domain);
    if (key.ok()) {
      holder.key = *std::move(key);
      const auto& authorization = holder.certificate.authorization;
      holder.fingerprints = authorization.reads_fingerprints() && (issuer == nullptr || issuer->fingerprints);
      holder.irises = authorization.reads_irises() && (issuer == nullptr || issuer->irises);
      return &holder;
    }
  }
  holders_.pop_back();
  return nullptr;
}

void TerminalGate::Reset() {
  issuer_ = current_ = nullptr;
  entered_ = false;
  challenge_.clear();
  chip_id_.clear();
  terminal_key_.clear();
  std::erase_if(holders_, [](const Holder& holder) { return !holder.trusted; });
}

TerminalGate::Holder* TerminalGate::Find(const std::string& name) {
  for (Holder& holder : holders_) {
    if (holder.certificate.holder == name) return &holder;
  }
  return nullptr;
}

bool TerminalGate::SelectIssuer(const std::string& name) { return (issuer_ = Find(name)) != nullptr; }

bool TerminalGate::Import(Bytes contents) {
  if (issuer_ == nullptr) return false;
  Holder* holder = Keep(emrtd::access::EncodeTlv(0x7F21, contents), issuer_);
  if (holder == nullptr) return false;
  if (CheckIssued(issuer_->certificate, *issuer_->key, holder->certificate, today_) != CvChainReason::kNone) {
    holders_.pop_back();
    return false;
  }
  holder->trusted = holder->certificate.authorization.role == CvRole::kAuthority;
  return true;
}

bool TerminalGate::SelectTerminal(const std::string& name) {
  current_ = Find(name);
  entered_ = false;
  if (current_ != nullptr && current_->certificate.authorization.role != CvRole::kTerminal) current_ = nullptr;
  return current_ != nullptr;
}

const TerminalGate::Octets& TerminalGate::DrawChallenge(base::Random& random) {
  challenge_.resize(8);
  random.Fill(challenge_.data(), challenge_.size());
  return challenge_;
}

bool TerminalGate::Authenticate(Bytes signature) {
  if (current_ == nullptr || challenge_.empty() || terminal_key_.empty()) return false;
  const Octets message = emrtd::access::TerminalAuthenticationMessage(chip_id_, challenge_, terminal_key_);
  challenge_.clear();  // serves once
  entered_ = VerifyCvSignature(*current_->key, message, signature).ok();
  return entered_;
}

}  // namespace gatehouse::specimen
