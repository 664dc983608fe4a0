// The software chip as a card in the virtual reader of vsmartcard's vpcd, which pcscd shows to programs like any other
// reader. The reader listens, the card connects: frames of two octets of length and so many octets; one octet is a
// control (power off, on, reset, ask for the ATR), anything else a command.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "tools/specimen/soft_chip.h"

namespace gatehouse::specimen {

inline constexpr uint16_t kVpcdPort = 35963;

// Answers until the reader closes the connection (OK). UNAVAILABLE: nothing listens at `host`:`port`.
absl::Status ServeAsCard(SoftChip& chip, const std::string& host, uint16_t port);

}  // namespace gatehouse::specimen
