// Reads an electronic travel document from end to end (Doc 9303-10 and -11): access by PACE or BAC, the files that
// EF.SOD lists, Chip Authentication, the chip's answer to an Active Authentication challenge, Terminal Authentication
// where there are keys for it.
//   DocumentReading reading = ReadDocument({transport, keys, options, base::SystemRandom()});
//
// It gives what was read and how, and judges nothing: that files are genuine is passive authentication's answer, and
// what Chip Authentication, PACE-CAM and Active Authentication show counts only once that has bound DG14,
// EF.CardSecurity or DG15 to the state.
//
// Order: EF.CardAccess; PACE with each password and each protocol (UsablePaceProtocols), else BAC with the
// machine-readable zone, else in the clear; EF.CardSecurity after PACE-CAM; the application; EF.COM, EF.SOD; DG14 and
// Chip Authentication; DG15 and Active Authentication; Terminal Authentication; the other data groups, DG3 and DG4 last
// and only after Terminal Authentication.
#pragma once

#include "libs/base/random.h"
#include "libs/emrtd/access/chip_authentication.h"
#include "libs/emrtd/access/file_reader.h"
#include "libs/emrtd/access/pace.h"
#include "libs/emrtd/access/terminal_authentication.h"
#include "libs/emrtd/tr03135.h"

namespace gatehouse::emrtd::access {

// More than all the files of a real document together.
inline constexpr size_t kMaxDocumentBytes = 8 * 1024 * 1024;

struct AccessKeys {
  // In the order to try them. A zone serves PACE and BAC. Each wrong CAN or PIN costs the chip one of its tries.
  std::vector<Password> passwords;
  const TerminalCredentials* terminal = nullptr;
};

enum class ReadStep {
  kCardAccess,            // EF.CardAccess read
  kPace,                  // access by PACE
  kBac,                   // access by BAC
  kChipMapping,           // PACE-CAM fits a key of EF.CardSecurity, whose signature is not looked at here
  kApplication,           // the eMRTD application selected
  kSecurityObject,        // EF.SOD read and its list understood
  kChipAuthentication,    // the chip has the private key to DG14
  kActiveAuthentication,  // never successful here: the answer is for active_authentication.h to check
  kTerminalAuthentication,
  kFiles,  // every file that was to be read is whole
};
std::string_view ToWord(ReadStep step);  // snake_case: "card_access"

// kNotSupported: the chip does not offer it. kUndetermined: not attempted, or nothing can be said here. kAborted: it
// began and was broken off, by the connection or by the caller. Chip and Active Authentication are kFailed when the
// chip refuses them in any way, and kUndetermined when it was not asked.
struct StepRecord {
  ReadStep step = ReadStep::kCardAccess;
  Tr03135State state = Tr03135State::kUndetermined;
  std::string detail;  // the protocol, the reason; never personal data
};

// A file as the chip gave it. Personal data, most of them: never to a log.
struct FileRecord {
  std::string name;  // "EF.SOD", "DG1"
  Octets octets;
  bool whole = false;
  std::string detail;  // why it is not whole
};

struct ActiveAuthenticationExchange {
  Octets challenge;
  Octets answer;
};

struct DocumentReading {
  std::vector<FileRecord> files;  // in the order read; also those of which only a part was had
  std::vector<StepRecord> steps;  // in the order they ended; every step once
  std::string access_protocol;    // "PACE-ECDH-GM-AES-CBC-CMAC-128", "BAC"; empty when in the clear or not at all
  std::vector<int> data_groups;   // those that EF.SOD lists
  std::optional<ChipAuthenticationEvidence> chip_authentication;
  std::optional<ChipAuthenticationMapping> chip_mapping;
  std::optional<ActiveAuthenticationExchange> active_authentication;
  bool connection_lost = false;  // the chip went away; what was read until then is here

  // nullptr when nothing of it was read.
  const FileRecord* Find(std::string_view name) const;
  // kUndetermined when it was never reached.
  Tr03135State StateOf(ReadStep step) const;
};

struct ReadOptions {
  std::vector<int> data_groups;  // numbers to read of those listed; empty: all
  // Eight octets that were issued for this chip and no other; none: no Active Authentication.
  std::optional<Octets> active_authentication_challenge;
  bool chip_authentication = true;
  // Extended lengths where the chip says it has them, or says nothing and needs them; else, as for a reader that has
  // none, short ones only, and chains of commands.
  bool extended_length = true;
  // An earlier reading of the same chip that was broken off: whole files are taken from it, others are gone on with.
  // Passive authentication finds out when it was another chip.
  const DocumentReading* earlier = nullptr;
  ProgressFunction progress;
};

struct ReadInput {
  Transport& transport;
  const AccessKeys& keys;
  const ReadOptions& options;
  base::Random& random;
};

// Blocks for as long as the chip takes: seconds. Not thread-safe in what it is given.
DocumentReading ReadDocument(const ReadInput& input);

}  // namespace gatehouse::emrtd::access
