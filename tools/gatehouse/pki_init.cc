#include "tools/gatehouse/pki_init.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"

namespace gatehouse::cli {
namespace {

constexpr char kCaIdentity[] = "ca";
constexpr char kCaName[] = "Gatehouse development CA";
// Clocks of development machines differ a little.
constexpr absl::Duration kClockSkew = absl::Hours(1);

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// A certificate and its key.
struct Pair {
  Owned<X509> certificate;
  Owned<EVP_PKEY> key;
};

bool IsIdentity(std::string_view name) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  const auto is_first = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 63 && is_first(name.front()) && name != kCaIdentity &&
         std::all_of(name.begin(), name.end(), is_good);
}

// A host name or an address, as the text form of a subject alternative name wants it; nothing for anything else.
std::string AlternativeName(const std::string& host) {
  if (ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str()); address != nullptr) {
    ASN1_OCTET_STRING_free(address);
    return "IP:" + host;
  }
  return IsIdentity(host) ? "DNS:" + host : "";
}

absl::Status SystemError(std::string_view what, const std::string& file) {
  return absl::UnavailableError(absl::StrCat(std::string(what), " ", file, ": ", std::strerror(errno)));
}

// Writes aside, syncs and links: never overwrites, and a crash leaves no half file.
absl::Status WriteNew(const std::string& file, const std::string& text, mode_t mode) {
  const std::string aside = file + ".new";
  ::unlink(aside.c_str());
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return SystemError("create", aside);
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const absl::Status status = written ? absl::OkStatus() : SystemError("write", aside);
  ::close(fd);
  if (status.ok() && ::link(aside.c_str(), file.c_str()) != 0) {
    const absl::Status refused = SystemError("create", file);
    ::unlink(aside.c_str());
    return refused;
  }
  ::unlink(aside.c_str());
  return status;
}

std::string Contents(const BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(const_cast<BIO*>(bio), &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::Status WritePair(const std::string& stem, const Pair& pair) {
  const Owned<BIO> key(BIO_new(BIO_s_mem()));
  const Owned<BIO> certificate(BIO_new(BIO_s_mem()));
  GH_CHECK(PEM_write_bio_PrivateKey(key.get(), pair.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  GH_CHECK(PEM_write_bio_X509(certificate.get(), pair.certificate.get()) == 1);
  GH_RETURN_IF_ERROR(WriteNew(stem + ".key", Contents(key.get()), 0600));
  return WriteNew(stem + ".crt", Contents(certificate.get()), 0644);
}

// The pair under `stem`; an empty one when neither file is there.
absl::StatusOr<Pair> ReadPair(const std::string& stem) {
  const std::string certificate_file = stem + ".crt";
  const std::string key_file = stem + ".key";
  const bool has_certificate = std::filesystem::exists(certificate_file);
  const bool has_key = std::filesystem::exists(key_file);
  if (!has_certificate && !has_key) return Pair{};
  if (has_certificate != has_key) {
    return absl::FailedPreconditionError(absl::StrCat(has_key ? key_file : certificate_file, " is there without ",
                                                      has_key ? certificate_file : key_file,
                                                      ": nothing is overwritten; remove it, or take another folder"));
  }
  const auto read = [](const std::string& file, auto parse) {
    const Owned<BIO> bio(BIO_new_file(file.c_str(), "r"));
    return bio == nullptr ? nullptr : parse(bio.get(), nullptr, nullptr, nullptr);
  };
  Pair pair{.certificate = Owned<X509>(read(certificate_file, PEM_read_bio_X509)),
            .key = Owned<EVP_PKEY>(read(key_file, PEM_read_bio_PrivateKey))};
  if (pair.certificate == nullptr) return absl::FailedPreconditionError(certificate_file + " is no PEM certificate");
  if (pair.key == nullptr) return absl::FailedPreconditionError(key_file + " is no PEM private key");
  if (X509_check_private_key(pair.certificate.get(), pair.key.get()) != 1) {
    return absl::FailedPreconditionError(absl::StrCat(key_file, " is not the key of ", certificate_file));
  }
  return pair;
}

absl::Time NotAfter(const X509* certificate) {
  tm time = {};
  GH_CHECK(ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) == 1);
  return absl::FromTM(time, absl::UTCTimeZone());
}

// What goes into one certificate.
struct Request {
  std::string name;
  absl::Duration validity;
  std::vector<std::pair<int, std::string>> extensions;  // NID and OpenSSL's text form
};

void SetSerial(X509* certificate, base::Random& random) {
  // RFC 5280 section 4.1.2.2: positive, at most 20 bytes.
  std::array<uint8_t, 16> serial;
  random.Fill(serial.data(), serial.size());
  serial[0] = static_cast<uint8_t>((serial[0] & 0x7F) | 0x40);
  BIGNUM* const number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  GH_CHECK(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr);
  BN_free(number);
}

// Signed by `issuer`, or by itself when there is none.
Pair Issue(const Request& request, const Pair* issuer, const PkiOptions& options) {
  Pair pair{.certificate = Owned<X509>(X509_new()), .key = Owned<EVP_PKEY>(EVP_EC_gen("P-256"))};
  X509* const certificate = pair.certificate.get();
  GH_CHECK(certificate != nullptr && pair.key != nullptr);
  GH_CHECK(X509_set_version(certificate, X509_VERSION_3) == 1);
  SetSerial(certificate, *options.random);
  const absl::Time now = options.clock->Now();
  ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(now - kClockSkew));
  ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(now + request.validity));
  GH_CHECK(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(request.name.c_str()), -1, -1, 0) == 1);
  const X509* const issuer_certificate = issuer != nullptr ? issuer->certificate.get() : certificate;
  GH_CHECK(X509_set_issuer_name(certificate, X509_get_subject_name(issuer_certificate)) == 1);
  GH_CHECK(X509_set_pubkey(certificate, pair.key.get()) == 1);
  X509V3_CTX context;
  X509V3_set_ctx(&context, const_cast<X509*>(issuer_certificate), certificate, nullptr, nullptr, 0);
  for (const auto& [nid, text] : request.extensions) {
    const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, text.c_str()));
    GH_CHECK(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
  }
  GH_CHECK(X509_sign(certificate, (issuer != nullptr ? *issuer : pair).key.get(), EVP_sha256()) > 0);
  return pair;
}

