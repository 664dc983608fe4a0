#include <algorithm>
#include <map>
#include <unordered_map>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/pki/byte_codec.h"
#include "libs/pki/certificate_without_key.h"
#include "libs/pki/chain.h"
#include "libs/pki/trust_snapshot.h"
#include "libs/pki/trust_snapshot_layout.h"

namespace gatehouse::pki {
namespace {

// One element a fingerprint, in the order of fingerprints.
void SortElements(std::vector<TrustElement>& elements) {
  const auto before = [](const TrustElement& a, const TrustElement& b) {
    return a.fingerprint != b.fingerprint ? a.fingerprint < b.fingerprint : a.role < b.role;
  };
  std::stable_sort(elements.begin(), elements.end(), before);
  const auto same = [](const TrustElement& a, const TrustElement& b) { return a.fingerprint == b.fingerprint; };
  elements.erase(std::unique(elements.begin(), elements.end(), same), elements.end());
}

class Writer {
 public:
  Writer(const TrustContent& content, JudgeSigners judge, const TrustSnapshot* earlier)
      : content_(content), judge_(judge), earlier_(earlier) {}

  absl::StatusOr<std::string> Write(const ProgressListener& progress) {
    GH_RETURN_IF_ERROR(ReadAuthorities());
    if (earlier_ != nullptr && !HasSameAuthorities(*earlier_)) earlier_ = nullptr;
    const auto is_verified = [](const TrustElement& element) {
      return element.role == TrustRole::kSigner || element.role == TrustRole::kCrl;
    };
    ProgressStep step(
        progress, "verifying",
        static_cast<size_t>(std::count_if(content_.elements.begin(), content_.elements.end(), is_verified)));
    for (uint32_t i = 0; i < content_.elements.size(); ++i) {
      GH_RETURN_IF_ERROR(AddElement(i));
      if (is_verified(content_.elements[i])) step.Done();
    }
    return Assemble();
  }

 private:
  absl::Status ReadAuthorities() {
    for (uint32_t i = 0; i < content_.elements.size(); ++i) {
      const TrustElement& element = content_.elements[i];
      if (!IsAuthority(element.role)) continue;
      GH_ASSIGN_OR_RETURN(CertificatePtr certificate, Certificate::Parse(element.content));
      number_of_[certificate.get()] = i;
      if (!SaysAuthority(*certificate)) AddToIndexes(*certificate, i);
      authorities_.AddAs(std::move(certificate), element.role == TrustRole::kAnchor);
    }
    return absl::OkStatus();
  }

  bool HasSameAuthorities(const TrustSnapshot& other) const {
    size_t count = 0;
    for (uint32_t i = 0; i < other.size(); ++i) count += IsAuthority(other.element(i).role) ? 1 : 0;
    if (count != number_of_.size()) return false;
    for (const auto& [certificate, number] : number_of_) {
      const TrustElement& mine = content_.elements[number];
      const std::optional<uint32_t> theirs = other.Find(mine.fingerprint);
      if (!theirs || other.element(*theirs).role != mine.role) return false;
    }
    return true;
  }

  void AddToIndexes(const Certificate& signer, uint32_t number) {
    serials_.emplace_back(layout::KeyOf(signer.serial), number);
    keys_.emplace_back(layout::KeyOf(signer.subject_key_identifier), number);
  }

  absl::Status AddElement(uint32_t number) {
    const TrustElement& element = content_.elements[number];
    uint32_t verdict = layout::kNone;
    if (element.role == TrustRole::kSigner) {
      GH_ASSIGN_OR_RETURN(const CertificatePtr signer, ParseCertificateWithoutKey(element.content));
      AddToIndexes(*signer, number);
      if (judge_ == JudgeSigners::kAtOnce) verdict = AddVerdict(element, signer);
    } else if (element.role == TrustRole::kCrl) {
      GH_ASSIGN_OR_RETURN(const CrlPtr crl, CertificateRevocationList::Parse(element.content));
      crls_.emplace_back(layout::KeyOf(AsBytes(crl->issuer.canonical())), number);
      const Authority* signer = SignerOf(*crl, authorities_);
      if (signer != nullptr) verdict = number_of_.at(signer->certificate.get());
    }
    elements_.out.append(AsText(Bytes(element.fingerprint)));
    elements_.Number(contents_bytes_, 8);
    elements_.Number(element.content.size(), 4);
    elements_.Number(element.source, 4);
    elements_.Number(verdict, 4);
    elements_.Number(static_cast<uint64_t>(element.role), 1);
    elements_.Number(0, 3);
    contents_bytes_ += element.content.size();
    return absl::OkStatus();
  }

  uint32_t AddVerdict(const TrustElement& element, const CertificatePtr& signer) {
    ByteWriter record;
    if (const std::optional<TrustSnapshot::Verdict> known = Known(element.fingerprint)) {
      WriteVerdict(*known, record, [&](uint32_t theirs) {
        return *Find(earlier_->element(theirs).fingerprint);  // the same authorities are there
      });
    } else {
      const SignerVerdict judged = JudgeSigner(signer, authorities_);
      TrustSnapshot::Verdict verdict{
          .signature = judged.signature, .chain = judged.chain, .reason = std::string_view(judged.reason)};
      const auto number = [&](const CertificatePtr& authority) { return number_of_.at(authority.get()); };
      if (judged.named_authority != nullptr) verdict.named_authority = number(judged.named_authority);
      for (const std::vector<CertificatePtr>& path : judged.paths) {
        if (verdict.paths.size() == 255) break;  // what a reader wants is the first that fits a time
        std::vector<uint32_t>& numbers = verdict.paths.emplace_back();
        for (const CertificatePtr& authority : path) numbers.push_back(number(authority));
      }
      WriteVerdict(verdict, record, [](uint32_t mine) { return mine; });
    }
    // Signers of one country have one verdict.
    const auto [at, is_new] = verdict_places_.emplace(record.out, static_cast<uint32_t>(verdicts_.out.size()));
    if (is_new) verdicts_.out += record.out;
    return at->second;
  }

