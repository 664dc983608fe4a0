#include "libs/pki/trust_store.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/pki/chain.h"
#include "libs/pki/master_list.h"
#include "libs/pki/trust_snapshot.h"

namespace gatehouse::pki {

namespace {

// The newest of those in force at the time; one from after the time only when there is nothing else.
bool IsBetter(const CertificateRevocationList& one, const CertificateRevocationList& other, absl::Time check_time) {
  const bool in_force = one.this_update <= check_time;
  if (in_force != (other.this_update <= check_time)) return in_force;
  return other.this_update < one.this_update;
}

}  // namespace

struct TrustStore::Snapshot {
  std::shared_ptr<const TrustSnapshot> file;
  Authorities authorities;
  std::unordered_map<uint32_t, CertificatePtr> authority_of;  // key: element of `file`
  size_t signer_count = 0, crl_count = 0;

  std::mutex mutex;
  std::unordered_map<std::string, SignerVerdictPtr> verdicts;  // key: SHA-256 of the signer
  std::unordered_map<uint32_t, CertificatePtr> signers;        // parsed elements
  std::unordered_map<uint32_t, CrlPtr> crls;
  std::unordered_map<std::string, std::vector<DistinguishedName>> later_names;  // key: canonical name of an authority

  // Null when the element is not what its role says: the writer of the file parsed it, so only in a hostile file.
  CertificatePtr Signer(uint32_t element) { return Parsed<Certificate>(element, signers, kMaxParsedSigners); }
  CrlPtr Crl(uint32_t element) { return Parsed<CertificateRevocationList>(element, crls, kMaxParsedCrls); }

  // The answer of the lists in one name.
  RevocationAnswer AskLists(const DistinguishedName& issuer, const Certificate& certificate, absl::Time check_time);

  // Names do not change within a store, and to find them costs signatures.
  std::vector<DistinguishedName> LaterNames(const DistinguishedName& name) {
    {
      const std::lock_guard lock(mutex);
      const auto found = later_names.find(name.canonical());
      if (found != later_names.end()) return found->second;
    }
    std::vector<DistinguishedName> names = authorities.LaterNames(name);
    const std::lock_guard lock(mutex);
    return later_names.emplace(name.canonical(), std::move(names)).first->second;
  }

  // Of the authority that issued the certificate. Where nobody here bears the name that the certificate says, the key
  // that made its signature may be here under another. Made-up names are not remembered.
  std::vector<DistinguishedName> LaterNamesOfIssuer(const Certificate& certificate) {
    if (authorities.HasName(certificate.issuer)) return LaterNames(certificate.issuer);
    for (const gatehouse::pki::Authority* renamed : authorities.Renamed(certificate)) {
      if (!authorities.ReachesAnchor(*renamed) || !VerifySignatureBy(*renamed->certificate, certificate).ok()) continue;
      std::vector<DistinguishedName> names = LaterNames(renamed->certificate->subject);
      names.insert(names.begin(), renamed->certificate->subject);
      return names;
    }
    return {};
  }

  // The verdict that stands in the file; null when it holds none.
  SignerVerdictPtr StoredVerdict(const Fingerprint& fingerprint) {
    const std::optional<uint32_t> element = file->Find(fingerprint);
    const auto stored = element ? file->verdict(*element) : std::nullopt;
    const CertificatePtr signer = stored ? Signer(*element) : nullptr;
    if (signer == nullptr) return nullptr;
    auto verdict = std::make_shared<SignerVerdict>(SignerVerdict{.signer = signer,
                                                                 .signature = stored->signature,
                                                                 .chain = stored->chain,
                                                                 .reason = std::string(stored->reason)});
    if (stored->named_authority) verdict->named_authority = authority_of.at(*stored->named_authority);
    for (const std::vector<uint32_t>& path : stored->paths) {
      std::vector<CertificatePtr>& certificates = verdict->paths.emplace_back();
      for (const uint32_t authority : path) certificates.push_back(authority_of.at(authority));
    }
    return verdict;
  }

