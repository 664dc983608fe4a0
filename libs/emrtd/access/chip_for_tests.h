// The chip's side of everything in this folder, small and in memory, for the tests of the reader: BAC or PACE, files,
// Chip, Active and Terminal Authentication, and ways to misbehave. tools/specimen has the chip for people.
#pragma once

#include <map>
#include <string>

#include "libs/emrtd/access/bac.h"
#include "libs/emrtd/access/pace.h"
#include "libs/emrtd/access/secure_messaging.h"
#include "libs/emrtd/access/transport.h"

namespace gatehouse::emrtd::access {

struct ChipSetup {
  std::map<uint16_t, Octets> master_files;  // by file identifier
  std::map<uint16_t, Octets> files;         // of the application
  std::string mrz_information;              // BAC; empty: none
  std::optional<PaceProtocol> pace;
  Password pace_password;
  const KeyPair* mapping_key = nullptr;  // PACE-CAM
  // Chip Authentication
  const Group* group = nullptr;
  KeyPair static_key;
  Cipher cipher = Cipher::kTripleDes;
  Octets active_answer;               // to any challenge
  std::optional<StatusWord> refusal;  // of Chip and Active Authentication alike
  // Terminal Authentication: what a right signature over a message is; empty: every certificate is refused.
  std::function<Octets(Bytes)> signature_of;
  Octets answer_to_reset;

  int lose_after = -1;              // commands until the chip goes away
  size_t most_data = 65536;         // octets given at once
  bool short_lengths_only = false;  // an extended one is answered with 6700 and ends the session
  size_t shorten = 0;               // octets missing at the end of every file
  bool select_by_id = true;         // else short identifiers only
  uint8_t bend_response = 0;        // 1: of the sixtieth protected response, one bit
};

class ChipForTests final : public Transport {
 public:
  ChipForTests(ChipSetup setup, base::Random& random) : setup_(std::move(setup)), random_(random) {}

  absl::StatusOr<Octets> Transmit(Bytes command) override;
  Octets AnswerToReset() const override { return setup_.answer_to_reset; }

  int commands() const { return commands_; }
  int extended_commands() const { return extended_; }
  ChipSetup& setup() { return setup_; }

 private:
  Response Process(const Command& command);
  Response Select(const Command& command);
  Response Read(const Command& command);
  Response ReadAt(size_t offset, const Command& command, bool object);
  Response SetEnvironment(const Command& command);
  Response GeneralAuthenticate(const Command& command);
  Response PaceStep(uint32_t tag, Bytes value);
  Response ExternalAuthenticate(const Command& command);
  bool may_read() const;

  ChipSetup setup_;
  base::Random& random_;
  std::optional<SecureMessaging> session_;
  std::optional<SessionKeys> next_keys_;  // from the response on
  std::optional<BacChip> bac_;
  std::optional<PaceChip> pace_;
  bool opened_ = false;
  bool in_application_ = false;
  uint16_t current_ = 0;
  Octets chip_id_, terminal_key_, challenge_;
  bool terminal_authenticated_ = false;
  int commands_ = 0, extended_ = 0, protected_ = 0;
};

}  // namespace gatehouse::emrtd::access
