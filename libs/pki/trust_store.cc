#include "libs/pki/trust_store.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/pki/chain.h"
#include "libs/pki/master_list.h"

namespace gatehouse::pki {

struct TrustStore::Snapshot {
  struct JudgedCrl {
    CrlPtr crl;
    bool well_signed = false;
  };

  std::string version;
  Authorities authorities;
  std::vector<CertificatePtr> signers;
  std::unordered_multimap<std::string, CertificatePtr> signers_by_serial;  // key: serial octets
  std::unordered_multimap<std::string, CertificatePtr> signers_by_key;     // key: subject key identifier
  std::unordered_multimap<std::string, JudgedCrl> crls;                    // key: canonical issuer

  std::mutex mutex;
  std::unordered_map<std::string, SignerVerdictPtr> verdicts;  // key: SHA-256 of the signer
};

namespace {

// A CRL in the name of an authority we have, signed by a key of that name. After a key change the new key signs for
// the certificates of the old one too, so any key of the name will do.
bool IsWellSigned(const CertificateRevocationList& crl, const Authorities& authorities) {
  for (const Authority* authority : authorities.Candidates(crl.issuer, crl.authority_key_identifier)) {
    const Certificate& certificate = *authority->certificate;
    const bool may_sign = !certificate.key_usage || certificate.key_usage->crl_sign;
    if (may_sign && !WhyNoAuthority(certificate) && authorities.ReachesAnchor(*authority) &&
        VerifySignatureBy(certificate, crl).ok()) {
      return true;
    }
  }
  return false;
}

// Over sorted fingerprints, so that the order of adding does not show.
std::string VersionOf(const Authorities& authorities, const std::vector<CertificatePtr>& signers,
                      const std::vector<CrlPtr>& crls) {
  std::vector<std::string> lines;
  for (const Authority& authority : authorities.all()) {
    lines.push_back((authority.is_anchor ? "anchor " : "link ") + authority.certificate->fingerprint_text());
  }
  for (const CertificatePtr& signer : signers) lines.push_back("signer " + signer->fingerprint_text());
  for (const CrlPtr& crl : crls) lines.push_back("crl " + ToHex(crl->fingerprint.bytes()));
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  std::vector<Bytes> parts;
  for (const std::string& line : lines) parts.push_back(AsBytes(line));
  return ToHex(ComputeDigest(Digest::kSha256, parts).bytes());
}

std::string KeyOf(Bytes bytes) { return std::string(AsText(bytes)); }

}  // namespace

void TrustStore::Builder::AddCertificate(CertificatePtr certificate) {
  const bool says_authority =
      certificate->is_authority.value_or(false) || (certificate->key_usage && certificate->key_usage->key_cert_sign);
  if (!says_authority) signers_.push_back(certificate);
  // Self-issued and silent, or denying it: an authority that may not issue, which is worse than none.
  if (says_authority || certificate->self_issued()) authorities_.push_back({std::move(certificate), false});
}

void TrustStore::Builder::AddMasterList(const MasterList& list) {
  for (const CertificatePtr& certificate : list.certificates) authorities_.push_back({certificate, true});
}

void TrustStore::Builder::AddCrl(CrlPtr crl) { crls_.push_back(std::move(crl)); }

std::shared_ptr<const TrustStore> TrustStore::Builder::Build() {
  auto snapshot = std::make_unique<Snapshot>();
  for (Authority& authority : authorities_) {
    snapshot->authorities.Add(std::move(authority.certificate), authority.from_master_list);
  }
  snapshot->signers = std::move(signers_);
  for (const CertificatePtr& signer : snapshot->signers) {
    snapshot->signers_by_serial.emplace(KeyOf(signer->serial), signer);
    snapshot->signers_by_key.emplace(KeyOf(signer->subject_key_identifier), signer);
  }
  for (const CrlPtr& crl : crls_) {
    snapshot->crls.emplace(crl->issuer.canonical(),
                           Snapshot::JudgedCrl{crl, IsWellSigned(*crl, snapshot->authorities)});
  }
  snapshot->version = VersionOf(snapshot->authorities, snapshot->signers, crls_);
  authorities_.clear();
  signers_.clear();
  crls_.clear();
  return std::shared_ptr<const TrustStore>(new TrustStore(std::move(snapshot)));
}

TrustStore::TrustStore(std::unique_ptr<Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}
TrustStore::~TrustStore() = default;

const std::string& TrustStore::version() const { return snapshot_->version; }
size_t TrustStore::authority_count() const { return snapshot_->authorities.all().size(); }
size_t TrustStore::anchor_count() const {
  const auto& all = snapshot_->authorities.all();
  return static_cast<size_t>(std::count_if(all.begin(), all.end(), [](const auto& one) { return one.is_anchor; }));
}
size_t TrustStore::signer_count() const { return snapshot_->signers.size(); }
size_t TrustStore::crl_count() const { return snapshot_->crls.size(); }

CertificatePtr TrustStore::FindSigner(const SignerInfo& signer) const {
  const bool by_key = !signer.subject_key_identifier.empty();
  const auto& index = by_key ? snapshot_->signers_by_key : snapshot_->signers_by_serial;
  const auto [begin, end] = index.equal_range(KeyOf(by_key ? signer.subject_key_identifier : signer.serial));
  for (auto at = begin; at != end; ++at) {
    if (signer.Names(*at->second)) return at->second;
  }
  return nullptr;
}

std::vector<CertificatePtr> TrustStore::SignersOfSerial(Bytes serial) const {
  while (!serial.empty() && serial.front() == 0) serial = serial.subspan(1);
  std::vector<CertificatePtr> found;
  // DER puts a zero before a number whose first bit is set.
  for (const std::string& encoded : {KeyOf(serial), std::string(1, '\0') + KeyOf(serial)}) {
    const auto [begin, end] = snapshot_->signers_by_serial.equal_range(encoded);
    for (auto at = begin; at != end; ++at) found.push_back(at->second);
  }
  return found;
}

std::vector<CertificatePtr> TrustStore::SignersOfFingerprintTail(Bytes tail) const {
  std::vector<CertificatePtr> found;
  for (const CertificatePtr& signer : snapshot_->signers) {
    const DigestValue fingerprint = ComputeDigest(Digest::kSha1, Bytes(signer->der));
    if (tail.size() <= fingerprint.size_bytes && Equal(fingerprint.bytes().last(tail.size()), tail)) {
      found.push_back(signer);
    }
  }
  return found;
}

absl::StatusOr<SignerVerdictPtr> TrustStore::Judge(Bytes signer_der) const {
  const std::string key = KeyOf(ComputeDigest(Digest::kSha256, signer_der).bytes());
  {
    const std::lock_guard lock(snapshot_->mutex);
    const auto found = snapshot_->verdicts.find(key);
    if (found != snapshot_->verdicts.end()) return found->second;
  }
  GH_ASSIGN_OR_RETURN(CertificatePtr signer, Certificate::Parse(signer_der));
  // Judged outside the lock: two threads may do the same work once, none waits for another's signature check.
  auto verdict = std::make_shared<const SignerVerdict>(JudgeSigner(signer, snapshot_->authorities));
  const std::lock_guard lock(snapshot_->mutex);
  if (snapshot_->verdicts.size() >= kMaxRememberedVerdicts) snapshot_->verdicts.clear();
  return snapshot_->verdicts.emplace(key, std::move(verdict)).first->second;
}

SignerVerdictPtr TrustStore::Judge(const CertificatePtr& signer) const {
  absl::StatusOr<SignerVerdictPtr> verdict = Judge(Bytes(signer->der));
  GH_CHECK(verdict.ok());  // it has been parsed before
  return *std::move(verdict);
}

SignerVerdict TrustStore::JudgeAs(CertificateRole role, const CertificatePtr& certificate) const {
  return JudgeSigner(certificate, snapshot_->authorities, role);
}

RevocationAnswer TrustStore::Revocation(const Certificate& certificate, absl::Time check_time) const {
  RevocationAnswer answer;
  // The newest of those in force at the time; one from after the time only when there is nothing else.
  const auto better = [&](const CrlPtr& one, const CrlPtr& other) {
    const bool in_force = one->this_update <= check_time;
    if (in_force != (other->this_update <= check_time)) return in_force;
    return other->this_update < one->this_update;
  };
  const auto [begin, end] = snapshot_->crls.equal_range(certificate.issuer.canonical());
  for (auto at = begin; at != end; ++at) {
    const auto& [crl, well_signed] = at->second;
    if (!well_signed) {
      answer.badly_signed_crl = true;
    } else if (answer.crl == nullptr || better(crl, answer.crl)) {
      answer.crl = crl;
    }
  }
  if (answer.crl == nullptr) return answer;
  const bool listed = answer.crl->Lists(certificate.serial);
  if (check_time < answer.crl->this_update || answer.crl->next_update < check_time) {
    answer.state = RevocationState::kUndetermined;
    answer.listed_on_stale_crl = listed;
  } else {
    answer.state = listed ? RevocationState::kRevoked : RevocationState::kGood;
  }
  return answer;
}

}  // namespace gatehouse::pki
