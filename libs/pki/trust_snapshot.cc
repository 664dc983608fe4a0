#include "libs/pki/trust_snapshot.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/pki/byte_codec.h"
#include "libs/pki/trust_snapshot_layout.h"

namespace gatehouse::pki {
namespace {

using layout::Load;

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(absl::StrCat("trust snapshot: ", std::string(what)));
}

// A self-issued certificate that is no authority by its own word stands in for both.
bool MaySign(TrustRole role) { return role == TrustRole::kSigner || IsAuthority(role); }

}  // namespace

void WriteSource(const TrustSource& source, ByteWriter& out) {
  for (const std::string* text : {&source.import_id, &source.name, &source.sha256, &source.note, &source.imported_by,
                                  &source.list_signer, &source.list_signer_certificate, &source.list_signer_anchor}) {
    out.Text(*text);
  }
  out.Texts(source.accepted_by);
  out.Time(source.imported_at);
  out.Time(source.accepted_at);
  out.Number(source.pkd.nonconformant ? 1 : 0, 1);
  out.Text(source.pkd.code);
  out.Text(source.pkd.text);
}

TrustSource ReadSource(SourceForm form, ByteReader& in) {
  TrustSource source;
  for (std::string* text : {&source.import_id, &source.name, &source.sha256, &source.note, &source.imported_by,
                            &source.list_signer, &source.list_signer_certificate, &source.list_signer_anchor}) {
    *text = in.Text();
  }
  source.accepted_by = in.Texts();
  source.imported_at = in.Time();
  source.accepted_at = in.Time();
  if (form == SourceForm::kFirst) return source;
  source.pkd.nonconformant = in.Number(1) != 0;
  source.pkd.code = in.Text();
  source.pkd.text = in.Text();
  return source;
}

absl::StatusOr<std::shared_ptr<const TrustSnapshot>> TrustSnapshot::Open(Bytes bytes,
                                                                         std::shared_ptr<const void> owner) {
  std::shared_ptr<TrustSnapshot> snapshot(new TrustSnapshot());
  snapshot->bytes_ = bytes;
  snapshot->owner_ = std::move(owner);
  GH_RETURN_IF_ERROR(snapshot->Check());
  return snapshot;
}

absl::Status TrustSnapshot::Check() {
  if (bytes_.size() < layout::kHeaderBytes + layout::kChecksumBytes || bytes_.size() > kMaxSnapshotBytes) {
    return Damaged("has a size out of bounds");
  }
  if (AsText(bytes_.first(layout::kMagic.size())) != layout::kMagic) return Damaged("is none");
  const uint8_t* header = bytes_.data();
  if (Load(header + layout::kFileBytes, 8) != bytes_.size()) return Damaged("is cut short or has a tail");
  const Bytes checked = bytes_.first(bytes_.size() - layout::kChecksumBytes);
  if (!Equal(ComputeDigest(Digest::kSha256, checked).bytes(), bytes_.last(layout::kChecksumBytes))) {
    return Damaged("does not fit its checksum");
  }
  Bytes sections[layout::kSectionCount];
  for (int i = 0; i < layout::kSectionCount; ++i) {
    const uint8_t* entry = header + layout::kSections + i * layout::kSectionBytes;
    const uint64_t offset = Load(entry, 8), size = Load(entry + 8, 8);
    if (offset > checked.size() || size > checked.size() - offset) return Damaged("has a section out of bounds");
    sections[i] = checked.subspan(offset, size);
  }
  change_number_ = static_cast<int64_t>(Load(header + layout::kChangeNumber, 8));
  version_number_ = static_cast<int64_t>(Load(header + layout::kVersionNumber, 8));
  newest_import_ = absl::FromUnixMicros(static_cast<int64_t>(Load(header + layout::kNewestImport, 8)));
  version_ = ToHex(bytes_.subspan(layout::kDigest, sizeof(Fingerprint)));
  if (change_number_ < 0 || version_number_ < 0) return Damaged("has a negative number");

  elements_ = sections[layout::kElements];
  verdicts_ = sections[layout::kVerdicts];
  contents_ = sections[layout::kContents];
  serials_.records = sections[layout::kSerials];
  keys_.records = sections[layout::kKeys];
  crls_.records = sections[layout::kCrls];
  if (elements_.size() % layout::kElementBytes != 0 || elements_.size() / layout::kElementBytes > kMaxTrustElements) {
    return Damaged("has elements out of bounds");
  }
  element_count_ = static_cast<uint32_t>(elements_.size() / layout::kElementBytes);
  GH_RETURN_IF_ERROR(ReadSources(sections[layout::kSources]));
  const Bytes removed = sections[layout::kRemoved];
  if (removed.size() % sizeof(Fingerprint) != 0) return Damaged("has a broken list of removed elements");
  removed_.resize(removed.size() / sizeof(Fingerprint));
  for (size_t i = 0; i < removed_.size(); ++i) {
    std::copy_n(removed.begin() + static_cast<ptrdiff_t>(i * sizeof(Fingerprint)), sizeof(Fingerprint),
                removed_[i].begin());
  }
  if (!std::is_sorted(removed_.begin(), removed_.end())) return Damaged("has removed elements out of order");
  GH_RETURN_IF_ERROR(CheckElements());
  GH_RETURN_IF_ERROR(CheckIndex(serials_, MaySign));
  GH_RETURN_IF_ERROR(CheckIndex(keys_, MaySign));
  return CheckIndex(crls_, [](TrustRole role) { return role == TrustRole::kCrl; });
}

