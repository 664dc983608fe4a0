#include "libs/pki/trust_pack.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <zlib.h>

#include <memory>

#include "libs/base/status_macros.h"
#include "libs/pki/byte_codec.h"
#include "libs/pki/trust_snapshot.h"

namespace gatehouse::pki {
namespace {

constexpr std::string_view kMagic = "GHTPACK2";
constexpr std::string_view kFirstMagic = "GHTPACK1";  // sources of the first form; read only
constexpr size_t kLeastElementBytes = 1 + 4 + 4;
constexpr SignatureAlgorithm kAlgorithm{.scheme = SignatureScheme::kEcdsa, .digest = Digest::kSha256};

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

absl::StatusOr<std::string> Sign(std::string_view data, std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                      BIO_free);
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC)
    return Malformed("key", "is no ECDSA key in PEM");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()) != 1) {
    return Malformed("key", "cannot sign");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, data.size()) !=
      1) {
    return Malformed("key", "cannot sign");
  }
  signature.resize(size);
  return signature;
}

absl::StatusOr<std::string> Compress(std::string_view data) {
  uLongf size = compressBound(data.size());
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(data.data()), data.size(),
                Z_BEST_COMPRESSION) != Z_OK) {
    return absl::InternalError("trust pack: compression failed");
  }
  out.resize(size);
  return out;
}

absl::StatusOr<std::string> Decompress(std::string_view data, uint64_t bytes) {
  if (bytes > kMaxUnpackedBytes) return absl::ResourceExhaustedError("trust pack: unpacks to more than the limit");
  std::string out(bytes, '\0');
  uLongf size = bytes;
  if (uncompress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(data.data()),
                 data.size()) != Z_OK ||
      size != bytes) {
    return Malformed("trust pack", "does not unpack to the size it says");
  }
  return out;
}

absl::Status ReadElements(SourceForm form, TrustPack& pack) {
  ByteReader in(pack.unpacked);
  pack.sources.resize(in.Count(kLeastSourceBytes));
  for (TrustSource& source : pack.sources) source = ReadSource(form, in);
  const uint64_t count = in.Count(kLeastElementBytes);
  if (count > kMaxTrustElements) return absl::ResourceExhaustedError("trust pack: too many elements");
  pack.elements.resize(count);
  for (TrustElement& element : pack.elements) {
    const uint64_t role = in.Number(1);
    if (role < 1 || role > static_cast<uint64_t>(kLastTrustRole)) return Malformed("trust pack", "has an unknown role");
    element.role = static_cast<TrustRole>(role);
    element.content = AsBytes(in.Text());
    element.fingerprint = FingerprintOf(element.content);
    element.source = static_cast<uint32_t>(in.Number(4));
    if (element.source >= pack.sources.size()) return Malformed("trust pack", "has an element without a source");
  }
  return in.failed() || !in.at_end() ? Malformed("trust pack", "is cut short or has a tail") : absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> WriteTrustPack(const TrustPack& pack, Bytes certificate, std::string_view key) {
  ByteWriter content;
  content.Number(pack.sources.size(), 4);
  for (const TrustSource& source : pack.sources) WriteSource(source, content);
  content.Number(pack.elements.size(), 4);
  for (const TrustElement& element : pack.elements) {
    content.Number(static_cast<uint64_t>(element.role), 1);
    content.Text(AsText(element.content));
    content.Number(element.source, 4);
  }
  GH_ASSIGN_OR_RETURN(const std::string compressed, Compress(content.out));
  ByteWriter body;
  body.Number(static_cast<uint64_t>(pack.version_number), 8);
  body.Time(pack.made_at);
  body.Number(pack.has_signers ? 1 : 0, 1);
  body.Number(content.out.size(), 8);
  body.Text(compressed);

  GH_ASSIGN_OR_RETURN(const CertificatePtr signer, Certificate::Parse(certificate));
  // The name of the format is signed too, so that a signature of this key over something else is none here.
  const std::string to_be_signed = std::string(kMagic) + body.out;
  GH_ASSIGN_OR_RETURN(const std::string signature, Sign(to_be_signed, key));
  GH_RETURN_IF_ERROR(signer->public_key.status());
  if (!signer->public_key->VerifyData(kAlgorithm, AsBytes(to_be_signed), AsBytes(signature)).ok()) {
    return Malformed("certificate", "is not that of the key");
  }
  ByteWriter file;
  file.out.append(kMagic);
  file.Text(AsText(certificate));
  file.Text(signature);
  file.out += body.out;
  if (file.out.size() > kMaxPackBytes) return absl::ResourceExhaustedError("trust pack: longer than the limit");
  return std::move(file.out);
}

absl::StatusOr<TrustPack> ReadTrustPack(std::string_view bytes, const std::vector<CertificatePtr>& signers) {
  if (bytes.size() > kMaxPackBytes) return absl::ResourceExhaustedError("trust pack: longer than the limit");
  const bool is_first = bytes.starts_with(kFirstMagic);
  if (!is_first && !bytes.starts_with(kMagic)) return Malformed("trust pack", "is none");
  ByteReader in(bytes.substr(kMagic.size()));
  const std::string_view certificate = in.Text(), signature = in.Text();
  if (in.failed()) return Malformed("trust pack", "is cut short");
  TrustPack pack;
  for (const CertificatePtr& known : signers) {
    if (Equal(Bytes(known->der), AsBytes(certificate))) pack.signer = known;
  }
  if (pack.signer == nullptr) return absl::UnauthenticatedError("trust pack: of a signer that is not configured here");
  const std::string_view body = bytes.substr(kMagic.size() + 8 + certificate.size() + signature.size());
  GH_RETURN_IF_ERROR(pack.signer->public_key.status());
  const std::string to_be_signed = std::string(is_first ? kFirstMagic : kMagic).append(body);
  if (!pack.signer->public_key->VerifyData(kAlgorithm, AsBytes(to_be_signed), AsBytes(signature)).ok()) {
    return absl::UnauthenticatedError("trust pack: was altered, or its signer did not sign it");
  }
  ByteReader fields(body);
  pack.version_number = static_cast<int64_t>(fields.Number(8));
  pack.made_at = fields.Time();
  pack.has_signers = fields.Number(1) != 0;
  const uint64_t unpacked_bytes = fields.Number(8);
  const std::string_view compressed = fields.Text();
  if (fields.failed() || !fields.at_end()) return Malformed("trust pack", "is cut short or has a tail");
  GH_ASSIGN_OR_RETURN(pack.unpacked, Decompress(compressed, unpacked_bytes));
  GH_RETURN_IF_ERROR(ReadElements(is_first ? SourceForm::kFirst : SourceForm::kSecond, pack));
  return pack;
}

}  // namespace gatehouse::pki
