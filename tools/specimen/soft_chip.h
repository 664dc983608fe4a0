// A travel document's chip in software (Doc 9303-10 and -11, TR-03110): a state machine that takes command APDUs and
// gives response APDUs, as a chip in a reader's field would. Files of the master file and of the eMRTD application,
// BAC, PACE, Chip Authentication, Active Authentication, Terminal Authentication, secure messaging. For demonstrations
// and tests; whoever has its folder (soft_chip_folder.h) has its keys.
//
// What a copied chip lacks is the private keys: leave them out, or put others in, and it is a clone.
#pragma once

#include <openssl/evp.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/base/random.h"
#include "libs/emrtd/access/bac.h"
#include "libs/emrtd/access/chip_authentication.h"
#include "libs/emrtd/access/pace.h"
#include "libs/emrtd/access/transport.h"
#include "tools/specimen/terminal_gate.h"

namespace gatehouse::specimen {

namespace access = gatehouse::emrtd::access;
using access::Bytes;
using access::Octets;

// A static key of Chip Authentication or of PACE-CAM.
struct SoftChipAgreementKey {
  const access::Group* group = nullptr;
  emrtd::Cipher cipher = emrtd::Cipher::kAes128;
  std::optional<int> key_id;
  access::KeyPair pair;
};

struct SoftChipContents {
  std::map<uint16_t, Octets> master_files;       // by file identifier: 011C EF.CardAccess, 011D EF.CardSecurity
  std::map<uint16_t, Octets> application_files;  // 0101..0110 data groups, 011D EF.SOD, 011E EF.COM, 011C EF.CVCA
  std::string mrz_information;                   // access::MrzInformation
  std::string can;                               // empty: none
  bool bac = true;                               // PACE is offered when there is an EF.CardAccess
  bool open = false;                             // readable without any access protocol
  std::vector<SoftChipAgreementKey> chip_authentication;
  std::optional<SoftChipAgreementKey> mapping;  // PACE-CAM
  std::shared_ptr<EVP_PKEY> active_authentication;
  const EVP_MD* active_authentication_digest = EVP_sha256();
  std::vector<Octets> trust_points;  // CV certificates of authorities; DG3 and DG4 are closed to anyone else
  absl::CivilDay today;              // what the chip takes for the day
  bool extended_length = true;       // else chains of commands, and GET RESPONSE for long answers
};

class SoftChip {
 public:
  // `random` must outlive the chip. One chip is used by one thread at a time.
  SoftChip(SoftChipContents contents, base::Random& random);
  SoftChip(const SoftChip&) = delete;
  SoftChip& operator=(const SoftChip&) = delete;

  // Never fails: what is no command is answered with a status word too.
  Octets Process(Bytes command);
  // Power off and on: nothing of what was agreed remains.
  void Reset();
  // A contactless chip behind a reader (PC/SC part 3).
  Octets AnswerToReset() const;

 private:
  enum class Directory { kMaster, kApplication };
  // What a command leads to beside its answer: keys that hold from the next command on.
  struct Outcome {
    access::Response response;
    std::optional<access::SessionKeys> next_keys;
  };

  Octets Answer(Bytes command);
  Octets Deliver(Octets response);
  Outcome Dispatch(const access::Command& command);
  Outcome Select(const access::Command& command);
  Outcome ReadBinary(const access::Command& command);
  Outcome ReadBinaryOdd(const access::Command& command);
  Outcome GetChallenge(const access::Command& command);
  Outcome ExternalAuthenticate(const access::Command& command);
  Outcome InternalAuthenticate(const access::Command& command);
  Outcome ManageSecurityEnvironment(const access::Command& command);
  Outcome GeneralAuthenticate(const access::Command& command);
  Outcome VerifyCertificate(const access::Command& command);

  Outcome SetPace(Bytes data);
  Outcome PaceStep(const access::Command& command);
  Outcome SetChipAuthentication(Bytes data);
  Outcome ChipAuthentication(Bytes terminal_key);

  const Octets* FindFile(uint16_t id) const;
  bool MayRead(uint16_t id) const;
  static Outcome Status(access::StatusWord word) { return {.response = {.status = word}}; }

  const SoftChipContents contents_;
  base::Random& random_;
  std::optional<emrtd::SecurityInfos> card_access_;  // views into contents_

  Directory directory_ = Directory::kMaster;
  std::optional<uint16_t> current_file_;
  bool granted_ = false;  // by BAC or PACE
  std::optional<access::SecureMessaging> session_;
  Octets chained_;           // data of the commands of a chain so far
  uint8_t chained_ins_ = 0;  // and their instruction
  Octets undelivered_;       // rest of the last response, with its status word

  std::unique_ptr<access::BacChip> bac_;
  std::unique_ptr<access::PaceChip> pace_;
  const SoftChipAgreementKey* chip_key_ = nullptr;  // chosen by MSE:SET
  bool chip_authenticated_ = false;
  TerminalGate gate_;
};

// The chip as something that commands go to.
class SoftChipTransport final : public access::Transport {
 public:
  explicit SoftChipTransport(SoftChip& chip) : chip_(chip) {}
  absl::StatusOr<Octets> Transmit(Bytes command) override { return chip_.Process(command); }
  Octets AnswerToReset() const override { return chip_.AnswerToReset(); }

 private:
  SoftChip& chip_;
};

}  // namespace gatehouse::specimen
