// Any bytes as a digital seal in every form: VDS (raw, hexadecimal, Base64), VDS-NC, barcode text. Nothing may crash,
// hang or allocate without bound, and against an empty trust store nothing may be established. A VDS that is read gives
// the same bytes to the signature that it came with.
#include <cstdlib>

#include "libs/emrtd/seals/presented.h"
#include "libs/emrtd/seals/verify.h"
#include "libs/mrz/states.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::emrtd::seals;
  static const auto& trust = *new std::shared_ptr<const pki::TrustStore>(pki::TrustStore::Builder().Build());
  const auto seal = ReadSeal(pki::AsText({data, size}));
  if (!seal.ok()) return 0;
  const SealReport report = VerifySeal(*seal, {.trust = trust.get(),
                                               .countries = mrz::CertificateCountries,
                                               .check_time = absl::FromUnixSeconds(1'780'000'000)});
  if (report.overall < emrtd::Overall::kUndetermined) std::abort();
  if (report.chain == ChainState::kValid || report.chain == ChainState::kSignerGiven) std::abort();
  const bool raw = size > 0 && data[0] == 0xDC;
  if (raw && seal->signed_bytes.size() > size) std::abort();
  if (raw && !pki::Equal(seal->signed_bytes, {data, seal->signed_bytes.size()})) std::abort();
  return 0;
}
