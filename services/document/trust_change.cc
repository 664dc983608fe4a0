#include "services/document/trust_change.h"

#include "libs/pki/byte_codec.h"
#include "libs/pki/trust_snapshot.h"

namespace gatehouse::document {
namespace {

// Counts up with the form of its sources.
constexpr auto kPayloadFormat = pki::SourceForm::kSecond;
constexpr size_t kLeastAdditionBytes = 1 + 4 + 4 + 1 + 1, kMostAdditionBytes = kLeastAdditionBytes + 32;

void Put(const pki::Fingerprint& fingerprint, pki::ByteWriter& out) {
  out.out.append(pki::AsText(pki::Bytes(fingerprint)));
}

pki::Fingerprint TakeFingerprint(pki::ByteReader& in) {
  pki::Fingerprint fingerprint{};
  const std::string_view raw = in.Raw(fingerprint.size());
  std::copy(raw.begin(), raw.end(), fingerprint.begin());
  return fingerprint;
}

}  // namespace

std::string_view ToWord(TrustCause cause) {
  static constexpr std::string_view kWords[] = {"import", "accept", "reject", "removal", "pack"};
  return kWords[static_cast<size_t>(cause) - 1];
}

std::string EncodePayload(const TrustChange& change) {
  pki::ByteWriter out;
  // At once: a whole directory has tens of megabytes.
  size_t bytes = 0;
  for (const TrustAddition& addition : change.additions) bytes += addition.content.size() + kMostAdditionBytes;
  out.out.reserve(bytes);
  out.Number(static_cast<uint64_t>(kPayloadFormat), 4);
  out.Number(change.sources.size(), 4);
  for (const pki::TrustSource& source : change.sources) pki::WriteSource(source, out);
  out.Number(change.additions.size(), 4);
  for (const TrustAddition& addition : change.additions) {
    out.Number(static_cast<uint64_t>(addition.role), 1);
    out.Text(addition.content);
    out.Number(addition.source, 4);
    out.Number(addition.pending ? 1 : 0, 1);
    out.Number(addition.replaces ? 1 : 0, 1);
    if (addition.replaces) Put(*addition.replaces, out);
  }
  out.Number(change.removals.size(), 4);
  for (const TrustRemoval& removal : change.removals) {
    Put(removal.fingerprint, out);
    out.Number(removal.pending ? 1 : 0, 1);
  }
  return std::move(out.out);
}

absl::Status DecodePayload(std::string_view payload, TrustChange& change) {
  pki::ByteReader in(payload);
  const uint64_t format = in.Number(4);
  bool whole = format >= 1 && format <= static_cast<uint64_t>(kPayloadFormat);
  change.sources.resize(in.Count(pki::kLeastSourceBytes));
  for (pki::TrustSource& source : change.sources) source = pki::ReadSource(static_cast<pki::SourceForm>(format), in);
  change.additions.resize(in.Count(kLeastAdditionBytes));
  for (TrustAddition& addition : change.additions) {
    const uint64_t role = in.Number(1);
    whole &= role >= 1 && role <= static_cast<uint64_t>(pki::kLastTrustRole);
    addition.role = static_cast<pki::TrustRole>(role);
    addition.content = in.Text();
    addition.fingerprint = pki::FingerprintOf(pki::AsBytes(addition.content));
    addition.source = static_cast<uint32_t>(in.Number(4));
    whole &= addition.source < change.sources.size();
    addition.pending = in.Number(1) != 0;
    if (in.Number(1) != 0) addition.replaces = TakeFingerprint(in);
  }
  change.removals.resize(in.Count(sizeof(pki::Fingerprint) + 1));
  for (TrustRemoval& removal : change.removals) {
    removal.fingerprint = TakeFingerprint(in);
    removal.pending = in.Number(1) != 0;
  }
  if (!whole || in.failed() || !in.at_end()) return absl::DataLossError("a change of the trust store is damaged");
  return absl::OkStatus();
}

}  // namespace gatehouse::document
