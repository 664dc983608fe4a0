#include "libs/emrtd/access/channel.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::emrtd::access {

// The answer whole: what is fetched belongs to one response, protected or not.
absl::StatusOr<Response> Channel::Transmit(const Command& command) {
  GH_ASSIGN_OR_RETURN(const Octets answer, transport_.Transmit(Encode(command)));
  GH_ASSIGN_OR_RETURN(Response response, DecodeResponse(answer));
  if (command.NeedsExtended() && response.status == StatusWord::kWrongLength) refused_extended_length_ = true;
  while (Sw1(response.status) == Sw1(StatusWord::kMoreData)) {
    const int more = Sw2(response.status) == 0 ? kMaxShortExpected : Sw2(response.status);
    GH_ASSIGN_OR_RETURN(const Octets rest, transport_.Transmit(Encode({.ins = ins::kGetResponse, .expected = more})));
    GH_ASSIGN_OR_RETURN(const Response further, DecodeResponse(rest));
    // A chip that promises for ever and gives nothing, or more than any response has.
    if (further.data.empty() || response.data.size() + further.data.size() > kMaxResponseBytes) {
      return pki::Malformed("response", "does not come to an end");
    }
    Append(response.data, further.data);
    response.status = further.status;
  }
  return response;
}

absl::StatusOr<Response> Channel::SendOnce(const Command& command) {
  if (!session_) return Transmit(command);
  GH_ASSIGN_OR_RETURN(const Command wrapped, session_->WrapCommand(command));
  GH_ASSIGN_OR_RETURN(const Response response, Transmit(wrapped));
  return session_->UnwrapResponse(response);
}

size_t Channel::MaxShortCommandData() const {
  // A protected command has DO 97 (3) where a response has DO 99 (4).
  return static_cast<size_t>(session_ ? MaxProtectedData(session_->cipher(), kMaxShortData) : kMaxShortData);
}

absl::StatusOr<Response> Channel::Send(const Command& command) {
  if (!short_lengths_) return SendWhole(command);
  Command last = command;
  last.extended = false;
  last.expected = std::min(command.expected, kMaxShortExpected);
  Bytes rest = command.data;
  for (const size_t most = MaxShortCommandData(); rest.size() > most; rest = rest.subspan(most)) {
    const Command piece{.cla = static_cast<uint8_t>(command.cla | kClaChaining),
                        .ins = command.ins,
                        .p1 = command.p1,
                        .p2 = command.p2,
                        .data = Copy(rest.first(most))};
    GH_ASSIGN_OR_RETURN(Response response, SendOnce(piece));
    if (!response.ok()) return response;
  }
  last.data = Copy(rest);
  return SendWhole(last);
}

absl::StatusOr<Response> Channel::SendWhole(const Command& command) {
  GH_ASSIGN_OR_RETURN(Response response, SendOnce(command));
  if (Sw1(response.status) != Sw1(StatusWord::kWrongExpectedLength) || command.expected == 0) return response;
  Command again = command;
  again.expected = Sw2(response.status) == 0 ? kMaxShortExpected : Sw2(response.status);
  return SendOnce(again);
}

absl::Status StatusOf(const Response& response, std::string_view what) {
  if (response.ok()) return absl::OkStatus();
  const std::string text = absl::StrCat(absl::string_view(what.data(), what.size()), ": ", Describe(response.status));
  switch (response.status) {
    case StatusWord::kSecurityStatusNotSatisfied:
    case StatusWord::kMethodBlocked:
      return absl::PermissionDeniedError(text);
    case StatusWord::kFileNotFound:
    case StatusWord::kRecordNotFound:
    case StatusWord::kReferencedDataNotFound:
      return absl::NotFoundError(text);
    default:
      break;
  }
  if (Sw1(response.status) == Sw1(StatusWord::kAuthenticationFailed)) return absl::PermissionDeniedError(text);
  return absl::FailedPreconditionError(text);
}

absl::StatusOr<Octets> SendExpectingSuccess(Channel& channel, const Command& command, std::string_view what) {
  GH_ASSIGN_OR_RETURN(Response response, channel.Send(command));
  GH_RETURN_IF_ERROR(StatusOf(response, what));
  return std::move(response.data);
}

}  // namespace gatehouse::emrtd::access
