// Whole passive authentications beside the bare signature check of the same run. SignerRemembered: the signer's verdict
// is in the trust store, as on a border where one signer makes tens of thousands of documents; DG2 has 15 kB.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include "libs/emrtd/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using specimen::Chip;
using specimen::Keys;

// The limit: EVP_PKEY_verify with a context made once, over a digest computed once.
void BareVerify(benchmark::State& state, const char* kind) {
  const Keys keys(kind);
  const pki::SignatureAlgorithm algorithm = pki::specimen::DefaultAlgorithm(kind);
  const std::string signature = keys.signer.Sign(algorithm, "data");
  const pki::DigestValue digest = pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes("data"));
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, keys.signer.pkey(), nullptr);
  EVP_PKEY_verify_init(context);
  EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
  for (auto _ : state) {
    const int result = EVP_PKEY_verify(context, pki::AsBytes(signature).data(), signature.size(), digest.octets.data(),
                                       digest.size_bytes);
    if (result != 1) state.SkipWithError("does not verify");
  }
  state.SetItemsProcessed(state.iterations());
  EVP_PKEY_CTX_free(context);
}

void SignerRemembered(benchmark::State& state, const char* kind, bool explicit_parameters) {
  const Keys keys(kind, explicit_parameters);
  Chip chip(keys);
  chip.data_groups[2] = specimen::MakeDataGroup2(15'000);
  chip.Make();
  const auto trust = specimen::TrustIn(chip);
  for (auto _ : state) {
    const PassiveAuthenticationReport report = specimen::Verify(chip, *trust);
    if (report.overall != Overall::kValid) state.SkipWithError("not valid");
  }
  state.SetItemsProcessed(state.iterations());
}

// Every document by a signer that the trust store has not judged yet, under one authority: two signatures each. DG2 has
// 6 kB, as in the documents whose naive rates are known.
void SignerNew(benchmark::State& state, const char* authority, const char* signer, bool explicit_parameters) {
  constexpr int kSigners = 256;
  const Keys keys(authority, signer, explicit_parameters);
  std::vector<std::unique_ptr<Chip>> chips;
  for (int i = 0; i < kSigners; ++i) {
    auto chip = std::make_unique<Chip>(keys);
    chip->signer.serial = i + 1;
    chip->security_object.signer_identifier = pki::specimen::IssuerAndSerial(chip->signer.issuer, i + 1);
    chip->data_groups[2] = specimen::MakeDataGroup2(6'000);
    chip->Make();
    chips.push_back(std::move(chip));
  }
  auto trust = specimen::TrustIn(*chips[0]);
  size_t next = 0;
  for (auto _ : state) {
    if (next == chips.size()) {
      state.PauseTiming();
      // All chips share the authority's key; its certificate is made anew by each, and any of them will do.
      trust = specimen::TrustIn(*chips[0]);
      next = 0;
      state.ResumeTiming();
    }
    const PassiveAuthenticationReport report = specimen::Verify(*chips[next++], *trust);
    if (report.overall != Overall::kValid) state.SkipWithError("not valid");
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(BareVerify, rsa_2048, "RSA:2048");
BENCHMARK_CAPTURE(SignerRemembered, rsa_2048, "RSA:2048", false);
BENCHMARK_CAPTURE(BareVerify, brainpoolP256r1, "brainpoolP256r1");
BENCHMARK_CAPTURE(SignerRemembered, brainpoolP256r1_explicit, "brainpoolP256r1", true);
BENCHMARK_CAPTURE(BareVerify, p256, "prime256v1");
BENCHMARK_CAPTURE(SignerRemembered, p256, "prime256v1", false);
BENCHMARK_CAPTURE(BareVerify, rsa_3072, "RSA:3072");
BENCHMARK_CAPTURE(SignerNew, rsa_2048_under_rsa_3072, "RSA:3072", "RSA:2048", false);
BENCHMARK_CAPTURE(BareVerify, rsa_4096, "RSA:4096");
BENCHMARK_CAPTURE(SignerNew, rsa_2048_under_rsa_4096, "RSA:4096", "RSA:2048", false);
BENCHMARK_CAPTURE(BareVerify, p384, "secp384r1");
BENCHMARK_CAPTURE(SignerNew, p256_under_p384, "secp384r1", "prime256v1", false);
BENCHMARK_CAPTURE(BareVerify, brainpoolP384r1, "brainpoolP384r1");
BENCHMARK_CAPTURE(SignerNew, brainpoolP256r1_under_brainpoolP384r1_explicit, "brainpoolP384r1", "brainpoolP256r1",
                  true);

}  // namespace
}  // namespace gatehouse::emrtd

BENCHMARK_MAIN();
