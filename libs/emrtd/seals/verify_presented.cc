#include "libs/emrtd/seals/verify_presented.h"

#include "libs/base/status_macros.h"
#include "libs/emrtd/seals/dtc.h"
#include "libs/emrtd/seals/presented.h"

namespace gatehouse::emrtd::seals {
absl::StatusOr<VerifiedSeal> VerifyPresented(std::string_view presented, const SealInput& input) {
  if (presented.size() > kMaxPresentedBytes) return pki::Malformed("seal", "is longer than the limit");
  constexpr uint8_t kSequence = 0x30;
  const auto bytes = BytesOf(presented, kSequence);
  if (bytes && IsDtc(pki::AsBytes(*bytes))) {
    GH_ASSIGN_OR_RETURN(const Dtc dtc, ReadDtc(pki::AsBytes(*bytes)));
    DtcReport result = VerifyDtc(dtc, input);
    return VerifiedSeal{std::move(result.seal), std::move(result.report)};
  }
  GH_ASSIGN_OR_RETURN(Seal seal, ReadSeal(presented));
  SealReport report = VerifySeal(seal, input);
  return VerifiedSeal{std::move(seal), std::move(report)};
}

}  // namespace gatehouse::emrtd::seals
