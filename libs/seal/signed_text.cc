#include "libs/seal/signed_text.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"

namespace gatehouse::seal {
namespace {

constexpr int kNumberBytes = 32;

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* Octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

std::string DerOf(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  GH_CHECK(size > 0);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

std::string HeaderPrefix(std::string_view kind) {
  return absl::StrCat("{\"alg\":\"ES256\",\"cty\":\"", View(kind), "\",\"x5c\":[\"");
}
constexpr absl::string_view kHeaderEnd = "\"]}";

class PemTextSigner final : public TextSigner {
 public:
  PemTextSigner(Owned<EVP_PKEY> key, std::string certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}

  std::string Sign(std::string_view kind, std::string_view text) const override {
    std::string encoded;
    absl::Base64Escape(certificate_, &encoded);  // x5c is plain Base64 (RFC 7515 section 4.1.6)
    const std::string header = absl::StrCat(HeaderPrefix(kind), encoded, kHeaderEnd);
    const std::string input =
        absl::StrCat(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(View(text)));
    return absl::StrCat(input, ".", absl::WebSafeBase64Escape(Plain(input)));
  }

 private:
  // r||s.
  std::string Plain(const std::string& input) const {
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    std::vector<unsigned char> der(static_cast<size_t>(EVP_PKEY_get_size(key_.get())));
    size_t size = der.size();
    GH_CHECK(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    GH_CHECK(EVP_DigestSign(context.get(), der.data(), &size, Octets(input), input.size()) == 1);
    const unsigned char* at = der.data();
    const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    GH_CHECK(signature != nullptr);
    std::array<unsigned char, 2 * kNumberBytes> plain;
    GH_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), plain.data(), kNumberBytes) == kNumberBytes);
    GH_CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), plain.data() + kNumberBytes, kNumberBytes) ==
             kNumberBytes);
    return std::string(plain.begin(), plain.end());
  }

  Owned<EVP_PKEY> key_;
  std::string certificate_;
};

bool IsP256(const EVP_PKEY* key) {
  char name[64] = {};
  return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, name, sizeof(name), nullptr) == 1 &&
         absl::string_view(name) == "prime256v1";
}

bool VerifyPlain(EVP_PKEY* key, std::string_view input, std::string_view plain) {
  if (plain.size() != 2 * kNumberBytes) return false;
  const Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  GH_CHECK(ECDSA_SIG_set0(signature.get(), BN_bin2bn(Octets(plain), kNumberBytes, nullptr),
                          BN_bin2bn(Octets(plain) + kNumberBytes, kNumberBytes, nullptr)) == 1);
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return false;
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool good = EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
                    EVP_DigestVerify(context.get(), der, static_cast<size_t>(size), Octets(input), input.size()) == 1;
  OPENSSL_free(der);
  return good;
}

// The signer itself must be named: the authority that issued it has issued officers and machines too, and none of them
// may sign in the service's name.
bool IsTrusted(X509* signer, std::string_view trusted_pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(trusted_pem.data(), static_cast<int>(trusted_pem.size())));
  while (true) {
    const Owned<X509> trusted(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (trusted == nullptr) return false;
    if (X509_cmp(trusted.get(), signer) == 0) return true;
  }
}

std::string SubjectOf(X509* certificate) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string Sha256Of(const std::string& bytes) {
  unsigned char digest[32];
  unsigned int size = 0;
  GH_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(digest), size));
}

// The kind and the certificate of a header of ours.
absl::StatusOr<std::pair<std::string, std::string>> ReadHeader(const std::string& header) {
  for (const char* kind : {"json", "xml"}) {
    const std::string prefix = HeaderPrefix(kind);
    if (!absl::StartsWith(header, prefix) || !absl::EndsWith(header, kHeaderEnd)) continue;
    std::string certificate;
    const absl::string_view encoded =
        absl::string_view(header).substr(prefix.size(), header.size() - prefix.size() - kHeaderEnd.size());
    if (!absl::Base64Unescape(encoded, &certificate)) break;
    return std::pair<std::string, std::string>(kind, certificate);
  }
  return absl::InvalidArgumentError("header: not that of a report signed here");
}

}  // namespace

absl::StatusOr<std::unique_ptr<TextSigner>> TextSigner::Read(const std::string& certificate_file,
                                                             const std::string& key_file) {
  const auto read = [](const std::string& file, auto parse) {
    const Owned<BIO> bio(BIO_new_file(file.c_str(), "r"));
    return bio == nullptr ? nullptr : parse(bio.get(), nullptr, nullptr, nullptr);
  };
  const Owned<X509> certificate(read(certificate_file, PEM_read_bio_X509));
  if (certificate == nullptr) return absl::NotFoundError(certificate_file + " is no PEM certificate");
  Owned<EVP_PKEY> key(read(key_file, PEM_read_bio_PrivateKey));
  if (key == nullptr) return absl::NotFoundError(key_file + " is no PEM private key");
  if (!IsP256(key.get())) return absl::InvalidArgumentError(key_file + " is no P-256 key");
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return absl::InvalidArgumentError(absl::StrCat(key_file, " is not the key of ", certificate_file));
  }
  return std::make_unique<PemTextSigner>(std::move(key), DerOf(certificate.get()));
}

absl::StatusOr<SignedText> VerifySignedText(std::string_view compact, std::string_view trusted_pem, absl::Time time) {
  if (compact.size() > 2 * kMaxSignedTextBytes) return absl::InvalidArgumentError("signed text: too large");
  const std::vector<absl::string_view> parts = absl::StrSplit(absl::StripAsciiWhitespace(View(compact)), '.');
  SignedText result;
  std::string header, plain;
  if (parts.size() != 3 || !absl::WebSafeBase64Unescape(parts[0], &header) ||
      !absl::WebSafeBase64Unescape(parts[1], &result.text) || !absl::WebSafeBase64Unescape(parts[2], &plain)) {
    return absl::InvalidArgumentError("signed text: not three parts in Base64");
  }
  GH_ASSIGN_OR_RETURN(const auto read, ReadHeader(header));
  const auto& [kind, der] = read;
  const unsigned char* at = Octets(der);
  const Owned<X509> signer(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (signer == nullptr || at != Octets(der) + der.size()) {
    return absl::InvalidArgumentError("signed text: no certificate inside");
  }
  EVP_PKEY* const key = X509_get0_pubkey(signer.get());
  if (key == nullptr || !IsP256(key)) return absl::InvalidArgumentError("signed text: not a P-256 key");
  const std::string_view input(compact.data() + (parts[0].data() - compact.data()),
                               parts[0].size() + 1 + parts[1].size());
  if (!VerifyPlain(key, input, plain)) return absl::UnauthenticatedError("the signature does not fit the text");
  if (!IsTrusted(signer.get(), trusted_pem)) return absl::UnauthenticatedError("the signer is not trusted");
  time_t seconds = absl::ToTimeT(time);
  if (X509_cmp_time(X509_get0_notBefore(signer.get()), &seconds) > 0 ||
      X509_cmp_time(X509_get0_notAfter(signer.get()), &seconds) < 0) {
    return absl::UnauthenticatedError("the signer's certificate is not valid at that time");
  }
  result.kind = kind;
  result.signer = SubjectOf(signer.get());
  result.signer_sha256 = Sha256Of(der);
  return result;
}

}  // namespace gatehouse::seal