  std::optional<TrustSnapshot::Verdict> Known(const Fingerprint& fingerprint) const {
    const std::optional<uint32_t> there = earlier_ != nullptr ? earlier_->Find(fingerprint) : std::nullopt;
    return there ? earlier_->verdict(*there) : std::nullopt;
  }

  std::optional<uint32_t> Find(const Fingerprint& fingerprint) const {
    const auto at = std::lower_bound(content_.elements.begin(), content_.elements.end(), fingerprint,
                                     [](const TrustElement& a, const Fingerprint& b) { return a.fingerprint < b; });
    if (at == content_.elements.end() || at->fingerprint != fingerprint) return std::nullopt;
    return static_cast<uint32_t>(at - content_.elements.begin());
  }

  template <typename Number>
  static void WriteVerdict(const TrustSnapshot::Verdict& verdict, ByteWriter& out, Number number) {
    out.Number(static_cast<uint64_t>(verdict.signature), 1);
    out.Number(static_cast<uint64_t>(verdict.chain), 1);
    out.Text(verdict.reason);
    out.Number(verdict.named_authority ? 1 : 0, 1);
    if (verdict.named_authority) out.Number(number(*verdict.named_authority), 4);
    out.Number(verdict.paths.size(), 1);
    for (const std::vector<uint32_t>& path : verdict.paths) {
      out.Number(path.size(), 1);
      for (const uint32_t authority : path) out.Number(number(authority), 4);
    }
  }

  using IndexRecords = std::vector<std::pair<uint64_t, uint32_t>>;
  static std::string WriteIndex(IndexRecords& records) {
    std::sort(records.begin(), records.end());
    ByteWriter out;
    for (const auto& [key, number] : records) {
      out.Number(key, 8);
      out.Number(number, 4);
    }
    return std::move(out.out);
  }

  absl::StatusOr<std::string> Assemble() {
    ByteWriter sources;
    sources.Number(content_.sources.size(), 4);
    absl::Time newest = absl::UnixEpoch();
    for (const TrustSource& source : content_.sources) {
      WriteSource(source, sources);
      newest = std::max(newest, source.imported_at);
    }
    std::string removed;
    for (const Fingerprint& fingerprint : content_.removed) removed.append(AsText(Bytes(fingerprint)));
    const std::string sections[] = {std::move(elements_.out), WriteIndex(serials_), WriteIndex(keys_),
                                    WriteIndex(crls_),        std::move(removed),   std::move(sources.out),
                                    std::move(verdicts_.out)};
    size_t size = layout::kHeaderBytes + contents_bytes_ + layout::kChecksumBytes;
    for (const std::string& section : sections) size += section.size();
    if (size > kMaxSnapshotBytes) return absl::ResourceExhaustedError("trust snapshot: longer than the limit");

    ByteWriter file;
    file.out.reserve(size);
    file.out.append(layout::kMagic);
    file.Number(size, 8);
    file.Number(static_cast<uint64_t>(content_.change_number), 8);
    file.Number(static_cast<uint64_t>(content_.version_number), 8);
    file.Time(newest);
    const absl::StatusOr<Fingerprint> version = ParseFingerprint(TrustVersionOf(content_.elements));
    GH_CHECK(version.ok());
    file.out.append(AsText(Bytes(*version)));
    uint64_t offset = layout::kHeaderBytes;
    for (const std::string& section : sections) {
      file.Number(offset, 8);
      file.Number(section.size(), 8);
      offset += section.size();
    }
    file.Number(offset, 8);
    file.Number(contents_bytes_, 8);
    for (const std::string& section : sections) file.out += section;
    for (const TrustElement& element : content_.elements) file.out.append(AsText(element.content));
    const DigestValue checksum = ComputeDigest(Digest::kSha256, AsBytes(file.out));
    file.out.append(AsText(checksum.bytes()));
    GH_CHECK(file.out.size() == size);
    return std::move(file.out);
  }

  const TrustContent& content_;
  const JudgeSigners judge_;
  const TrustSnapshot* earlier_;
  Authorities authorities_;
  std::unordered_map<const Certificate*, uint32_t> number_of_;  // element of an authority
  ByteWriter elements_, verdicts_;
  std::map<std::string, uint32_t> verdict_places_;
  IndexRecords serials_, keys_, crls_;
  uint64_t contents_bytes_ = 0;
};

}  // namespace

absl::StatusOr<std::string> WriteTrustSnapshot(TrustContent content, JudgeSigners judge, const TrustSnapshot* earlier,
                                               const ProgressListener& progress) {
  if (content.elements.size() > kMaxTrustElements)
    return absl::ResourceExhaustedError("trust snapshot: too many elements");
  for (const TrustElement& element : content.elements) {
    if (element.source >= content.sources.size()) return Malformed("element", "has no source");
  }
  SortElements(content.elements);
  std::sort(content.removed.begin(), content.removed.end());
  content.removed.erase(std::unique(content.removed.begin(), content.removed.end()), content.removed.end());
  return Writer(content, judge, earlier).Write(progress);
}

}  // namespace gatehouse::pki
