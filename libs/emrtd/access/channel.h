// Commands to a chip, in the clear or under secure messaging: what the protocols and the reader speak through.
#pragma once

#include <optional>

#include "libs/emrtd/access/secure_messaging.h"
#include "libs/emrtd/access/transport.h"

namespace gatehouse::emrtd::access {

class Channel {
 public:
  // `transport` must outlive the channel.
  explicit Channel(Transport& transport) : transport_(transport) {}

  // Any status word is an answer: it is for the caller to judge. 6Cxx is answered here, by asking again for xx octets.
  // UNAVAILABLE, DEADLINE_EXCEEDED: of the transport. INVALID_ARGUMENT, UNAUTHENTICATED, ABORTED, FAILED_PRECONDITION:
  // of secure messaging.
  absl::StatusOr<Response> Send(const Command& command);

  // From the next command on the chip gets no extended lengths: more data than a short command holds go as a chain of
  // commands (ISO 7816-4 section 5.3.3), each under secure messaging by itself, and no more than 256 octets are
  // expected. A longer answer is fetched in either case, as the chip says (61xx, GET RESPONSE).
  void UseShortLengths() {
    short_lengths_ = true;
    refused_extended_length_ = false;
  }
  // The chip answered an extended length with 6700 since; under secure messaging the session has ended by it.
  bool refused_extended_length() const { return refused_extended_length_; }

  // From the next command on, under these keys and no others.
  void Protect(SessionKeys keys) { session_.emplace(std::move(keys)); }
  // Back to the clear: the chip ends its session at the first command that it gets so.
  void Clear() { session_.reset(); }
  bool is_protected() const { return session_.has_value(); }
  // False when secure messaging has ended by an error: nothing more can be sent.
  bool alive() const { return !session_ || session_->alive(); }

  // The most data a response in short length brings through this channel.
  int MaxShortData() const {
    return session_ ? MaxProtectedData(session_->cipher(), kMaxShortExpected) : kMaxShortExpected;
  }
  Octets answer_to_reset() const { return transport_.AnswerToReset(); }

 private:
  absl::StatusOr<Response> Transmit(const Command& command);
  absl::StatusOr<Response> SendOnce(const Command& command);
  absl::StatusOr<Response> SendWhole(const Command& command);
  size_t MaxShortCommandData() const;

  Transport& transport_;
  bool short_lengths_ = false;
  bool refused_extended_length_ = false;
  std::optional<SecureMessaging> session_;
};

// Sends and demands 9000. PERMISSION_DENIED for 63xx, 6982 and 6983, NOT_FOUND for 6A82, 6A83 and 6A88, else
// FAILED_PRECONDITION; `what` and the status word are in the text.
absl::StatusOr<Octets> SendExpectingSuccess(Channel& channel, const Command& command, std::string_view what);
absl::Status StatusOf(const Response& response, std::string_view what);

}  // namespace gatehouse::emrtd::access
