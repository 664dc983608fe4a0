// Any bytes as a trust snapshot, as they are and with the checksum made right, so that what lies behind it is reached.
#include <algorithm>

#include "libs/pki/trust_snapshot.h"

namespace {

using namespace gatehouse::pki;

void Read(std::string_view bytes) {
  const auto owner = std::make_shared<const std::string>(bytes);
  const auto snapshot = TrustSnapshot::Open(AsBytes(*owner), owner);
  if (!snapshot.ok()) return;
  const TrustSnapshot& file = **snapshot;
  for (uint32_t i = 0; i < file.size(); ++i) {
    const TrustElement element = file.element(i);
    (void)file.verdict(i);
    (void)file.Find(element.fingerprint);
    if (element.role == TrustRole::kCrl) (void)file.SignerOfCrl(i);
  }
  const auto store = TrustStore::Open(*snapshot);
  if (!store.ok()) return;
  for (uint32_t i = 0; i < file.size() && i < 16; ++i) {
    const auto verdict = (*store)->Judge(file.element(i).content);
    if (!verdict.ok()) continue;
    (void)(*store)->Revocation(*(*verdict)->signer, absl::FromUnixSeconds(1'780'000'000));
    (void)(*store)->SignersOfSerial((*verdict)->signer->serial);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kFileBytes = 8, kChecksumBytes = 32;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  Read(bytes);
  if (size < kFileBytes + 8) return 0;
  const uint64_t whole = size + kChecksumBytes;
  for (size_t i = 0; i < 8; ++i) bytes[kFileBytes + i] = static_cast<char>(whole >> (8 * i));
  const DigestValue checksum = ComputeDigest(Digest::kSha256, AsBytes(bytes));
  bytes += AsText(checksum.bytes());
  Read(bytes);
  return 0;
}
