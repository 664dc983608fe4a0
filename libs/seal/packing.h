// Packing: what is sealed again and again (checks, rules, reasons: much the same for every traveller) is compressed
// before it is sealed, with a dictionary that all values share (Zstandard, RFC 8878). A packed value names its
// dictionary, and every dictionary that ever packed one stays in the program, so that older values stay readable.
// Bytes, and how a dictionary is made: docs/formats/sealed-value.md.
//
//   const Packed packed = Pack(report.SerializeAsString());           // before Database::Write: it takes time
//   GH_ASSIGN_OR_RETURN(blob, sealer.Seal(transaction, subject, context, packed));
//   GH_ASSIGN_OR_RETURN(text, sealer.Open(subject, context, blob));   // packed or not
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gatehouse::seal {

// A Zstandard frame that declares its content's size.
struct Packed {
  std::string bytes;
};

// At most kMaxPlaintextBytes (seal.h); more is checked by Seal, which refuses it. Thread-safe.
Packed Pack(std::string_view plaintext);

// DATA_LOSS when it is no such frame, declares no size or one over kMaxPlaintextBytes (told before anything is
// allocated), was packed with a dictionary this version does not have, or does not come to what it declares.
absl::StatusOr<std::string> Unpack(std::string_view packed);

}  // namespace gatehouse::seal
