// Whole passive authentications beside the bare signature check of the same run. The signer's verdict is cached in the
// trust store, as on a border where one signer makes tens of thousands of documents; DG2 has 15 kB.
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

void WholeCheck(benchmark::State& state, const char* kind, bool explicit_parameters, bool remembered) {
  const Keys keys(kind, explicit_parameters);
  Chip chip(keys);
  chip.data_groups[2] = specimen::MakeDataGroup2(15'000);
  chip.Make();
  auto trust = specimen::TrustIn(chip);
  for (auto _ : state) {
    if (!remembered) {
      state.PauseTiming();
      trust = specimen::TrustIn(chip);
      state.ResumeTiming();
    }
    const PassiveAuthenticationReport report = specimen::Verify(chip, *trust);
    if (report.overall != Overall::kValid) state.SkipWithError("not valid");
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(BareVerify, rsa_2048, "RSA:2048");
BENCHMARK_CAPTURE(WholeCheck, rsa_2048_signer_remembered, "RSA:2048", false, true);
BENCHMARK_CAPTURE(WholeCheck, rsa_2048_signer_new, "RSA:2048", false, false);
BENCHMARK_CAPTURE(BareVerify, brainpoolP256r1, "brainpoolP256r1");
BENCHMARK_CAPTURE(WholeCheck, brainpoolP256r1_explicit_signer_remembered, "brainpoolP256r1", true, true);
BENCHMARK_CAPTURE(WholeCheck, brainpoolP256r1_explicit_signer_new, "brainpoolP256r1", true, false);
BENCHMARK_CAPTURE(BareVerify, p256, "prime256v1");
BENCHMARK_CAPTURE(WholeCheck, p256_signer_remembered, "prime256v1", false, true);

}  // namespace
}  // namespace gatehouse::emrtd

BENCHMARK_MAIN();
