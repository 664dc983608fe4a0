// Secure messaging (Doc 9303-11 section 9.8, TR-03110-3 annex F): every command and response encrypted and under a
// checksum, with a counter that both sides advance. One object is one session of one side: a terminal wraps commands
// and unwraps responses, a chip does the opposite. Not thread-safe; one owner.
//   SecureMessaging session(keys);
//   GH_ASSIGN_OR_RETURN(Command wrapped, session.WrapCommand(command));
//   GH_ASSIGN_OR_RETURN(Response answer, session.UnwrapResponse(response));
//
// The checksum is compared first, in constant time; nothing is decrypted before. A session dies of the first failure
// of an unwrap, whatever it was: from then on everything is FAILED_PRECONDITION and new keys are needed. What the
// failures tell apart is public anyway:
//   INVALID_ARGUMENT   data objects missing, doubled, in the wrong order or malformed
//   UNAUTHENTICATED    the checksum is wrong
//   ABORTED            the chip answered without secure messaging: it has ended the session
#pragma once

#include "libs/emrtd/access/apdu.h"
#include "libs/emrtd/access/key_derivation.h"

namespace gatehouse::emrtd::access {

class SecureMessaging {
 public:
  explicit SecureMessaging(SessionKeys keys);

  // Terminal. The command's `expected` travels as DO 97, its data as DO 87 (DO 85 when INS is odd). A command with
  // more data than a protected one can hold is INVALID_ARGUMENT and leaves the session as it was.
  absl::StatusOr<Command> WrapCommand(const Command& command);
  // The status is that under the checksum (DO 99); the one outside, which anyone may alter, is not looked at.
  absl::StatusOr<Response> UnwrapResponse(const Response& response);

  // Chip. A command without secure messaging is INVALID_ARGUMENT and ends the session too.
  absl::StatusOr<Command> UnwrapCommand(const Command& command);
  // To the command that was unwrapped last.
  absl::StatusOr<Response> WrapResponse(const Response& response);

  bool alive() const { return alive_; }
  Cipher cipher() const { return keys_.cipher; }

 private:
  void AdvanceCounter();
  Octets InitialVector() const;
  Mac Checksum(Bytes header, Bytes objects) const;
  Octets Encrypt(Bytes data) const;
  absl::StatusOr<Octets> Decrypt(Bytes cryptogram) const;
  absl::Status RequireAlive() const;

  absl::StatusOr<Response> OpenResponse(const Response& response);
  absl::StatusOr<Command> OpenCommand(const Command& command);

  SessionKeys keys_;
  bool alive_ = true;
  bool odd_instruction_ = false;  // of the last command: its answer uses DO 85 too
};

// What a chip answers, in the clear, when UnwrapCommand failed: 6987 for data objects, else 6988.
StatusWord AnswerToBrokenCommand(const absl::Status& status);

// How many octets of plain data a protected response of at most `response_bytes` can carry.
int MaxProtectedData(Cipher cipher, int response_bytes);

}  // namespace gatehouse::emrtd::access
