// Reading a document's chip on this machine, and handing what was read to whoever judges it.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/document_service.pb.h"
#include "libs/emrtd/access/reader.h"

namespace gatehouse::cli {

// The passwords of a document: its machine-readable zone as printed (text; empty: none), and its card access number.
// INVALID_ARGUMENT: neither, or a zone without number, birth date and expiry date.
absl::StatusOr<emrtd::access::AccessKeys> ReadAccessKeys(const std::string& zone, const std::string& can);

// The keys of a terminal that may read fingerprints: a folder with chain-N.cvcert, from below the chip's trust point to
// the terminal's own, and terminal.pem. The private key stays in this process.
absl::StatusOr<emrtd::access::TerminalCredentials> ReadTerminalFolder(const std::string& folder);

// What is presented: the files that are whole, what became of each protocol that was begun, and the answer to Active
// Authentication. A chip that was asked and refused has answered with nothing, which is a wrong answer.
gatehouse::document::v1::DocumentInput ToDocumentInput(
    const emrtd::access::DocumentReading& reading, const std::string& zone,
    const gatehouse::document::v1::IssueChallengeResponse& challenge);

}  // namespace gatehouse::cli
