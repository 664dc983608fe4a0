// The CBEFF templates around the biometric data of DG2, DG3 and DG4 (ISO/IEC 7816-11, Doc 9303-10 section 4.7.2): a
// group template 7F61 of information templates 7F60, each a header A1 and a data block 5F2E or 7F2E. Read in place: the
// caller's bytes must outlive the value.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/emrtd/lds/file_defects.h"
#include "libs/emrtd/lds/picture.h"
#include "libs/pki/tlv.h"

namespace gatehouse::emrtd {

// Ten fingers and two irises are the most that the LDS foresees; some files hold a finger twice.
inline constexpr size_t kMaxBiometricInstances = 32;
inline constexpr size_t kMaxBiometricImages = 32;

// Which standard wrote the data block: by its own first bytes, not by what the header claims.
enum class RecordFormat { kUnknown, kIso19794Of2005, kIso19794Of2011, kIso39794 };
std::string_view ToWord(RecordFormat format);  // "iso_19794_2005", "iso_19794_2011", "iso_39794", "unknown"

enum class InstanceState {
  kPlain,
  kEncrypted,  // protected by secure messaging templates: whoever reads it needs the issuer's key
  kEmpty,      // a template without a data block
};
std::string_view ToWord(InstanceState state);  // "plain", "encrypted", "empty"

struct BiometricInstance {
  InstanceState state = InstanceState::kEmpty;
  Bytes block;  // contents of 5F2E or 7F2E; empty unless plain
  // The header, as far as it is there.
  std::optional<int> type;                                // biometric type 81: 2 face, 8 finger, 16 iris
  std::optional<int> subtype;                             // 82: 0 no statement; fingers and eyes, see SubtypeWord
  std::optional<absl::CivilSecond> created;               // 83
  std::optional<absl::CivilDay> valid_from, valid_until;  // 85
  std::optional<int> creator, format_owner, format_type;  // 86, 87, 88
};
// "right_index", "left", "not_stated"; "unknown" for a code the standard does not have.
std::string_view SubtypeWord(int subtype);

struct BiometricGroup {
  std::vector<BiometricInstance> instances;
  // Every template of an empty DG3 or DG4 brings random bytes (tag 53), so that its digest tells nothing.
  bool has_filler = false;
};

// The templates of a whole file DG2, DG3 or DG4; zero instances are legal. INVALID_ARGUMENT names the field.
absl::StatusOr<BiometricGroup> ReadBiometricGroup(Bytes file, int data_group, FileFindings& findings);

// What all biometric records say of one picture.
struct BiometricImage : Picture {
  RecordFormat record = RecordFormat::kUnknown;
  size_t instance = 0;  // index of the template that holds it
  // As the record claims; in genuine documents they differ from the picture's own.
  int stated_width = 0;
  int stated_height = 0;
  ImageFormat stated_format = ImageFormat::kUnknown;
  std::optional<int> quality;  // 0..100
  std::optional<absl::CivilSecond> captured;
};

// Findings where record and picture disagree in format or size. `what` names the picture, as "face 1".
void NoteDisagreements(const BiometricImage& image, std::string_view what, FileFindings& findings);

}  // namespace gatehouse::emrtd
