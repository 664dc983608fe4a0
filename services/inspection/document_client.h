// DocumentVerifier over gatehouse.document.v1.
#pragma once

#include <memory>

#include "libs/rpc/channel.h"
#include "services/inspection/ports.h"

namespace gatehouse::document::v1 {
class DocumentReport;
}

namespace gatehouse::inspection {

// `peer` outlives the verifier.
std::unique_ptr<DocumentVerifier> MakeDocumentClient(rpc::Peer& peer);

// What the report means to the checks; `chip_given` and `mrz_given` say what was asked about.
DocumentFindings FindingsOf(const gatehouse::document::v1::DocumentReport& report, bool chip_given, bool mrz_given);

}  // namespace gatehouse::inspection
