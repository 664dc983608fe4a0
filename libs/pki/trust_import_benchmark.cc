// 30,000 document signers taken into a trust store, every signature verified, beside the bare check of the same
// signatures in the same run on one core; then the snapshot opened and asked. Prints one JSON object.
//   trust_import_benchmark [RSA:2048 | RSA:4096 | prime256v1 | brainpoolP256r1] [--signers N]
// With --ldif FOLDER nothing is measured: the authority and the signers are written there, as csca.der and as a whole
// file of the Public Key Directory, for a service to import (tests/benchmark/run.py).
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/pki/trust_snapshot.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;

// Of this process on its core: other processes on the machine change little.
double Seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Made {
  std::string anchor;
  std::vector<std::string> signers;
};

// One key for all signers; each has its serial number and its own signature.
Made MakeSigners(const std::string& kind, const Key& key, int count, const std::string& signer_kind = "prime256v1") {
  CertificateRequest request{.subject = Name("UT", "CSCA"),
                             .key_info = key.info,
                             .subject_key_identifier = "country key",
                             .authority_key_identifier = "country key",
                             .authority = true,
                             .key_usage = 0x06,
                             .algorithm = DefaultAlgorithm(kind)};
  Made made{.anchor = MakeCertificate(request, key), .signers = {}};
  const Key signer_key(signer_kind);
  request.subject = Name("UT", "DS");
  request.authority.reset();
  request.key_usage = 0x80;
  request.key_info = signer_key.info;
  for (int i = 0; i < count; ++i) {
    request.serial = i + 2;
    request.subject_key_identifier = "signer " + std::to_string(i);
    made.signers.push_back(MakeCertificate(request, key));
  }
  return made;
}

// The limit: EVP_PKEY_verify with a context made once, over digests computed before.
double BareRate(const std::string& kind, const Key& key, int count) {
  const SignatureAlgorithm algorithm = DefaultAlgorithm(kind);
  const std::string signature = key.Sign(algorithm, "data");
  const DigestValue digest = ComputeDigest(Digest::kSha256, AsBytes("data"));
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, key.pkey(), nullptr);
  EVP_PKEY_verify_init(context);
  EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
  const double start = Seconds();
  for (int i = 0; i < count; ++i) {
    GH_CHECK(EVP_PKEY_verify(context, AsBytes(signature).data(), signature.size(), digest.octets.data(),
                             digest.size_bytes) == 1);
  }
  const double rate = count / (Seconds() - start);
  EVP_PKEY_CTX_free(context);
  return rate;
}

std::string Import(const Made& made) {
  TrustContent content;
  content.sources.emplace_back();
  const auto add = [&](TrustRole role, const std::string& der) {
    content.elements.push_back({.role = role, .fingerprint = FingerprintOf(AsBytes(der)), .content = AsBytes(der)});
  };
  add(TrustRole::kAnchor, made.anchor);
  for (const std::string& signer : made.signers) add(TrustRole::kSigner, signer);
  absl::StatusOr<std::string> written = WriteTrustSnapshot(std::move(content), JudgeSigners::kAtOnce);
  GH_CHECK(written.ok());
  return *std::move(written);
}

// Through a file, as a service does; seconds until the store can be asked.
double MapAndCheck(const std::string& bytes, const Made& made) {
  char path[] = "/tmp/trust-snapshot-XXXXXX";
  const int file = mkstemp(path);
  GH_CHECK(file >= 0 && write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  unlink(path);
  const double start = Seconds();
  void* const at = mmap(nullptr, bytes.size(), PROT_READ, MAP_PRIVATE, file, 0);
  GH_CHECK(at != MAP_FAILED);
  auto snapshot = TrustSnapshot::Open({static_cast<const uint8_t*>(at), bytes.size()}, nullptr);
  GH_CHECK(snapshot.ok());
  const auto store = TrustStore::Open(*snapshot);
  const double seconds = Seconds() - start;
  GH_CHECK(store.ok());
  for (const std::string& signer : made.signers) {
    const auto verdict = (*snapshot)->verdict(*(*snapshot)->Find(FingerprintOf(AsBytes(signer))));
    GH_CHECK(verdict.has_value() && verdict->chain == ChainState::kValid);
  }
  return seconds;
}

void Write(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  GH_CHECK(file.flush().good());
}

// As the directory publishes them; every hundredth in its non-conformant part.
int WriteLdif(const std::string& kind, int count, const std::string& folder) {
  const Key key(kind);
  const Made made = MakeSigners(kind, key, count, kind);  // as big as real ones
  Write(folder + "/csca.der", made.anchor);
  std::string text = "version: 1\n";
  for (size_t i = 0; i < made.signers.size(); ++i) {
    const bool odd = i % 100 == 99;
    absl::StrAppend(&text, "\ndn: cn=CN\\=CSCA\\,C\\=UT+sn=", absl::Hex(i + 2),
                    ",o=dsc,c=UT,dc=", odd ? "nc-data" : "data", ",dc=download,dc=pkd\npkdVersion: ", i + 1, "\n",
                    odd ? "pkdConformanceCode: ERR:DSC.EKU.4\n" : "",
                    "userCertificate;binary:: ", absl::Base64Escape(made.signers[i]), "\n");
  }
  Write(folder + "/icaopkd-001-complete-000001.ldif", text);
  return 0;
}

int Run(const std::string& kind, int count) {
  const Key key(kind);
  const Made made = MakeSigners(kind, key, count);
  const int bare_count = kind.starts_with("RSA") ? 30'000 : 5'000;
  double bare = BareRate(kind, key, bare_count);
  const double before = PeakMegabytes();
  const double start = Seconds();
  const std::string bytes = Import(made);
  const double rate = count / (Seconds() - start);
  const double peak = PeakMegabytes();
  bare = (bare + BareRate(kind, key, bare_count)) / 2;
  const double map_seconds = MapAndCheck(bytes, made);
  std::printf(
      "{\"key\": \"%s\", \"signers\": %d, \"imports_per_s\": %.0f, \"bare_verifies_per_s\": %.0f, \"ratio\": %.3f, "
      "\"peak_mb\": %.1f, \"peak_before_mb\": %.1f, \"snapshot_mb\": %.1f, \"map_ms\": %.1f}\n",
      kind.c_str(), count, rate, bare, rate / bare, peak, before, static_cast<double>(bytes.size()) / 1e6,
      map_seconds * 1000);
  return 0;
}

}  // namespace
}  // namespace gatehouse::pki

int main(int argc, char** argv) {
  std::string kind = "RSA:2048";
  int count = 30'000;
  std::string folder;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--signers") == 0 && i + 1 < argc) {
      count = std::max(1, std::atoi(argv[++i]));
    } else if (std::strcmp(argv[i], "--ldif") == 0 && i + 1 < argc) {
      folder = argv[++i];
    } else {
      kind = argv[i];
    }
  }
  if (!folder.empty()) return gatehouse::pki::WriteLdif(kind, count, folder);
  return gatehouse::pki::Run(kind, count);
}