Request CaRequest(const PkiOptions& options) {
  return {.name = kCaName,
          .validity = options.ca_validity,
          .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                         {NID_key_usage, "critical,keyCertSign,cRLSign"},
                         {NID_subject_key_identifier, "hash"}}};
}

Request LeafRequest(const std::string& identity, bool service, const PkiOptions& options) {
  std::string names = "URI:gatehouse:" + identity;
  if (service) {
    absl::StrAppend(&names, ",DNS:", identity, ",DNS:localhost,IP:127.0.0.1,IP:::1");
    for (const std::string& host : options.hosts) absl::StrAppend(&names, ",", AlternativeName(host));
  }
  return {.name = identity,
          .validity = options.validity,
          .extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                         {NID_key_usage, "critical,digitalSignature"},
                         {NID_ext_key_usage, service ? "serverAuth,clientAuth" : "clientAuth"},
                         {NID_subject_alt_name, names},
                         {NID_subject_key_identifier, "hash"},
                         {NID_authority_key_identifier, "keyid"}}};
}

struct Wanted {
  std::string identity;
  bool service = false;
  Pair pair;  // empty until made, when it was not there
};

absl::StatusOr<std::vector<Wanted>> CheckNames(const PkiOptions& options) {
  for (const std::string& host : options.hosts) {
    if (AlternativeName(host).empty()) return absl::InvalidArgumentError(host + " is neither host name nor address");
  }
  std::vector<Wanted> wanted;
  for (const bool service : {true, false}) {
    for (const std::string& identity : service ? options.services : options.clients) {
      if (!IsIdentity(identity)) {
        return absl::InvalidArgumentError(
            absl::StrCat("\"", identity, "\" is no identity: 1 to 63 of a-z 0-9 - _ . beginning with a-z 0-9, not ca"));
      }
      const bool known =
          std::any_of(wanted.begin(), wanted.end(), [&](const Wanted& other) { return other.identity == identity; });
      if (!known) wanted.push_back({.identity = identity, .service = service});
    }
  }
  return wanted;
}

absl::Status CheckSignedBy(const Pair& ca, const Pair& pair, const std::string& stem) {
  if (ca.key == nullptr || X509_verify(pair.certificate.get(), ca.key.get()) != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat(stem, ".crt is not of the CA in this folder: nothing is overwritten; take another folder"));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> DevelopmentServices() {
  return {"gatehouse-post", "document", "watchlist", "traveller", "inspection"};
}

std::vector<std::string> DevelopmentClients() {
  return {"officer-1",      "officer-2",        "supervisor",      "gate-1",  "list-owner", "list-owner-2",
          "trust-operator", "trust-operator-2", "data-protection", "auditor", "operator"};
}

absl::StatusOr<std::vector<PkiEntry>> MakeDevelopmentPki(const std::string& folder, const PkiOptions& options) {
  GH_ASSIGN_OR_RETURN(std::vector<Wanted> wanted, CheckNames(options));
  const auto stem_of = [&](const std::string& identity) { return absl::StrCat(folder, "/", identity); };

  // Everything that is there is checked before anything is made.
  GH_ASSIGN_OR_RETURN(Pair ca, ReadPair(stem_of(kCaIdentity)));
  for (Wanted& entry : wanted) {
    GH_ASSIGN_OR_RETURN(entry.pair, ReadPair(stem_of(entry.identity)));
    if (entry.pair.key != nullptr) GH_RETURN_IF_ERROR(CheckSignedBy(ca, entry.pair, stem_of(entry.identity)));
  }

  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::UnavailableError(absl::StrCat("make ", folder, ": ", error.message()));
  std::vector<PkiEntry> entries;
  const auto make_if_missing = [&](const std::string& identity, Pair& pair, auto issue) -> absl::Status {
    const bool missing = pair.key == nullptr;
    if (missing) {
      pair = issue();
      GH_RETURN_IF_ERROR(WritePair(stem_of(identity), pair));
    }
    entries.push_back({.identity = identity,
                       .certificate_file = stem_of(identity) + ".crt",
                       .made = missing,
                       .not_after = NotAfter(pair.certificate.get())});
    return absl::OkStatus();
  };
  GH_RETURN_IF_ERROR(make_if_missing(kCaIdentity, ca, [&] { return Issue(CaRequest(options), nullptr, options); }));
  for (Wanted& entry : wanted) {
    GH_RETURN_IF_ERROR(make_if_missing(entry.identity, entry.pair, [&] {
      return Issue(LeafRequest(entry.identity, entry.service, options), &ca, options);
    }));
  }
  return entries;
}

}  // namespace gatehouse::cli
