// Any bytes as the virtual component of a digital travel credential. Nothing may crash, hang or allocate without bound,
// and against an empty trust store nothing may be established.
#include <cstdlib>

#include "libs/emrtd/seals/dtc.h"
#include "libs/mrz/states.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::emrtd::seals;
  static const auto& trust = *new std::shared_ptr<const pki::TrustStore>(pki::TrustStore::Builder().Build());
  const pki::Bytes bytes(data, size);
  (void)IsDtc(bytes);
  const auto dtc = ReadDtc(bytes);
  if (!dtc.ok()) return 0;
  const DtcReport result = VerifyDtc(*dtc, {.trust = trust.get(),
                                            .countries = mrz::CertificateCountries,
                                            .check_time = absl::FromUnixSeconds(1'780'000'000)});
  if (result.report.overall < emrtd::Overall::kUndetermined) std::abort();
  return 0;
}
