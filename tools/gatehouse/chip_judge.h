// Who judges a chip that was read on this machine: this process with trust from files, or the document service. Either
// way the challenge of Active Authentication is made by whoever judges its answer, and used once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gatehouse/document/v1/document.pb.h"
#include "tools/gatehouse/context.h"

namespace gatehouse::cli {

struct ChipJudgeOptions {
  bool local = false;
  std::vector<std::string> trust;  // with local: files and folders
  std::string at;                  // time of checking; empty: now
};

class ChipJudge {
 public:
  // `context` outlives the judge.
  static absl::StatusOr<std::unique_ptr<ChipJudge>> Make(Context& context, const ChipJudgeOptions& options);
  virtual ~ChipJudge() = default;

  struct Challenge {
    std::string id;  // by which the service remembers it; empty: it is this process's own
    std::string octets;
  };
  virtual absl::StatusOr<Challenge> IssueChallenge() = 0;
  virtual absl::StatusOr<gatehouse::document::v1::DocumentReport> Judge(
      const gatehouse::document::v1::DocumentInput& input) = 0;
};

}  // namespace gatehouse::cli
