// The edges: requests from outside, answers of other services, the policy file.
#include "services/inspection/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <utility>

#include "gatehouse/document/v1/document.pb.h"
#include "gatehouse/traveller/v1/traveller_service.pb.h"
#include "gatehouse/watchlist/v1/watchlist_service.pb.h"
#include "libs/rpc/errors.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"
#include "services/inspection/document_client.h"
#include "services/inspection/policy_file.h"
#include "services/inspection/traveller_client.h"
#include "services/inspection/watchlist_client.h"

namespace gatehouse::inspection {
namespace {

namespace pb = gatehouse::inspection::v1;
using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

pb::InspectRequest GoodRequest() {
  pb::InspectRequest request;
  request.set_request_id("r1");
  request.mutable_document()->set_mrz("P<UTO");
  request.set_direction(gatehouse::traveller::v1::DIRECTION_ENTRY);
  request.set_post("NORTH-1");
  return request;
}

// The field that is blamed, "" when the request is accepted.
std::string Blamed(const std::function<void(pb::InspectRequest&)>& change, const std::string& default_post = "") {
  pb::InspectRequest request = GoodRequest();
  change(request);
  const absl::StatusOr<InspectInput> input = FromProto(request, default_post);
  if (input.ok()) return "";
  EXPECT_EQ(input.status().code(), absl::StatusCode::kInvalidArgument);
  const auto violations = rpc::Violations(input.status());
  return violations.empty() ? "none" : violations[0].field;
}

TEST(InspectRequest, EachFieldIsCheckedByName) {
  EXPECT_EQ(Blamed([](auto&) {}), "");
  EXPECT_EQ(Blamed([](auto& request) { request.set_request_id("with blank"); }), "request_id");
  EXPECT_EQ(Blamed([](auto& request) { request.set_request_id(std::string(65, 'a')); }), "request_id");
  EXPECT_EQ(Blamed([](auto& request) { request.clear_direction(); }), "direction");
  EXPECT_EQ(Blamed([](auto& request) { request.set_direction(gatehouse::traveller::v1::Direction(9)); }), "direction");
  EXPECT_EQ(Blamed([](auto& request) { request.set_post("north"); }), "post");
  EXPECT_EQ(Blamed([](auto& request) { request.clear_post(); }), "post");
  EXPECT_EQ(Blamed([](auto& request) { request.clear_post(); }, "HOME"), "");
  EXPECT_EQ(Blamed([](auto& request) { request.set_conveyance(std::string(33, 'a')); }), "conveyance");
  EXPECT_EQ(Blamed([](auto& request) { request.clear_document(); }), "document");
  EXPECT_EQ(Blamed([](auto& request) { request.mutable_document()->set_mrz(std::string(513, '<')); }), "document.mrz");
  EXPECT_EQ(Blamed([](auto& request) { request.mutable_document()->add_chip_files(); }), "document.chip_files.name");
  EXPECT_EQ(Blamed([](auto& request) {
              for (int i = 0; i < 33; ++i) request.mutable_document()->add_chip_files()->set_name("EF.DG1");
            }),
            "document.chip_files");
  EXPECT_EQ(Blamed([](auto& request) { request.mutable_keyed()->mutable_identity(); }), "keyed.identity");
  EXPECT_EQ(Blamed([](auto& request) {
              request.mutable_keyed()->mutable_identity()->mutable_name()->set_full("A");
              request.mutable_keyed()->mutable_identity()->mutable_birth_date()->set_month(13);
            }),
            "keyed.identity.birth_date");
}

TEST(DecideRequest, NeedsAReasonToReferOrRefuse) {
  pb::DecideRequest request;
  request.set_inspection_id("0190a8a0-0000-7000-8000-000000000001");
  EXPECT_THAT(FromProto(request), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const auto outcome : {pb::OUTCOME_REFER, pb::OUTCOME_REFUSE}) {
    request.set_outcome(outcome);
    request.clear_reason_code();
    EXPECT_THAT(FromProto(request), StatusIs(absl::StatusCode::kInvalidArgument));
    request.set_reason_code("LISTED_PERSON");
    EXPECT_TRUE(FromProto(request).ok());
    request.set_reason_code("lower case");
    EXPECT_THAT(FromProto(request), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  request.clear_reason_code();
  for (const auto outcome : {pb::OUTCOME_ADMIT, pb::OUTCOME_ABANDON}) {
    request.set_outcome(outcome);
    EXPECT_TRUE(FromProto(request).ok());
  }
  request.set_inspection_id("1");
  EXPECT_THAT(FromProto(request), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Ruling, CarriesItsReason) {
  EXPECT_TRUE(StatusOf(Ruling::kRepeated).ok());
  EXPECT_EQ(StatusOf(Ruling::kNamedOfficerRequired).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(rpc::Reason(StatusOf(Ruling::kNamedOfficerRequired)), "NAMED_OFFICER_REQUIRED");
  EXPECT_EQ(StatusOf(Ruling::kAlreadyDecided).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::Reason(StatusOf(Ruling::kAlreadyDecided)), "ALREADY_DECIDED");
}

TEST(WithReason, ALossIsNotAnAbsence) {
  EXPECT_EQ(rpc::Reason(WithReason(absl::NotFoundError("none"))), "NO_SUCH_INSPECTION");
  EXPECT_EQ(rpc::Reason(WithReason(absl::DataLossError("does not parse"))), "ROW_DAMAGED");
  EXPECT_EQ(rpc::Reason(WithReason(absl::AlreadyExistsError("taken"))), "REQUEST_ID_REUSED");
  EXPECT_EQ(rpc::Reason(WithReason(absl::UnavailableError("away"))), "");
}

TEST(ToProto, LastDecisionSaysWhatBecameOfTheCrossing) {
  Inspection inspection{.id = InspectionId("i1"),
                        .decisions = {{.outcome = Outcome::kRefer}, {.outcome = Outcome::kAdmit}},
                        .crossing = CrossingProgress{}};
  pb::Inspection pending;
  ToProto(inspection, &pending);
  EXPECT_EQ(pending.decisions(0).crossing_state(), pb::CROSSING_STATE_NONE);
  EXPECT_EQ(pending.decisions(1).crossing_state(), pb::CROSSING_STATE_PENDING);
  inspection.crossing->crossing_id = "c1";
  pb::DecideResponse stored;
  ToProto(DeskAnswer{.ruling = Ruling::kRepeated, .inspection = inspection, .decision = 1}, &stored);
  EXPECT_EQ(stored.decision().crossing_state(), pb::CROSSING_STATE_STORED);
  EXPECT_EQ(stored.decision().crossing_id(), "c1");
  EXPECT_TRUE(stored.repeated_request());
}

TEST(FindingsOf, ReportWithoutAChipSaysNothingAboutOne) {
  gatehouse::document::v1::DocumentReport report;
  report.set_overall(gatehouse::document::v1::OVERALL_VALID);
  const DocumentFindings findings = FindingsOf(report, /*chip_given=*/false, /*mrz_given=*/false);
  EXPECT_FALSE(findings.chip_read);
  EXPECT_FALSE(findings.printed.has_value());
  EXPECT_FALSE(findings.chip_mrz.has_value());
  EXPECT_FALSE(findings.identity.has_value());
}

TEST(FindingsOf, AChipThatDidNotProveItselfIsOpen) {
  namespace document = gatehouse::document::v1;
  document::DocumentReport report;
  EXPECT_EQ(FindingsOf(report, true, true).proof, ChipProof::kOpen) << "a service that makes no such check";
  document::Tr03135Check* check = report.add_tr03135();
  check->set_id("chip_cloning");
  check->set_detail("NOT_DONE: the document owes active authentication");
  EXPECT_EQ(FindingsOf(report, true, true).proof, ChipProof::kOpen);
  EXPECT_EQ(FindingsOf(report, true, true).proof_reason, "the document owes active authentication");
  check->set_judged(document::CHECK_STATE_ABORTED);
  check->set_detail("the chip was asked, and it broke off");
  EXPECT_EQ(FindingsOf(report, true, true).proof, ChipProof::kOpen);
  EXPECT_EQ(FindingsOf(report, true, true).proof_reason, "the chip was asked, and it broke off");
  check->set_judged(document::CHECK_STATE_FAILED);
  EXPECT_EQ(FindingsOf(report, true, true).proof, ChipProof::kSuspectedCopy);
  check->set_judged(document::CHECK_STATE_NOT_SUPPORTED);
  EXPECT_EQ(FindingsOf(report, true, true).proof, ChipProof::kNotOwed);
}

TEST(FindingsOf, NoticesAreOpenWhereOneFitsAndNotDoneWhereNoneAreHeld) {
  namespace document = gatehouse::document::v1;
  document::DocumentReport report;
  EXPECT_EQ(FindingsOf(report, true, true).notices, CheckStatus::kNotDone) << "a service that makes no such check";
  document::Tr03135Check* check = report.add_tr03135();
  check->set_id("fraud_notices");
  check->set_judged(document::CHECK_STATE_UNDETERMINED);
  check->set_detail("NOT_DONE: no notices are loaded");
  EXPECT_EQ(FindingsOf(report, true, true).notices, CheckStatus::kNotDone);
  EXPECT_EQ(FindingsOf(report, true, true).notices_reason, "no notices are loaded");
  check->set_detail("stolen_blank UTO-1: feel the edge");
  EXPECT_EQ(FindingsOf(report, true, true).notices, CheckStatus::kUndetermined);
  EXPECT_EQ(FindingsOf(report, true, true).notices_reason, "stolen_blank UTO-1: feel the edge");
  check->set_judged(document::CHECK_STATE_FAILED);
  EXPECT_EQ(FindingsOf(report, true, true).notices, CheckStatus::kFailed);
  check->set_judged(document::CHECK_STATE_SUCCESSFUL);
  EXPECT_EQ(FindingsOf(report, true, true).notices, CheckStatus::kSuccessful);
}

TEST(FindingsOf, TheVerdictNamesWhatDecidedIt) {
  namespace document = gatehouse::document::v1;
  document::DocumentReport report;
  EXPECT_EQ(FindingsOf(report, true, true).verdict, CheckStatus::kNotDone) << "a service that gives none";
  document::Verdict* verdict = report.mutable_verdict();
  EXPECT_EQ(FindingsOf(report, true, true).verdict, CheckStatus::kUndetermined) << "an unspecified state";
  verdict->set_state(document::CHECK_STATE_FAILED);
  verdict->set_text("Do not rely on this document.");
  verdict->add_decided_by("visa_comparison");
  EXPECT_EQ(FindingsOf(report, true, true).verdict, CheckStatus::kFailed);
  EXPECT_EQ(FindingsOf(report, true, true).verdict_reason, "Do not rely on this document. (visa_comparison)");
  verdict->set_state(document::CHECK_STATE_SUCCESSFUL);
  EXPECT_EQ(FindingsOf(report, true, true).verdict, CheckStatus::kSuccessful);
}

TEST(FindingsOf, UnknownWordsAreUndetermined) {
  gatehouse::document::v1::DocumentReport report;
  report.mutable_checks()->set_revocation("a new word");
  EXPECT_EQ(FindingsOf(report, true, true).revocation, Revocation::kUndetermined);
  EXPECT_EQ(FindingsOf(report, true, true).chip, ChipVerdict::kUndetermined);
  report.mutable_checks()->set_revocation("no_crl");
  EXPECT_EQ(FindingsOf(report, true, true).revocation, Revocation::kNoList);
}

TEST(FindingsOf, FaceStaysOutOfTheEvidence) {
  gatehouse::document::v1::DocumentReport report;
  report.mutable_face()->set_content("face bytes");
  report.set_summary("genuine");
  pb::Inspection evidence;
  ASSERT_TRUE(evidence.ParseFromString(FindingsOf(report, true, true).evidence.Reveal()));
  EXPECT_FALSE(evidence.document_report().has_face());
  EXPECT_EQ(evidence.document_report().summary(), "genuine");
}

Shown TwoDocumentsAndAPerson() {
  const auto about = [](const char* number) {
    return base::Redacted<base::Identity>({.name = {.primary = "ERIKSSON"}, .document = {.number = number}});
  };
  return {.documents = {{"chip", about("N1")}, {"zone", about("N2")}}, .persons = {{"chip, zone", about("N1")}}};
}

TEST(AnswersOf, EveryQuestionHasItsAnswersAndTheFileOnePerBase) {
  namespace watchlist = gatehouse::watchlist::v1;
  const Shown shown = TwoDocumentsAndAPerson();
  const watchlist::BatchScreenRequest request = RequestFor(shown);
  ASSERT_EQ(request.queries_size(), 3);
  EXPECT_EQ(request.queries(1).document().number(), "N2");
  EXPECT_FALSE(request.queries(1).has_name());
  EXPECT_EQ(request.queries(2).name().primary(), "ERIKSSON");
  EXPECT_FALSE(request.queries(2).has_document());

  watchlist::BatchScreenResponse response;
  const auto add = [](watchlist::ScreenAnswer* answer, const char* base, watchlist::BaseStatus status) {
    watchlist::BaseAnswer* added = answer->add_bases();
    added->set_base(base);
    added->set_status(status);
    return added;
  };
  for (const auto& query : request.queries()) response.add_answers()->set_id(query.id());
  add(response.mutable_answers(0), "lost", watchlist::BASE_STATUS_ERROR);
  watchlist::BaseAnswer* lost = add(response.mutable_answers(1), "lost", watchlist::BASE_STATUS_HIT);
  watchlist::Hit* stolen = lost->add_hits();
  stolen->set_record_id("r1");
  stolen->set_band(watchlist::BAND_IDENTITY);
  stolen->set_document_status("stolen");
  lost->add_hits()->set_band(watchlist::BAND_WEAK);
  watchlist::Hit* person = add(response.mutable_answers(2), "un", watchlist::BASE_STATUS_HIT)->add_hits();
  person->set_record_id("r2");
  person->set_band(watchlist::BAND_POSSIBLE);
  add(response.mutable_answers(2), "lost", watchlist::BASE_STATUS_NOT_SEARCHED);
  add(response.mutable_answers(2), "new", watchlist::BaseStatus(77));

  ASSERT_OK_AND_ASSIGN(const ListAnswers answers, AnswersOf(shown, response));
  ASSERT_THAT(answers.by_document, SizeIs(2));
  EXPECT_EQ(answers.by_document[0].shown_at, "chip");
  EXPECT_EQ(answers.by_document[1].shown_at, "zone");
  ASSERT_THAT(answers.by_document[1].hits, SizeIs(1));  // the weak one is shown in the file and counts for nothing
  EXPECT_EQ(answers.by_document[1].hits[0].document_status, "stolen");
  ASSERT_THAT(answers.by_name, SizeIs(3));
  EXPECT_EQ(answers.by_name[0].status, BaseStatus::kHit);
  EXPECT_EQ(answers.by_name[2].status, BaseStatus::kError);

  pb::Inspection file;
  ToProto(Inspection{.evidence = answers.evidence}, &file);
  ASSERT_EQ(file.list_questions_size(), 3);
  EXPECT_EQ(file.list_questions(1).shown_at(), "zone");
  ASSERT_EQ(file.list_answers_size(), 3);
  for (const watchlist::BaseAnswer& base : file.list_answers()) {
    if (base.base() == "new") continue;
    EXPECT_EQ(base.status(), watchlist::BASE_STATUS_HIT) << base.base();
  }

  response.mutable_answers()->RemoveLast();
  EXPECT_THAT(AnswersOf(shown, response), StatusIs(absl::StatusCode::kInternal));
}

TEST(HistoryOf, OnlyAPersonTheRegisterDoesNotKnowHasAnEmptyHistory) {
  const auto answer = [](absl::Status status) {
    return HistoryOf(absl::StatusOr<gatehouse::traveller::v1::GetTravellerResponse>(std::move(status)));
  };
  ASSERT_OK_AND_ASSIGN(const History unknown, answer(absl::NotFoundError("PERSON_NOT_FOUND")));
  EXPECT_THAT(unknown.crossings, IsEmpty());
  for (const char* reason : {"KEY_LOST", "ROW_DAMAGED", "PERSON_ERASED", "NOT_FOUND", ""}) {
    EXPECT_THAT(answer(absl::NotFoundError(reason)), StatusIs(absl::StatusCode::kNotFound)) << reason;
  }
  EXPECT_FALSE(unknown.identity_not_searched);
  ASSERT_OK_AND_ASSIGN(const History half, answer(absl::FailedPreconditionError("IDENTITY_NOT_SEARCHED")));
  EXPECT_TRUE(half.identity_not_searched);
  EXPECT_THAT(answer(absl::UnavailableError("PERSON_NOT_FOUND")), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(HistoryOf, CorrectionsAreApplied) {
  gatehouse::traveller::v1::GetTravellerResponse response;
  gatehouse::traveller::v1::Crossing* crossing = response.add_history();
  crossing->set_direction(gatehouse::traveller::v1::DIRECTION_ENTRY);
  crossing->set_outcome(gatehouse::traveller::v1::CROSSING_OUTCOME_ADMITTED);
  crossing->set_post("NORTH-1");
  const auto correct = [crossing](const char* field, const char* value) {
    auto* correction = crossing->add_corrections();
    correction->set_field(field);
    correction->set_value(value);
  };
  correct("direction", "exit");
  correct("post", "SOUTH-2");
  correct("outcome", "refused");
  correct("crossing_time", "2026-03-01T08:30:00Z");
  ASSERT_OK_AND_ASSIGN(const History history, HistoryOf(response));
  ASSERT_THAT(history.crossings, SizeIs(1));
  EXPECT_EQ(history.crossings[0].direction, Direction::kExit);
  EXPECT_EQ(history.crossings[0].post, "SOUTH-2");
  EXPECT_FALSE(history.crossings[0].admitted);
  EXPECT_EQ(history.crossings[0].time, absl::FromUnixSeconds(1772353800));
}

// A copy in the file of an inspection would outlive the erasure of the person.
TEST(HistoryOf, TheFileRefersToCrossingsAndHoldsNoCopyOfThem) {
  namespace traveller = gatehouse::traveller::v1;
  traveller::GetTravellerResponse response;
  response.mutable_person()->set_person_id("0190a8a0-0000-7000-8000-0000000000aa");
  for (const char* id : {"0190a8a0-0000-7000-8000-000000000002", "0190a8a0-0000-7000-8000-000000000001"}) {
    traveller::Crossing* crossing = response.add_history();
    crossing->set_crossing_id(id);
    crossing->mutable_identity()->mutable_name()->set_primary("ERIKSSON");
    crossing->mutable_crossing_time()->set_seconds(1772353800);
  }
  ASSERT_OK_AND_ASSIGN(const History history, HistoryOf(response));
  EXPECT_THAT(history.evidence.Reveal(), ::testing::Not(HasSubstr("ERIKSSON")));
  EXPECT_THAT(history.shown.Reveal(), HasSubstr("ERIKSSON"));
  pb::Inspection file;
  ASSERT_TRUE(file.ParseFromString(history.evidence.Reveal()));
  ASSERT_EQ(file.history_references_size(), 1);
  EXPECT_EQ(file.history_references(0).crossing_ids(0).size(), 16u);

  traveller::ListCrossingsResponse now;
  for (const traveller::Crossing& crossing : response.history()) *now.add_crossings() = crossing;
  now.add_crossings()->set_crossing_id("0190a8a0-0000-7000-8000-000000000003");
  EXPECT_EQ(AddHistory(file.history_references(0), now, file), "");
  EXPECT_EQ(file.history_size(), 2);
  pb::Inspection later;
  EXPECT_THAT(AddHistory(file.history_references(0), traveller::ListCrossingsResponse(), later),
              HasSubstr("2 of 2 earlier crossings are not in the register"));
  traveller::ListCrossingsResponse half;
  half.add_erased_crossing_ids("0190a8a0-0000-7000-8000-000000000001");
  EXPECT_EQ(AddHistory(file.history_references(0), half, later),
            "1 of 2 earlier crossings were erased with their person; 1 of 2 earlier crossings are not in the register");
  EXPECT_EQ(later.history_size(), 0);
}

// What a good traveller with a revocation list that is missing gets, and that nothing less is clear.
TEST(BuiltInPolicy, ClearsTheGoodTravellerAndNobodyElse) {
  const Policy policy = BuiltInPolicy();
  EXPECT_TRUE(CheckPolicy(policy).ok());
  std::vector<Check> good;
  for (const std::string_view id : kAllChecks)
    good.push_back({.id = std::string(id), .status = CheckStatus::kSuccessful});
  good.back().status = CheckStatus::kNotDone;  // biometric
  EXPECT_TRUE(Recommend(policy, good).clear);
  for (Check& check : good) {
    if (check.id == kBiometric) continue;
    for (const CheckStatus status : {CheckStatus::kFailed, CheckStatus::kUndetermined, CheckStatus::kNotSupported,
                                     CheckStatus::kAborted, CheckStatus::kNotDone}) {
      const CheckStatus before = std::exchange(check.status, status);
      const bool excused =
          (check.id == kRevocation && status != CheckStatus::kFailed) ||
          (check.id == kMrzChipMatch && status == CheckStatus::kNotSupported) ||
          (check.id == kFraudNotices && (status == CheckStatus::kNotDone || status == CheckStatus::kNotSupported));
      EXPECT_EQ(Recommend(policy, good).clear, excused) << check.id << " " << static_cast<int>(status);
      check.status = before;
    }
  }
}

TEST(ParsePolicy, NamesTheLineOfWhatItDoesNotKnow) {
  EXPECT_THAT(ParsePolicy("version: \"1\"\nrequired: \"mrz\"\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 2")));
  EXPECT_THAT(ParsePolicy("version: \"1\"\nrequired_checks: \"mrzz\"\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no check mrzz")));
  EXPECT_THAT(ParsePolicy("version: \"1\"\nrequired_checks: \"mrz\"\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("document_list")));
  EXPECT_THAT(ParsePolicy(""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParsePolicy(std::string(kMaxPolicyBytes + 1, '#')), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ReadPolicyFile, NamesTheFile) {
  const gatehouse::testing::TemporaryFolder folder;
  EXPECT_THAT(ReadPolicyFile(folder.File("none")), StatusIs(absl::StatusCode::kNotFound));
  std::ofstream(folder.File("good")) << "version: \"9\" required_checks: [\"mrz\", \"document_list\", "
                                        "\"nominal_list\", \"history\"]";
  ASSERT_OK_AND_ASSIGN(const Policy policy, ReadPolicyFile(folder.File("good")));
  EXPECT_EQ(policy.version, "9");
  EXPECT_THAT(policy.rules, IsEmpty());
  std::ofstream(folder.File("bad")) << "version";
  EXPECT_THAT(ReadPolicyFile(folder.File("bad")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(folder.File("bad"))));
}

}  // namespace
}  // namespace gatehouse::inspection
