#include "libs/rpc/peer_certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace gatehouse::rpc {
namespace {

// More certificates than this in one process's life (renewals included) start the cache anew.
constexpr size_t kMaxCachedCertificates = 4096;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(char* text) const { OPENSSL_free(text); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::vector<std::string> UrisOf(const X509* certificate) {
  std::vector<std::string> uris;
  const Owned<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    // With its length: a zero byte in a name ends nothing.
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                      static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  return uris;
}

std::string IssuerOf(const X509* certificate) {
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), X509_get_issuer_name(certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long bytes = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<size_t>(std::max(bytes, 0L)));
}

std::string SerialOf(const X509* certificate) {
  const Owned<BIGNUM> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  const Owned<char> hex(number == nullptr ? nullptr : BN_bn2hex(number.get()));
  if (hex == nullptr) return "";
  const std::string_view digits(hex.get());
  return std::string(digits.substr(std::min(digits.find_first_not_of('0'), digits.size())));
}

std::string Sha256Of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int bytes = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &bytes) != 1) return "";
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest.data()), bytes));
}

PeerCertificate Read(std::string_view pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    ERR_clear_error();
    return {};
  }
  PeerCertificate read{.names = {.uris = UrisOf(certificate.get()),
                                 .issuer = IssuerOf(certificate.get()),
                                 .serial = SerialOf(certificate.get()),
                                 .sha256 = Sha256Of(certificate.get())},
                       .not_before = TimeOf(X509_get0_notBefore(certificate.get())),
                       .not_after = TimeOf(X509_get0_notAfter(certificate.get()))};
  ERR_clear_error();
  return read;
}

}  // namespace

absl::Status PeerCertificate::CheckValid(absl::Time now) const {
  if (now > not_after) return absl::UnauthenticatedError("the client certificate has expired");
  if (now < not_before) return absl::UnauthenticatedError("the client certificate is not valid yet");
  return absl::OkStatus();
}

std::shared_ptr<const PeerCertificate> PeerCertificates::Find(std::string_view pem) {
  {
    std::shared_lock lock(mutex_);
    const auto known = by_pem_.find(pem);
    if (known != by_pem_.end()) return known->second;
  }
  auto read = std::make_shared<const PeerCertificate>(Read(pem));
  std::lock_guard lock(mutex_);
  if (by_pem_.size() >= kMaxCachedCertificates) by_pem_.clear();
  by_pem_.insert_or_assign(std::string(pem), read);
  return read;
}

}  // namespace gatehouse::rpc
