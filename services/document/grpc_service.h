// The gRPC face of the document service that verifies; trust_grpc_service.h has the one that changes the trust store.
#pragma once

#include <memory>

#include "libs/base/clock.h"
#include "libs/rpc/handle.h"
#include "libs/seal/signed_text.h"
#include "services/document/challenges.h"
#include "services/document/notice_counts.h"
#include "services/document/notices.h"
#include "services/document/policy.h"
#include "services/document/seen_documents.h"
#include "services/document/trust.h"

namespace grpc {
class Service;
}

namespace gatehouse::document {

// Everything given outlives the services.
struct DocumentServiceDeps {
  rpc::Host& host;
  const Trust& trust;
  base::Clock& clock;
  Challenges& challenges;
  const Policy& policy;
  const Notices& notices;
  NoticeCounts& notice_counts;
  SeenDocuments* seen = nullptr;             // null: documents seen before are not kept
  const seal::TextSigner* signer = nullptr;  // null: reports are not signed
};
std::unique_ptr<grpc::Service> MakeDocumentService(const DocumentServiceDeps& deps);

}  // namespace gatehouse::document
