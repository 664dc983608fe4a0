#include "tests/integration/story.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"

namespace gatehouse::integration {
namespace {

constexpr int kMaxAuditLeaves = 100'000;

absl::Status MustBeDone(const char* what, const Answer& answer) {
  if (answer.exit_code == kDone) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(what, ": exit code ", answer.exit_code, ": ", answer.err));
}

// What a careful officer does with the recommendation and the report.
std::string OutcomeFor(const Traveller& traveller) {
  if (traveller.recommendation == "clear") return "admit";
  return traveller.overall == "invalid" ? "refuse" : "refer";
}

std::string ReasonFor(const std::string& outcome) {
  if (outcome == "refuse") return "DOCUMENT_FALSE";
  if (outcome == "refer") return "SECONDARY";
  return "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Story>> Story::Begin(Shape shape) {
  auto story = std::unique_ptr<Story>(new Story());
  GH_ASSIGN_OR_RETURN(story->country_, MakeCountry(story->File("country"), {"--seed", "7"}));
  const std::string issuer = story->country_.notice("issuer.der");
  GH_ASSIGN_OR_RETURN(story->deployment_, Deployment::Start(shape, story->File("deployment"), [&](auto& config) {
                        config.mutable_document()->add_notice_issuer_files(issuer);
                      }));
  GH_RETURN_IF_ERROR(story->Prepare());
  return story;
}

absl::Status Story::Prepare() {
  unprepared_ = Inspect(country_.WithFault("none").folder, kCheckSaysNo);
  // Nobody decides: she comes back when the post is ready.
  GH_RETURN_IF_ERROR(MustBeDone("abandon", Decide("officer-1", unprepared_, "abandon")));
  const Answer imported = As("trust-operator", "document")({"trust", "import", country_.trust()});
  GH_RETURN_IF_ERROR(MustBeDone("trust import", imported));
  if (imported.lines.empty()) return absl::InternalError("trust import: said nothing");
  const std::string import_id = imported.lines[0].value("import_id", "");
  GH_RETURN_IF_ERROR(MustBeDone("trust accept", As("trust-operator-2", "document")({"trust", "accept", import_id})));
  const Caller list_owner = As("list-owner", "watchlist");
  GH_RETURN_IF_ERROR(
      MustBeDone("document list", list_owner({"watchlist", "import", "--base", "stolen-documents", "--format",
                                              "document-csv", country_.stolen_documents()})));
  return MustBeDone("persons list", list_owner({"watchlist", "import", "--base", "wanted-persons", "--format", "un-xml",
                                                country_.wanted_persons()}));
}

Caller Story::As(const std::string& identity, const std::string& service) {
  return Caller(identity, deployment_->address(service), deployment_->pki());
}

json Story::Inspect(const std::string& input, int expected_exit_code) {
  const Answer answer = As("officer-1", "inspection")(InspectAtDesk({input}));
  EXPECT_EQ(answer.exit_code, expected_exit_code) << input << ": " << answer.err << answer.out;
  return answer.lines.size() == 1 ? answer.lines[0] : json::object();
}

Answer Story::Decide(const std::string& officer, const json& inspection, const std::string& outcome,
                     const std::string& reason) {
  Arguments verb = {"decide", inspection.value("inspection_id", ""), "--outcome", outcome};
  if (!reason.empty()) verb.insert(verb.end(), {"--reason", reason});
  return As(officer, "inspection")(verb);
}

const std::vector<Passage>& Story::Passages() {
  if (!passages_.empty()) return passages_;
  for (const Traveller& traveller : country_.travellers) {
    Passage passage{.traveller = traveller, .inspection = {}, .outcome = OutcomeFor(traveller), .decision = {}};
    passage.inspection = Inspect(traveller.folder, traveller.recommendation == "clear" ? kDone : kCheckSaysNo);
    const Answer decision = Decide("officer-1", passage.inspection, passage.outcome, ReasonFor(passage.outcome));
    EXPECT_EQ(decision.exit_code, kDone) << traveller.folder << ": " << decision.err;
    if (decision.lines.size() == 1) passage.decision = decision.lines[0];
    passages_.push_back(std::move(passage));
  }
  return passages_;
}

const Passage& Story::PassageWithFault(const std::string& fault) {
  const std::vector<Passage>& passages = Passages();
  const auto found =
      std::find_if(passages.begin(), passages.end(), [&](const Passage& p) { return p.traveller.fault == fault; });
  GH_CHECK(found != passages.end());
  return *found;
}

std::vector<json> Story::Crossings() {
  const Answer answer = As("officer-1", "traveller")({"crossings", "list", "--limit", "100000"});
  EXPECT_EQ(answer.exit_code, kDone) << answer.err;
  return answer.lines;
}

std::vector<json> Story::Events(const std::string& service) {
  const Answer answer = As("operator", service)({"events", "tail", "--service", service});
  EXPECT_EQ(answer.exit_code, kDone) << answer.err;
  return answer.lines;
}

std::vector<audit::Leaf> Story::AuditOf(const std::string& service) {
  const std::string folder = deployment_->node(service).folder + "/data/audit";
  const absl::StatusOr<std::vector<audit::Leaf>> leaves = audit::ReadLeaves(folder, kMaxAuditLeaves);
  EXPECT_TRUE(leaves.ok()) << leaves.status();
  return leaves.value_or(std::vector<audit::Leaf>());
}

Arguments InspectAtDesk(Arguments inputs) {
  inputs.insert(inputs.begin(), {"inspect", "--post", "UTO-01"});
  return inputs;
}

json CheckOf(const json& inspection, const std::string& id) {
  for (const json& check : inspection.value("checks", json::array())) {
    if (check.value("id", "") == id) return check;
  }
  ADD_FAILURE() << "no check " << id << " in " << inspection.value("inspection_id", "");
  return json::object();
}

}  // namespace gatehouse::integration
