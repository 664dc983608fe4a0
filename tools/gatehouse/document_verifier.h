// How the verbs about documents reach a verdict: here, with trust material from files, or by the document service.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/document_service.pb.h"
#include "tools/gatehouse/context.h"

namespace gatehouse::cli {

struct VerifierOptions {
  bool local = false;
  std::vector<std::string> trust;  // with local: certificates, lists, CRLs, folders of them
  std::vector<std::string> crls;   // with local
  std::string policy;              // with local: a policy file; empty: the built-in one
  std::string at;                  // RFC 3339 or a day; empty: now
};

// The request's document and options; its check_time is filled in when the verifier has one. Thread-safe.
using Verifier = std::function<absl::StatusOr<gatehouse::document::v1::VerifyResponse>(
    gatehouse::document::v1::VerifyRequest request)>;

// `context` outlives the verifier.
absl::StatusOr<Verifier> MakeVerifier(Context& context, const VerifierOptions& options);

}  // namespace gatehouse::cli
