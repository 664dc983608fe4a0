// Whether the process can do its work, asked all the time: each module, the room on its disks, its own port. What is
// wrong is a condition; what is a condition is told by the health service. Private to libs/runtime.
//
//   <service>.module       the module's Health(), or that it does not answer: not serving
//   runtime.port           nobody who connects anew is heard: not serving; for deaf_exit_s: the process gives up. It
//                          cannot be asked: degraded, and nobody gives up for it
//   runtime.connections    connections are refused over a bound: degraded; the reason names the first address
//   runtime.disk.<folder>  below warn_free_bytes: degraded; below critical_free_bytes: not serving. `data` is data_dir,
//                          and the service's word the folder of its SQLite store when that is another
//   runtime.disk           the room cannot be told: the file system does not answer
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/periodic.h"
#include "libs/rpc/server.h"
#include "libs/runtime/module.h"
#include "libs/runtime/port_state.h"
#include "libs/runtime/watch.h"

namespace gatehouse::runtime {

class Health {
 public:
  struct Deps {
    const v1::Config& config;
    observe::Metrics& metrics;
    observe::Conditions& conditions;
    rpc::Server& server;
    std::map<std::string, Module*> modules;  // by name
    // Besides the judging, in the same rhythm.
    std::function<void()> also = [] {};
    // The own port has been deaf for deaf_exit_s.
    std::function<void()> give_up;
  };
  explicit Health(Deps deps);
  ~Health();  // stopped before

  // The first answers are waited for, within their limits, and told.
  void Start();
  // What the server says stays as it is. Before the port is shut: nobody gives up any more because it does not answer.
  void StopJudging();
  // False when a question is still out: what it asks must not be taken down.
  bool Stop();

 private:
  absl::Status AskDisks();
  absl::Status AskPort();
  void Judge();

  const Deps deps_;
  const std::map<std::string, std::string> folders_;  // which -> path
  observe::Gauge& serving_;
  std::atomic<bool> draining_{false};
  Deafness deafness_;                            // of the watch's thread
  std::chrono::steady_clock::time_point asked_;  // of the watch's thread: when the own port was asked last
  Crowding crowding_;                            // of the judging thread
  std::vector<std::unique_ptr<Watch>> watches_;
  base::Periodic judging_;
};

}  // namespace gatehouse::runtime
