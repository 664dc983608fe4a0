#include "libs/emrtd/access/channel.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::emrtd::access {

absl::StatusOr<Response> Channel::SendOnce(const Command& command) {
  if (!session_) {
    GH_ASSIGN_OR_RETURN(const Octets answer, transport_.Transmit(Encode(command)));
    return DecodeResponse(answer);
  }
  GH_ASSIGN_OR_RETURN(const Command wrapped, session_->WrapCommand(command));
  GH_ASSIGN_OR_RETURN(const Octets answer, transport_.Transmit(Encode(wrapped)));
  GH_ASSIGN_OR_RETURN(const Response response, DecodeResponse(answer));
  return session_->UnwrapResponse(response);
}

absl::StatusOr<Response> Channel::Send(const Command& command) {
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
