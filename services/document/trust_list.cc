#include "services/document/trust_list.h"

#include "absl/strings/str_cat.h"
#include "libs/pki/certificate_check.h"
#include "libs/pki/crl.h"

namespace gatehouse::document {
namespace {

void Describe(const pki::Certificate& certificate, pki::TrustRole role, TrustEntry& entry) {
  entry.kind = !pki::IsAuthority(role) ? "dsc" : certificate.self_issued() ? "csca" : "link";
  entry.country = certificate.subject.country();
  entry.subject = certificate.subject.text();
  entry.issuer = certificate.issuer.text();
  entry.serial = certificate.serial_text();
  entry.not_before = certificate.not_before;
  entry.not_after = certificate.not_after;
}

std::string DescribeKey(const pki::Certificate& certificate) {
  if (!certificate.public_key.ok()) return absl::StrCat("unusable: ", certificate.public_key.status().message());
  const pki::PublicKey& key = *certificate.public_key;
  if (key.is_rsa()) return absl::StrCat("RSA ", key.bits());
  return absl::StrCat("EC ", key.curve(), key.explicit_parameters() ? ", explicit parameters" : "");
}

void Describe(const pki::CertificateRevocationList& crl, TrustEntry& entry) {
  entry.country = crl.issuer.country();
  entry.issuer = crl.issuer.text();
  entry.not_before = crl.this_update;
  entry.not_after = crl.next_update;
}

}  // namespace

TrustEntry EntryOf(pki::TrustRole role, pki::Bytes content, const pki::TrustSource& source) {
  TrustEntry entry{.kind = std::string(pki::ToWord(role)), .source = source};
  entry.sha256 = pki::ToText(pki::FingerprintOf(content));
  if (role == pki::TrustRole::kCrl) {
    const absl::StatusOr<pki::CrlPtr> crl = pki::CertificateRevocationList::Parse(content);
    if (crl.ok()) Describe(**crl, entry);
  } else if (pki::IsAuthority(role) || role == pki::TrustRole::kSigner) {
    const absl::StatusOr<pki::CertificatePtr> certificate = pki::Certificate::Parse(content);
    if (certificate.ok()) Describe(**certificate, role, entry);
  }
  return entry;
}

TrustElementDetails DetailsOf(pki::TrustRole role, pki::Bytes content) {
  TrustElementDetails details;
  if (role == pki::TrustRole::kCrl) {
    const absl::StatusOr<pki::CrlPtr> crl = pki::CertificateRevocationList::Parse(content);
    if (!crl.ok()) return details;
    details.signature_algorithm = pki::Describe((*crl)->signature_algorithm);
    details.revoked = (*crl)->revoked_count();
  } else if (pki::IsAuthority(role) || role == pki::TrustRole::kSigner) {
    const absl::StatusOr<pki::CertificatePtr> certificate = pki::Certificate::Parse(content);
    if (!certificate.ok()) return details;
    details.signature_algorithm = pki::Describe((*certificate)->signature_algorithm);
    details.key = DescribeKey(**certificate);
  }
  return details;
}

TrustEntry EntryOf(const pki::TrustSnapshot& snapshot, uint32_t index) {
  const pki::TrustElement element = snapshot.element(index);
  TrustEntry entry = EntryOf(element.role, element.content, snapshot.sources()[element.source]);
  if (const std::optional<pki::TrustSnapshot::Verdict> verdict = snapshot.verdict(index)) {
    entry.chain = pki::ToWord(verdict->chain);
    entry.chain_reason = verdict->reason;
  }
  return entry;
}

std::vector<TrustDifference> DifferencesOf(const TrustChange& change, const pki::TrustSnapshot& used) {
  std::vector<TrustDifference> differences;
  for (const TrustAddition& addition : change.additions) {
    TrustDifference& difference = differences.emplace_back();
    difference.pending = addition.pending;
    difference.entry = EntryOf(addition.role, pki::AsBytes(addition.content), change.sources[addition.source]);
    if (addition.replaces) {
      difference.kind = TrustDifference::Kind::kReplaced;
      difference.replaces = pki::ToText(*addition.replaces);
    }
  }
  for (const TrustRemoval& removal : change.removals) {
    TrustDifference& difference = differences.emplace_back();
    difference.kind = TrustDifference::Kind::kRemoved;
    difference.pending = removal.pending;
    if (const std::optional<uint32_t> held = used.Find(removal.fingerprint)) {
      difference.entry = EntryOf(used, *held);
    } else {
      difference.entry.sha256 = pki::ToText(removal.fingerprint);
    }
  }
  return differences;
}

}  // namespace gatehouse::document