absl::Status TrustSnapshot::ReadSources(Bytes section) {
  ByteReader reader(AsText(section));
  sources_.resize(reader.Count(kLeastSourceBytes));
  for (TrustSource& source : sources_) source = ReadSource(SourceForm::kSecond, reader);
  return reader.failed() || !reader.at_end() ? Damaged("has a broken list of sources") : absl::OkStatus();
}

absl::Status TrustSnapshot::CheckElements() const {
  for (uint32_t i = 0; i < element_count_; ++i) {
    const uint8_t* at = elements_.data() + size_t{i} * layout::kElementBytes;
    if (i > 0 &&
        !std::lexicographical_compare(at - layout::kElementBytes, at - layout::kElementBytes + 32, at, at + 32)) {
      return Damaged("has elements out of order");
    }
    const uint64_t offset = Load(at + layout::kContentOffset, 8), size = Load(at + layout::kContentSize, 4);
    if (offset > contents_.size() || size > contents_.size() - offset) return Damaged("has a content out of bounds");
    if (at[layout::kRole] == 0 || at[layout::kRole] > static_cast<uint8_t>(kLastTrustRole)) {
      return Damaged("has an element without a role");
    }
    if (Load(at + layout::kSource, 4) >= sources_.size()) return Damaged("has an element without a source");
  }
  // Verdicts refer to roles, so only now.
  for (uint32_t i = 0; i < element_count_; ++i) {
    const uint8_t* at = elements_.data() + size_t{i} * layout::kElementBytes;
    const uint32_t verdict = static_cast<uint32_t>(Load(at + layout::kVerdict, 4));
    if (verdict == layout::kNone) continue;
    if (at[layout::kRole] == static_cast<uint8_t>(TrustRole::kCrl)) {
      const bool is_authority = verdict < element_count_ && IsAuthority(element(verdict).role);
      if (!is_authority) return Damaged("has a revocation list signed by no authority");
      continue;
    }
    if (at[layout::kRole] != static_cast<uint8_t>(TrustRole::kSigner)) return Damaged("has a verdict on no signer");
    GH_RETURN_IF_ERROR(ReadVerdict(verdict).status());
  }
  return absl::OkStatus();
}

absl::Status TrustSnapshot::CheckIndex(const Index& index, bool (*fits)(TrustRole)) const {
  if (index.records.size() % layout::kIndexBytes != 0) return Damaged("has an index out of bounds");
  for (size_t at = 0; at < index.records.size(); at += layout::kIndexBytes) {
    const uint8_t* record = index.records.data() + at;
    if (at > 0 && Load(record - layout::kIndexBytes, 8) > Load(record, 8)) return Damaged("has an index out of order");
    const uint64_t number = Load(record + 8, 4);
    if (number >= element_count_ || !fits(element(static_cast<uint32_t>(number)).role)) {
      return Damaged("has an index to another element");
    }
  }
  return absl::OkStatus();
}

TrustElement TrustSnapshot::element(uint32_t index) const {
  const uint8_t* at = elements_.data() + size_t{index} * layout::kElementBytes;
  TrustElement element;
  std::copy_n(at, element.fingerprint.size(), element.fingerprint.begin());
  element.role = static_cast<TrustRole>(at[layout::kRole]);
  element.source = static_cast<uint32_t>(Load(at + layout::kSource, 4));
  element.content = contents_.subspan(Load(at + layout::kContentOffset, 8), Load(at + layout::kContentSize, 4));
  return element;
}

