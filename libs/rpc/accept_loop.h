// The accept loop of a server: takes connections within bounds and hands them on. gRPC's own takes all it can, and once
// the process is out of descriptors never takes one again. This one refuses what is over its bounds, keeps a descriptor
// in reserve to refuse with when there is none left, and goes on. Private to libs/rpc.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/rpc/connections.h"
#include "libs/rpc/heard.h"
#include "libs/rpc/listening_sockets.h"

namespace gatehouse::rpc {

class AcceptLoop {
 public:
  // Takes ownership of a connected, nonblocking socket.
  using Take = std::function<void(int listener, int connection)>;

  // `heard` null: connections are not cut for what they send. Outlives the loop.
  AcceptLoop(ListeningSockets sockets, ConnectionLimits limits, Take take, Heard* heard = nullptr);
  ~AcceptLoop();  // stops
  AcceptLoop(const AcceptLoop&) = delete;
  AcceptLoop& operator=(const AcceptLoop&) = delete;

  void Start();
  // Nobody connects any more: the port is closed on return. May be called twice.
  void Stop();

  // Connects to the own port, as a client of this machine, and waits until this loop has said hello. UNAVAILABLE when
  // it does not within `limit`: nobody who comes anew is heard. UNKNOWN when it could not be asked (no socket, no
  // address of this machine to ask from), which says nothing about the port. From any thread.
  absl::Status Hear(absl::Duration limit);

  struct Counts {
    int open = 0;
    int unproven = 0;
    int64_t refused = 0;        // over a bound
    int64_t no_descriptor = 0;  // refused because the process or the machine had none left
    int64_t cut = 0;            // sent without end and came to no call
    std::string refused_last;   // the address, as text, of the last that was over a bound, and the bound
  };
  Counts counts() const;

 private:
  void Loop();
  void AcceptFrom(int listener);
  void CutFloods(absl::Duration now);
  void TakeOne(int listener, int connection, const SocketAddress& peer);
  void NoteRefused(const SocketAddress& peer, Connections::Answer answer);
  // With the reserve: so that the queue of the port empties, and clients hear at once that they are not served.
  void RefuseWithReserve(int listener);
  bool IsOwnProbe(int connection, const SocketAddress& peer);
  absl::Status HearAt(const SocketAddress& own, absl::Duration limit);

  ListeningSockets sockets_;
  const std::vector<SocketAddress> own_;
  const Take take_;
  Heard* const heard_;
  Connections connections_;  // of the loop's thread
  int wake_;
  int reserve_;
  std::mutex probes_mutex_;
  std::set<int> probes_;  // local ports of probes under way
  mutable std::mutex refused_mutex_;
  std::string refused_last_;
  std::atomic<int> open_{0};
  std::atomic<int> unproven_{0};
  std::atomic<int64_t> refused_{0};
  std::atomic<int64_t> no_descriptor_{0};
  std::atomic<int64_t> cut_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace gatehouse::rpc