 private:
  template <typename Value>
  std::shared_ptr<const Value> Parsed(uint32_t element,
                                      std::unordered_map<uint32_t, std::shared_ptr<const Value>>& parsed,
                                      size_t limit) {
    {
      const std::lock_guard lock(mutex);
      const auto found = parsed.find(element);
      if (found != parsed.end()) return found->second;
    }
    absl::StatusOr<std::shared_ptr<const Value>> value = Value::Parse(file->element(element).content);
    if (!value.ok()) return nullptr;
    const std::lock_guard lock(mutex);
    if (parsed.size() >= limit) parsed.clear();
    return parsed.emplace(element, *std::move(value)).first->second;
  }
};

// Self-issued and silent, or denying it: an authority that may not issue, which is worse than none.
bool TrustStore::Builder::IsAuthority(const Certificate& certificate) {
  return SaysAuthority(certificate) || certificate.self_issued();
}

void TrustStore::Builder::AddCertificate(CertificatePtr certificate) {
  if (IsAuthority(*certificate)) {
    authorities_.push_back({std::move(certificate), false});
  } else {
    signers_.push_back(std::move(certificate));
  }
}

void TrustStore::Builder::AddMasterList(const MasterList& list) {
  for (const CertificatePtr& certificate : list.certificates) authorities_.push_back({certificate, true});
}

void TrustStore::Builder::AddCrl(CrlPtr crl) { crls_.push_back(std::move(crl)); }

std::shared_ptr<const TrustStore> TrustStore::Builder::Build() {
  TrustContent content;
  content.sources.emplace_back();
  const auto add = [&](TrustRole role, const std::vector<uint8_t>& der) {
    content.elements.push_back({.role = role, .fingerprint = FingerprintOf(Bytes(der)), .content = Bytes(der)});
  };
  Authorities authorities;
  for (const Authority& authority : authorities_) authorities.Add(authority.certificate, authority.from_master_list);
  for (const auto& authority : authorities.all()) {
    add(authority.is_anchor ? TrustRole::kAnchor : TrustRole::kLink, authority.certificate->der);
  }
  for (const CertificatePtr& signer : signers_) add(TrustRole::kSigner, signer->der);
  for (const CrlPtr& crl : crls_) add(TrustRole::kCrl, crl->der);
  absl::StatusOr<std::string> written = WriteTrustSnapshot(std::move(content), JudgeSigners::kWhenAsked);
  GH_CHECK(written.ok());  // everything in it was parsed before
  authorities_.clear();
  signers_.clear();
  crls_.clear();
  const auto bytes = std::make_shared<const std::string>(*std::move(written));
  auto snapshot = TrustSnapshot::Open(AsBytes(*bytes), bytes);
  GH_CHECK(snapshot.ok());
  auto store = Open(*std::move(snapshot));
  GH_CHECK(store.ok());
  return *std::move(store);
}

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::Open(std::shared_ptr<const TrustSnapshot> file) {
  auto snapshot = std::make_unique<Snapshot>();
  for (uint32_t i = 0; i < file->size(); ++i) {
    const TrustElement element = file->element(i);
    snapshot->signer_count += element.role == TrustRole::kSigner ? 1 : 0;
    snapshot->crl_count += element.role == TrustRole::kCrl ? 1 : 0;
    if (!gatehouse::pki::IsAuthority(element.role)) continue;
    absl::StatusOr<CertificatePtr> certificate = Certificate::Parse(element.content);
    if (!certificate.ok()) return absl::DataLossError("trust snapshot: has an authority that is no certificate");
    snapshot->authority_of[i] = *certificate;
    snapshot->signer_count += SaysAuthority(**certificate) ? 0 : 1;
    snapshot->authorities.AddAs(*std::move(certificate), element.role == TrustRole::kAnchor);
  }
  snapshot->file = std::move(file);
  return std::shared_ptr<const TrustStore>(new TrustStore(std::move(snapshot)));
}

TrustStore::TrustStore(std::unique_ptr<Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}
TrustStore::~TrustStore() = default;

const TrustSnapshot& TrustStore::content() const { return *snapshot_->file; }
const std::string& TrustStore::version() const { return snapshot_->file->version(); }
size_t TrustStore::authority_count() const { return snapshot_->authorities.all().size(); }
size_t TrustStore::anchor_count() const {
  const auto& all = snapshot_->authorities.all();
  return static_cast<size_t>(std::count_if(all.begin(), all.end(), [](const auto& one) { return one.is_anchor; }));
}
size_t TrustStore::signer_count() const { return snapshot_->signer_count; }
size_t TrustStore::crl_count() const { return snapshot_->crl_count; }

CertificatePtr TrustStore::FindSigner(const SignerInfo& signer) const {
  const bool by_key = !signer.subject_key_identifier.empty();
  for (const uint32_t element : by_key ? snapshot_->file->SignersOfKey(signer.subject_key_identifier)
                                       : snapshot_->file->SignersOfSerial(signer.serial)) {
    const CertificatePtr certificate = snapshot_->Signer(element);
    if (certificate != nullptr && signer.Names(*certificate)) return certificate;
  }
  return nullptr;
}

std::vector<CertificatePtr> TrustStore::SignersOfSerial(Bytes serial) const {
  while (!serial.empty() && serial.front() == 0) serial = serial.subspan(1);
  std::vector<uint8_t> padded(serial.size() + 1);  // DER puts a zero before a number whose first bit is set
  std::copy(serial.begin(), serial.end(), padded.begin() + 1);
  std::vector<CertificatePtr> found;
  for (const Bytes encoded : {serial, Bytes(padded)}) {
    for (const uint32_t element : snapshot_->file->SignersOfSerial(encoded)) {
      const CertificatePtr certificate = snapshot_->Signer(element);
      if (certificate != nullptr && Equal(certificate->serial, encoded)) found.push_back(certificate);
    }
  }
  return found;
}

std::vector<CertificatePtr> TrustStore::SignersOfFingerprintTail(Bytes tail) const {
  std::vector<CertificatePtr> found;
  for (uint32_t i = 0; i < snapshot_->file->size(); ++i) {
    const TrustElement element = snapshot_->file->element(i);
    const bool may_sign = gatehouse::pki::IsAuthority(element.role) ? !SaysAuthority(*snapshot_->authority_of.at(i))
                                                                    : element.role == TrustRole::kSigner;
    if (!may_sign) continue;
    const DigestValue fingerprint = ComputeDigest(Digest::kSha1, element.content);
    if (tail.size() > fingerprint.size_bytes || !Equal(fingerprint.bytes().last(tail.size()), tail)) continue;
    if (CertificatePtr certificate = snapshot_->Signer(i)) found.push_back(std::move(certificate));
  }
  return found;
}

absl::StatusOr<SignerVerdictPtr> TrustStore::Judge(Bytes signer_der) const {
  const Fingerprint fingerprint = FingerprintOf(signer_der);
  const std::string key(AsText(Bytes(fingerprint)));
  {
    const std::lock_guard lock(snapshot_->mutex);
    const auto found = snapshot_->verdicts.find(key);
    if (found != snapshot_->verdicts.end()) return found->second;
  }
  // Judged outside the lock: two threads may do the same work once, none waits for another's signature check.
  SignerVerdictPtr verdict = snapshot_->StoredVerdict(fingerprint);
  if (verdict == nullptr) {
    GH_ASSIGN_OR_RETURN(CertificatePtr signer, Certificate::Parse(signer_der));
    verdict = std::make_shared<const SignerVerdict>(JudgeSigner(signer, snapshot_->authorities));
  }
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

RevocationAnswer TrustStore::Snapshot::AskLists(const DistinguishedName& issuer, const Certificate& certificate,
                                                absl::Time check_time) {
  RevocationAnswer answer;
  CrlPtr partial;  // that lists the certificate
  for (const uint32_t element : file->CrlsOfIssuer(issuer)) {
    const CrlPtr crl = Crl(element);
    if (crl == nullptr || !(crl->issuer == issuer)) continue;
    const std::string_view not_whole = crl->WhyNotWholeFor(certificate);
    if (!file->IsWellSigned(element)) {
      answer.badly_signed_crl = true;
    } else if (!not_whole.empty()) {
      answer.partial_crl = not_whole;
      const bool revokes = crl->this_update <= check_time && crl->Lists(certificate.serial);
      if (revokes && (partial == nullptr || IsBetter(*crl, *partial, check_time))) partial = crl;
    } else if (answer.crl == nullptr || IsBetter(*crl, *answer.crl, check_time)) {
      answer.crl = crl;
    }
  }
  // A whole list that came later has taken in, or taken back, what the partial one says.
  if (partial != nullptr && (answer.crl == nullptr || !IsBetter(*answer.crl, *partial, check_time))) {
    answer.crl = partial;
  }
  if (answer.crl == nullptr) return answer;
  answer.entry = answer.crl->Find(certificate.serial);
  const bool listed = answer.entry != nullptr;
  if (check_time < answer.crl->this_update || answer.crl->next_update < check_time) {
    answer.state = RevocationState::kUndetermined;
    answer.listed_on_stale_crl = listed;
  } else {
    answer.state = listed ? RevocationState::kRevoked : RevocationState::kGood;
  }
  return answer;
}

RevocationAnswer TrustStore::Revocation(const Certificate& certificate, absl::Time check_time) const {
  RevocationAnswer answer = snapshot_->AskLists(certificate.issuer, certificate, check_time);
  if (answer.state == RevocationState::kRevoked || crl_count() == 0) return answer;
  for (const DistinguishedName& name : snapshot_->LaterNamesOfIssuer(certificate)) {
    const RevocationAnswer later = snapshot_->AskLists(name, certificate, check_time);
    answer.badly_signed_crl |= later.badly_signed_crl;
    if (!later.partial_crl.empty()) answer.partial_crl = later.partial_crl;
    if (later.crl == nullptr) continue;
    const bool lists = later.entry != nullptr && answer.entry == nullptr;
    const bool clears = later.state == RevocationState::kGood && answer.entry == nullptr &&
                        (answer.crl == nullptr || IsBetter(*later.crl, *answer.crl, check_time));
    const bool confirms = later.state == RevocationState::kRevoked;
    if (!lists && !clears && !confirms) continue;
    answer.state = later.state;
    answer.listed_on_stale_crl = later.listed_on_stale_crl;
    answer.crl = later.crl;
    answer.entry = later.entry;
    if (confirms) break;
  }
  return answer;
}

std::string DescribeEntry(const RevocationAnswer& answer) {
  GH_CHECK(answer.entry != nullptr);
  return absl::StrCat("listed as revoked on ",
                      absl::FormatTime("%Y-%m-%d", answer.entry->revoked_at, absl::UTCTimeZone()), ", ",
                      std::string(ToWord(answer.entry->reason)));
}

bool TrustStore::IsWellSigned(const CertificateRevocationList& crl) const {
  return gatehouse::pki::IsWellSigned(crl, snapshot_->authorities);
}

bool TrustStore::LeadsToAnchor(const CertificatePtr& link) const {
  return !WhyNoAuthority(*link) && snapshot_->authorities.ReachesAnchor({.certificate = link, .is_anchor = false});
}

}  // namespace gatehouse::pki
