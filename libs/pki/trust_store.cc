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

// The key that signed a certificate and those that speak for what it issued, with the names in which lists may stand.
struct Voice {
  std::vector<Bytes> keys;  // SubjectPublicKeyInfo, in the authorities
  std::vector<DistinguishedName> names;

  bool Has(Bytes key) const {
    return std::any_of(keys.begin(), keys.end(), [&](Bytes one) { return Equal(one, key); });
  }
};
using VoicePtr = std::shared_ptr<const Voice>;

void AddName(const DistinguishedName& name, std::vector<DistinguishedName>& names) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

struct TrustStore::Snapshot {
  std::shared_ptr<const TrustSnapshot> file;
  MissingTrust missing;
  Authorities authorities;
  std::unordered_map<uint32_t, CertificatePtr> authority_of;  // key: element of `file`
  size_t signer_count = 0, crl_count = 0;

  std::mutex mutex;
  std::unordered_map<std::string, SignerVerdictPtr> verdicts;  // key: SHA-256 of the signer
  std::unordered_map<uint32_t, CertificatePtr> signers;        // parsed elements
  std::unordered_map<uint32_t, CrlPtr> crls;
  std::unordered_map<std::string, VoicePtr> voices;                             // key: SHA-256 of the certificate
  std::unordered_map<std::string, VoicePtr> voice_of_issuer;                    // key: SHA-256 of the authority
  std::unordered_map<std::string, std::vector<DistinguishedName>> later_names;  // key: canonical name of an authority

  // Null when the element is not what its role says: the writer of the file parsed it, so only in a hostile file.
  CertificatePtr Signer(uint32_t element) { return Parsed<Certificate>(element, signers, kMaxParsedSigners); }
  CrlPtr Crl(uint32_t element) { return Parsed<CertificateRevocationList>(element, crls, kMaxParsedCrls); }

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

  // Whose lists speak for the certificate. Its issuers are known from its verdict, or else found by signatures; both is
  // remembered, for each certificate and for each key.
  VoicePtr VoiceFor(const Certificate& certificate) {
    const std::string key(AsText(certificate.fingerprint.bytes()));
    SignerVerdictPtr verdict;
    {
      const std::lock_guard lock(mutex);
      const auto found = voices.find(key);
      if (found != voices.end()) return found->second;
      const auto judged = verdicts.find(key);
      if (judged != verdicts.end()) verdict = judged->second;
    }
    std::vector<const gatehouse::pki::Authority*> issuers;
    if (verdict != nullptr) {
      for (const auto& path : verdict->paths) issuers.push_back(authorities.Find(*path.front()));
    }
    // One that is not fit for its role has no path and is signed all the same.
    if (issuers.empty()) issuers = IssuersOf(certificate, authorities);
    VoicePtr voice = VoiceOf(issuers);
    const std::lock_guard lock(mutex);
    if (voices.size() >= kMaxRememberedVerdicts) voices.clear();
    return voices.emplace(key, std::move(voice)).first->second;
  }

  VoicePtr VoiceOf(const std::vector<const gatehouse::pki::Authority*>& issuers) {
    const std::string key = issuers.empty() ? "" : issuers.front()->certificate->fingerprint_text();
    {
      const std::lock_guard lock(mutex);
      const auto found = voice_of_issuer.find(key);
      if (found != voice_of_issuer.end()) return found->second;
    }
    auto voice = std::make_shared<Voice>();
    for (const gatehouse::pki::Authority* authority : authorities.WithSuccessors(issuers)) {
      const Certificate& certificate = *authority->certificate;
      if (!voice->Has(certificate.subject_public_key_info)) {
        voice->keys.push_back(certificate.subject_public_key_info);
      }
      AddName(certificate.subject, voice->names);
    }
    voice->names = WithLaterNames(std::move(voice->names));
    const std::lock_guard lock(mutex);
    return voice_of_issuer.emplace(key, std::move(voice)).first->second;
  }

  // Names and those that were taken later. Made-up names are not remembered.
  std::vector<DistinguishedName> WithLaterNames(std::vector<DistinguishedName> names) {
    for (size_t i = 0, count = names.size(); i < count; ++i) {
      if (!authorities.HasName(names[i])) continue;
      for (const DistinguishedName& later : LaterNames(names[i])) AddName(later, names);
    }
    return names;
  }

