#include "libs/emrtd/access/document_access.h"

#include <algorithm>

#include "libs/base/status_macros.h"
#include "libs/emrtd/access/bac.h"

namespace gatehouse::emrtd::access {
namespace {

constexpr uint8_t kApplication[] = {0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01};
// Birth date and expiry date with their check digits, behind the document number in the information of the zone.
constexpr size_t kDatesCharacters = 14;

std::string NameOf(const SecurityInfos& card_access, const PaceProtocol& protocol) {
  for (const PaceInfo& info : card_access.pace) {
    if (pki::Equal(info.protocol, protocol.identifier)) return ProtocolName(info);
  }
  return "PACE";
}

// The chip did not say no to the password, but to this way of proving it.
bool IsOfProtocol(const absl::Status& status) {
  return !absl::IsPermissionDenied(status) && !absl::IsUnauthenticated(status) && !IsLost(status);
}

}  // namespace

bool IsLost(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status); }

absl::Status SelectMasterFile(Channel& channel) {
  const Command select{.ins = ins::kSelect, .p1 = 0x00, .p2 = 0x0C, .data = {0x3F, 0x00}};
  return channel.Send(select).status();
}

absl::Status DocumentAccess::SelectApplication() {
  const Command select{.ins = ins::kSelect, .p1 = 0x04, .p2 = 0x0C, .data = Copy(kApplication)};
  const absl::Status selected = SendExpectingSuccess(channel_, select, "SELECT of the eMRTD application").status();
  // Without its application it is no travel document: a failure, not something that is merely absent.
  return absl::IsNotFound(selected) ? absl::FailedPreconditionError(selected.message()) : selected;
}

absl::Status DocumentAccess::RunPaceWith(const PaceRun& run) {
  channel_.Clear();
  GH_ASSIGN_OR_RETURN(pace_, RunPace(channel_, run, random_));
  pace_run_ = run;
  chip_id_ = pace_->result.chip_key;
  return absl::OkStatus();
}

absl::Status DocumentAccess::TryPace(const SecurityInfos& card_access) {
  absl::Status last = absl::NotFoundError("the chip offers no PACE that we can run, or no password is given");
  for (const Password& password : keys_.passwords) {
    for (const PaceProtocol& protocol : UsablePaceProtocols(card_access)) {
      last = RunPaceWith({protocol, password, card_access.pace.size() > 1});
      if (last.ok()) {
        protocol_ = NameOf(card_access, protocol);
        return last;
      }
      if (IsLost(last)) return last;
      if (!IsOfProtocol(last)) break;  // the next protocol would cost the password another try
    }
  }
  return last;
}

absl::Status DocumentAccess::RunBacWith(const std::string& mrz_information) {
  GH_RETURN_IF_ERROR(RunBac(channel_, mrz_information, random_));
  bac_information_ = mrz_information;
  const size_t number = mrz_information.size() - std::min(mrz_information.size(), kDatesCharacters);
  chip_id_ = Copy(pki::AsBytes(mrz_information).first(number));
  protocol_ = "BAC";
  return absl::OkStatus();
}

absl::Status DocumentAccess::TryBac() {
  absl::Status last = absl::NotFoundError("no machine-readable zone is given");
  for (const Password& password : keys_.passwords) {
    if (password.kind != PasswordKind::kMrz) continue;
    last = RunBacWith(password.characters.Reveal());
    if (last.ok() || IsLost(last)) return last;
  }
  return last;
}

absl::Status DocumentAccess::Repeat() {
  channel_.Clear();
  GH_RETURN_IF_ERROR(SelectMasterFile(channel_));
  if (pace_run_) {
    GH_RETURN_IF_ERROR(RunPaceWith(*pace_run_));
    return SelectApplication();
  }
  GH_RETURN_IF_ERROR(SelectApplication());
  if (!bac_information_) return absl::FailedPreconditionError("there was no access protocol");
  return RunBacWith(*bac_information_);
}

}  // namespace gatehouse::emrtd::access