std::optional<uint32_t> TrustSnapshot::Find(const Fingerprint& fingerprint) const {
  uint32_t low = 0, high = element_count_;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const uint8_t* at = elements_.data() + size_t{middle} * layout::kElementBytes;
    const int order = std::memcmp(at, fingerprint.data(), fingerprint.size());
    if (order == 0) return middle;
    (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
  }
  return std::nullopt;
}

std::vector<uint32_t> TrustSnapshot::Index::Find(uint64_t key) const {
  const auto key_at = [&](size_t record) { return Load(records.data() + record * layout::kIndexBytes, 8); };
  const size_t count = records.size() / layout::kIndexBytes;
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    (key_at(middle) < key ? low : high) = key_at(middle) < key ? middle + 1 : middle;
  }
  std::vector<uint32_t> found;
  for (; low < count && key_at(low) == key; ++low) {
    found.push_back(static_cast<uint32_t>(Load(records.data() + low * layout::kIndexBytes + 8, 4)));
  }
  return found;
}

std::vector<uint32_t> TrustSnapshot::SignersOfSerial(Bytes serial) const {
  return serials_.Find(layout::KeyOf(serial));
}
std::vector<uint32_t> TrustSnapshot::SignersOfKey(Bytes subject_key_identifier) const {
  return keys_.Find(layout::KeyOf(subject_key_identifier));
}
std::vector<uint32_t> TrustSnapshot::CrlsOfIssuer(const DistinguishedName& issuer) const {
  return crls_.Find(layout::KeyOf(AsBytes(issuer.canonical())));
}

std::optional<uint32_t> TrustSnapshot::SignerOfCrl(uint32_t crl) const {
  const uint8_t* at = elements_.data() + size_t{crl} * layout::kElementBytes;
  const uint32_t signer = static_cast<uint32_t>(Load(at + layout::kVerdict, 4));
  if (at[layout::kRole] != static_cast<uint8_t>(TrustRole::kCrl) || signer == layout::kNone) return std::nullopt;
  return signer;
}

absl::StatusOr<TrustSnapshot::Verdict> TrustSnapshot::ReadVerdict(uint32_t offset) const {
  if (offset > verdicts_.size()) return Damaged("has a verdict out of bounds");
  ByteReader reader(AsText(verdicts_.subspan(offset)));
  Verdict verdict;
  const uint64_t signature = reader.Number(1), chain = reader.Number(1);
  if (signature > static_cast<uint64_t>(SignatureState::kUndetermined) ||
      chain > static_cast<uint64_t>(ChainState::kNoTrustAnchor)) {
    return Damaged("has a verdict that is none");
  }
  verdict.signature = static_cast<SignatureState>(signature);
  verdict.chain = static_cast<ChainState>(chain);
  verdict.reason = reader.Text();
  bool refers_well = true;
  const auto authority = [&] {
    const uint32_t index = static_cast<uint32_t>(reader.Number(4));
    refers_well &= index < element_count_ && IsAuthority(element(index).role);
    return index;
  };
  if (reader.Number(1) != 0) verdict.named_authority = authority();
  const uint64_t paths = reader.Number(1);
  for (uint64_t i = 0; i < paths && refers_well && !reader.failed(); ++i) {
    const uint64_t length = reader.Number(1);
    if (length == 0 || length > kMaxChainLength) return Damaged("has a path out of bounds");
    std::vector<uint32_t>& path = verdict.paths.emplace_back();
    for (uint64_t step = 0; step < length && refers_well; ++step) path.push_back(authority());
  }
  if (reader.failed() || !refers_well) return Damaged("has a broken verdict");
  if ((verdict.chain == ChainState::kValid) == verdict.paths.empty()) return Damaged("has a verdict without its path");
  return verdict;
}

std::optional<TrustSnapshot::Verdict> TrustSnapshot::verdict(uint32_t index) const {
  const uint8_t* at = elements_.data() + size_t{index} * layout::kElementBytes;
  const uint32_t offset = static_cast<uint32_t>(Load(at + layout::kVerdict, 4));
  if (offset == layout::kNone || at[layout::kRole] == static_cast<uint8_t>(TrustRole::kCrl)) return std::nullopt;
  absl::StatusOr<Verdict> verdict = ReadVerdict(offset);
  return verdict.ok() ? std::optional<Verdict>(*std::move(verdict)) : std::nullopt;  // checked when opened
}

}  // namespace gatehouse::pki