  // An anchor that was taken out of use may still be here.
  void Doubt(SignerVerdict& verdict) const {
    if (missing.removals.empty() || verdict.chain != ChainState::kValid) return;
    verdict.chain = ChainState::kNoTrustAnchor;
    verdict.reason = "its anchor may have been taken out of use: " + missing.removals;
    verdict.paths.clear();
  }

  // The verdict that stands in the file; null when it holds none.
  std::shared_ptr<SignerVerdict> StoredVerdict(const Fingerprint& fingerprint) {
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

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::Open(std::shared_ptr<const TrustSnapshot> file,
                                                                   MissingTrust missing) {
  auto snapshot = std::make_unique<Snapshot>();
  snapshot->missing = std::move(missing);
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

const MissingTrust& TrustStore::missing() const { return snapshot_->missing; }
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
  std::shared_ptr<SignerVerdict> verdict = snapshot_->StoredVerdict(fingerprint);
  if (verdict == nullptr) {
    GH_ASSIGN_OR_RETURN(CertificatePtr signer, Certificate::Parse(signer_der));
    verdict = std::make_shared<SignerVerdict>(JudgeSigner(signer, snapshot_->authorities));
  }
  snapshot_->Doubt(*verdict);
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
  SignerVerdict verdict = JudgeSigner(certificate, snapshot_->authorities, role);
  snapshot_->Doubt(verdict);
  return verdict;
}

RevocationAnswer TrustStore::Revocation(const Certificate& certificate, absl::Time check_time) const {
  if (crl_count() == 0 && snapshot_->missing.lists.empty()) return {};
  const VoicePtr voice = snapshot_->VoiceFor(certificate);
  std::vector<HeldList> lists;
  bool badly_signed = false;
  std::string missing = snapshot_->missing.lists;
  // A certificate whose issuer is not here, or that names it by a name it does not bear here.
  std::vector<DistinguishedName> own_names;
  const bool is_named = std::find(voice->names.begin(), voice->names.end(), certificate.issuer) != voice->names.end();
  if (!is_named) {
    own_names = snapshot_->WithLaterNames({certificate.issuer});
    for (const DistinguishedName& name : voice->names) AddName(name, own_names);
  }
  for (const DistinguishedName& name : is_named ? voice->names : own_names) {
    for (const uint32_t element : snapshot_->file->CrlsOfIssuer(name)) {
      const CrlPtr crl = snapshot_->Crl(element);
      if (crl == nullptr) missing = "one in the issuer's name cannot be read";
      if (crl == nullptr || !(crl->issuer == name)) continue;
      const CertificatePtr signer = SignerOfCrl(element);
      badly_signed |= signer == nullptr;
      if (signer == nullptr) continue;
      const Bytes key = signer->subject_public_key_info;
      lists.push_back({.crl = crl, .key = key, .speaks = voice->Has(key)});
    }
  }
  RevocationAnswer answer = AskLists(lists, certificate, check_time);
  answer.badly_signed_crl = badly_signed;
  const bool is_silent = answer.state == RevocationState::kGood || answer.state == RevocationState::kNoCrl;
  if (!missing.empty() && is_silent) answer.state = RevocationState::kUndetermined;
  answer.missing_crl = std::move(missing);
  return answer;
}

CertificatePtr TrustStore::RevokedAuthority(const SignerVerdict& verdict, absl::Time check_time) const {
  for (const std::vector<CertificatePtr>& path : verdict.paths) {
    for (const CertificatePtr& authority : path) {
      if (Revocation(*authority, check_time).state == RevocationState::kRevoked) return authority;
    }
  }
  return nullptr;
}

CertificatePtr TrustStore::SignerOf(const CertificateRevocationList& crl) const {
  const auto* signer = gatehouse::pki::SignerOf(crl, snapshot_->authorities);
  return signer == nullptr ? nullptr : signer->certificate;
}

CertificatePtr TrustStore::SignerOfCrl(uint32_t element) const {
  const std::optional<uint32_t> signer = snapshot_->file->SignerOfCrl(element);
  return signer ? snapshot_->authority_of.at(*signer) : nullptr;
}

bool TrustStore::LeadsToAnchor(const CertificatePtr& link) const {
  return snapshot_->missing.removals.empty() && !WhyNoAuthority(*link) &&
         snapshot_->authorities.ReachesAnchor({.certificate = link, .is_anchor = false});
}

}  // namespace gatehouse::pki
