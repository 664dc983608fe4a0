#include "libs/pki/digest.h"

#include <openssl/evp.h>

#include <memory>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/pki/openssl.h"

namespace gatehouse::pki {

const EVP_MD* OpensslDigest(Digest digest) {
  // Fetched once: a fetch by name takes the provider's lock and costs more than hashing a data group.
  static const std::array<EVP_MD*, 5> kFetched = {
      EVP_MD_fetch(nullptr, "SHA1", nullptr), EVP_MD_fetch(nullptr, "SHA2-224", nullptr),
      EVP_MD_fetch(nullptr, "SHA2-256", nullptr), EVP_MD_fetch(nullptr, "SHA2-384", nullptr),
      EVP_MD_fetch(nullptr, "SHA2-512", nullptr)};
  const EVP_MD* fetched = kFetched[static_cast<size_t>(digest)];
  GH_CHECK(fetched != nullptr);
  return fetched;
}

DigestValue ComputeDigest(Digest digest, std::span<const Bytes> parts) {
  struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  DigestValue value;
  unsigned int size = 0;
  GH_CHECK(EVP_DigestInit_ex2(context.get(), OpensslDigest(digest), nullptr) == 1);
  for (const Bytes part : parts) GH_CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  GH_CHECK(EVP_DigestFinal_ex(context.get(), value.octets.data(), &size) == 1);
  value.size_bytes = size;
  return value;
}

DigestValue ComputeDigest(Digest digest, Bytes bytes) { return ComputeDigest(digest, std::span(&bytes, 1)); }

size_t DigestSizeBytes(Digest digest) {
  static constexpr std::array<size_t, 5> kSizes = {20, 28, 32, 48, 64};
  return kSizes[static_cast<size_t>(digest)];
}

std::string_view DigestName(Digest digest) {
  static constexpr std::array<std::string_view, 5> kNames = {"SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"};
  return kNames[static_cast<size_t>(digest)];
}

std::optional<Digest> DigestOfOid(Bytes oid) {
  if (oid::kSha256 == oid) return Digest::kSha256;
  if (oid::kSha1 == oid) return Digest::kSha1;
  if (oid::kSha512 == oid) return Digest::kSha512;
  if (oid::kSha384 == oid) return Digest::kSha384;
  if (oid::kSha224 == oid) return Digest::kSha224;
  return std::nullopt;
}

absl::StatusOr<Digest> ReadDigestAlgorithm(const Tlv& algorithm_identifier, std::string_view field) {
  TlvReader reader(algorithm_identifier.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv oid, reader.Expect(tag::kOid, field));
  if (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv parameters, reader.Expect(tag::kNull, field));
    if (!parameters.value.empty()) return Malformed(field, "has a NULL with contents");
    GH_RETURN_IF_ERROR(reader.ExpectEnd(field));
  }
  const std::optional<Digest> digest = DigestOfOid(oid.value);
  if (!digest) return Malformed(field, "is no digest we accept: " + OidText(oid.value));
  return *digest;
}

}  // namespace gatehouse::pki
