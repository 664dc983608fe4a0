// A card reader without hardware: Debian's pcscd with the virtual reader of vsmartcard, and a software chip on it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/testing/temporary_folder.h"
#include "tests/integration/process.h"

namespace gatehouse::integration {

class CardReader {
 public:
  // pcscd in the foreground with a configuration of its own. UNAVAILABLE with the reason when it cannot be had: not
  // installed, not allowed to make its socket, or another one runs on this machine.
  static absl::StatusOr<std::unique_ptr<CardReader>> Start();

  // Lays the chip of a folder (specimen soft-chip) on the reader, in the place of what lay there.
  absl::Status Lay(const std::string& chip_folder);
  // As `gatehouse document readers` lists it; a part of it is enough.
  static constexpr const char* kName = "Gatehouse Virtual Reader 00 00";

 private:
  CardReader() = default;

  testing::TemporaryFolder folder_;
  int port_ = 0;
  std::unique_ptr<Process> daemon_;
  std::unique_ptr<Process> card_;
};

// The jars of JMRTD and our program that reads with them, compiled. UNAVAILABLE with the reason. What it returns goes
// before the name of the class: "java", "-cp", ...
absl::StatusOr<Arguments> JmrtdCommand();

}  // namespace gatehouse::integration
