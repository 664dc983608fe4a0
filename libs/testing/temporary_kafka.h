// A Kafka broker of the test's own: one node (KRaft), loopback only, free ports, its log in a temporary folder; stopped
// and removed on destruction. Topics are made at first use, with six partitions.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/testing/child_process.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::testing {

class TemporaryKafka {
 public:
  // UNAVAILABLE with the reason when none can be had. The jars are fetched once by Maven into build/kafka of the
  // repository, which is looked for from the working folder upwards.
  static absl::StatusOr<std::unique_ptr<TemporaryKafka>> Start();
  ~TemporaryKafka();

  // host:port
  const std::string& address() const { return address_; }
  // The broker process, for tests that stop it.
  ChildProcess& process() { return process_; }
  // Starts it again, on the same port and log, after it was stopped.
  absl::Status Restart();

 private:
  TemporaryKafka() = default;
  absl::Status Configure();
  // A Java program of Kafka's with its arguments.
  ChildProcess::Options Java(const std::vector<std::string>& arguments) const;

  TemporaryFolder folder_;
  std::string jars_;
  std::string address_;
  ChildProcess process_;
};

}  // namespace gatehouse::testing
