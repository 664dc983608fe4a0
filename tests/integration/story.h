// One border day that every deployment must be able to live through: trust and lists come in, travellers come to the
// desk, officers decide. The chapters (story_test.cc) each look at one side of it. The day is lived once a deployment,
// the first time a chapter asks for it, so that every chapter can also run alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/audit/audit.h"
#include "libs/testing/temporary_folder.h"
#include "tests/integration/cli.h"
#include "tests/integration/country.h"
#include "tests/integration/deployment.h"

namespace gatehouse::integration {

// One traveller at the desk.
struct Passage {
  Traveller traveller;
  json inspection;      // what `inspect` answered
  std::string outcome;  // what the officer decided
  json decision;        // what `decide` answered
};

class Story {
 public:
  // A running deployment into which the trust operator and the list owner have imported what the State has.
  static absl::StatusOr<std::unique_ptr<Story>> Begin(Shape shape);

  Deployment& deployment() { return *deployment_; }
  const Country& country() const { return country_; }
  // A path in the story's own temporary folder.
  std::string File(const std::string& name) const { return folder_.File(name); }

  // The command line in the hand of `identity`, talking to `service`.
  Caller As(const std::string& identity, const std::string& service);

  // What a traveller without any fault was answered before trust and lists had come in.
  const json& unprepared() const { return unprepared_; }

  // Every traveller of the State in order, each decided before the next: admitted when clear, refused when the document
  // is proven false, referred when in doubt.
  const std::vector<Passage>& Passages();
  const Passage& PassageWithFault(const std::string& fault);

  json Inspect(const std::string& input, int expected_exit_code);
  Answer Decide(const std::string& officer, const json& inspection, const std::string& outcome,
                const std::string& reason = "");
  std::vector<json> Crossings();
  std::vector<json> Events(const std::string& service);

  // Everything the process that serves `service` has put on record.
  std::vector<audit::Leaf> AuditOf(const std::string& service);

 private:
  Story() = default;
  absl::Status Prepare();

  testing::TemporaryFolder folder_;
  Country country_;
  std::unique_ptr<Deployment> deployment_;
  json unprepared_;
  std::vector<Passage> passages_;
};

// `inspect` of these travellers at the desk of post UTO-01; a cluster serves many posts, so the desk says where it is.
Arguments InspectAtDesk(Arguments inputs);

// The check of an inspection by its id; fails the running test when it is missing.
json CheckOf(const json& inspection, const std::string& id);

}  // namespace gatehouse::integration
