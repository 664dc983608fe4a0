// One call from its arrival to its answer, as Handle carries it from gRPC's thread to the pool, or serves it on the
// thread of a caller in this process. Private to libs/rpc.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "libs/base/deadline.h"
#include "libs/rpc/arrival.h"
#include "libs/rpc/handle.h"

namespace gatehouse::rpc {

// Belongs to one thread at a time.
class RunningCall final : public Call {
 public:
  RunningCall(std::shared_ptr<Arrival> came, const Method& called, std::function<absl::Status(Call&)> run);

  const authz::Principal& principal() const override { return caller; }
  absl::Time deadline() const override { return answer_by; }
  const std::string& id() const override { return call_id; }
  void AddSubject(std::string id) override { subjects.push_back(std::move(id)); }
  void AddDocument(base::DocumentKey document) override { documents.push_back(std::move(document)); }
  void AddName(audit::NamedPerson person) override { names.push_back(std::move(person)); }
  std::string request_digest() const override;

  // The caller's own time left, or the method's default when it set no deadline.
  absl::Duration TimeLeft() const;
  absl::Duration TookSoFar() const;
  // What the work for this call has, `left` from now.
  base::WorkTime WorkTimeIn(absl::Duration left) const;
  // True once nobody waits for the answer.
  bool IsCancelled() const;
  // The body behind the exception barrier: INTERNAL when it throws.
  absl::Status RunBody();

  const std::shared_ptr<Arrival> arrival;
  const Method method;
  // The request of Handle, alive until the answer is given: its bytes, or of a local call its message.
  const grpc::ByteBuffer* bytes = nullptr;
  const google::protobuf::Message* message = nullptr;
  // Gives the bytes back, and keeps their digest.
  void ForgetBytes();
  absl::Time answer_by;
  std::string identity;  // of the connection, also when it is refused
  authz::Principal caller;
  std::string role;
  std::string call_id;
  std::vector<std::string> subjects;
  std::vector<base::DocumentKey> documents;
  std::vector<audit::NamedPerson> names;
  bool entered = false;  // through the door, and has to leave it
  bool ran = false;      // the body began
  absl::Status refusal;  // to be audited by the pool, because the audit log blocks

 private:
  std::string forgotten_digest_;
  const std::function<absl::Status(Call&)> body_;
  const std::chrono::steady_clock::time_point arrived_ = std::chrono::steady_clock::now();
};

}  // namespace gatehouse::rpc
