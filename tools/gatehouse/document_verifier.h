// How the verbs about documents reach a verdict: here, with trust material from files, or by the document service.
// Either way a challenge for Active Authentication is made and remembered by whoever judges its answer, and good once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/document_service.pb.h"
#include "tools/gatehouse/context.h"

namespace gatehouse::cli {

struct VerifierOptions {
  bool local = false;
  std::vector<std::string> trust;           // certificates, lists, CRLs, folders of them; any makes it local
  std::vector<std::string> crls;            // when local
  std::string policy;                       // when local: a policy file; empty: the built-in one
  std::string notices;                      // when local: a signed bundle of notices; empty: none are asked
  std::vector<std::string> notice_issuers;  // when local: certificates of those whose notices are taken
  std::string at;                           // RFC 3339 or a day; empty: now

  bool is_local() const { return local || !trust.empty(); }
};

class DocumentVerifier {
 public:
  // `context` outlives the verifier. INVALID_ARGUMENT: options that a server does not take.
  static absl::StatusOr<std::unique_ptr<DocumentVerifier>> Make(Context& context, const VerifierOptions& options);
  virtual ~DocumentVerifier() = default;

  virtual absl::StatusOr<gatehouse::document::v1::IssueChallengeResponse> IssueChallenge() = 0;
  // The request's document and options; its check_time is filled in when --at gave one. Thread-safe.
  virtual absl::StatusOr<gatehouse::document::v1::VerifyResponse> Verify(
      gatehouse::document::v1::VerifyRequest request) = 0;
};

}  // namespace gatehouse::cli
