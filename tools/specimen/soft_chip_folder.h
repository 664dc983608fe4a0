// A software chip as a folder: mrz.txt and the files of the chip as `gatehouse document verify` takes them (EF.COM.bin,
// EF.SOD.bin, EF.DG1.bin ..., EF.CardAccess.bin, EF.CardSecurity.bin, EF.CVCA.bin), and beside them chip.json with what
// a chip keeps to itself:
//   {"mrz_information", "can", "bac", "open", "extended_length", "today": "2026-11-25",
//    "chip_authentication": [{"group", "cipher", "key_id", "private_key"}], "mapping": {the same},
//    "active_authentication": {"key_pem", "digest"}, "trust_points": [CV certificates]}
// Octets are hexadecimal. A folder without chip.json is a chip without any key that reads in the clear.
#pragma once

#include <filesystem>

#include "absl/status/statusor.h"
#include "tools/specimen/soft_chip.h"

namespace gatehouse::specimen {

// NOT_FOUND: there is no file of a chip. INVALID_ARGUMENT: chip.json is no such thing.
absl::StatusOr<SoftChipContents> ReadSoftChip(const std::filesystem::path& folder);

// The text of chip.json.
std::string SoftChipSecrets(const SoftChipContents& contents);

// "EF.DG14" for 010E of the application; the name of the file is that and ".bin".
std::string SoftChipFileName(bool master, uint16_t id);

}  // namespace gatehouse::specimen
