#include "services/inspection/inspector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <new>
#include <thread>

#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/status_matchers.h"
#include "services/inspection/answer.h"
#include "services/inspection/fakes_testing.h"

namespace gatehouse::inspection {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kZone[] =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

base::Redacted<base::Identity> Anna() {
  return base::Redacted<base::Identity>({.name = {.primary = "ERIKSSON", .secondary = "ANNA MARIA"},
                                         .birth_date = {1974, 8, 12},
                                         .sex = base::Sex::kFemale,
                                         .nationality = "UTO",
                                         .document = {.number = "L898902C3", .issuer = "UTO", .type = "P"},
                                         .expiry_date = {2032, 4, 15}});
}

DocumentFindings GoodDocument() {
  const MrzReading zone{
      .valid = true, .fields = {{"document_number", base::Redacted<std::string>("L898902C3")}}, .identity = Anna()};
  return {.chip_read = true,
          .chip = ChipVerdict::kValid,
          .chip_summary = "genuine and unchanged",
          .proof = ChipProof::kProved,
          .revocation = Revocation::kGood,
          .printed = zone,
          .chip_mrz = zone,
          .identity = Anna(),
          .identity_from_chip = true,
          .trust_version = "t1",
          .evidence = base::Redacted<std::string>("[report]")};
}

ListAnswers NotListed() {
  const BaseAnswer base{.base = "un", .status = BaseStatus::kNoHit, .version = "v1"};
  return {.by_document = {base}, .by_name = {base}, .evidence = base::Redacted<std::string>("[lists]")};
}

// A genuine chip of somebody else in a booklet whose printed number is another.
DocumentFindings ForeignChip() {
  DocumentFindings findings = GoodDocument();
  base::Identity printed = Anna().Reveal();
  printed.document.number = "STOLEN001";
  findings.chip_mrz->identity = Anna();
  findings.printed->identity = base::Redacted<base::Identity>(std::move(printed));
  return findings;
}

// One list of documents and one of persons; each knows one entry, or none.
ListAnswers Listing(const Shown& shown, const std::string& stolen_number, const std::string& listed_name) {
  ListAnswers answers;
  const auto add = [](std::vector<BaseAnswer>& into, const char* base, const Question& question, bool hit,
                      BaseAnswer::Hit record) {
    BaseAnswer answer{.base = base,
                      .shown_at = question.shown_at,
                      .status = hit ? BaseStatus::kHit : BaseStatus::kNoHit,
                      .version = "v1"};
    if (hit) answer.hits = {std::move(record)};
    into.push_back(std::move(answer));
  };
  for (const Question& question : shown.documents) {
    add(answers.by_document, "lost", question, question.about.Reveal().document.number == stolen_number,
        {.record_id = "S-1", .document_status = "stolen"});
  }
  for (const Question& question : shown.persons) {
    add(answers.by_name, "un", question, question.about.Reveal().name.primary == listed_name, {.record_id = "U-1"});
  }
  return answers;
}

class InspectorTest : public ::testing::Test {
 protected:
  InspectorTest() {
    services_.verify = [](const DocumentInput&) { return GoodDocument(); };
    services_.screen = [](const Shown&) { return NotListed(); };
    services_.find = [](const base::Identity&) { return History{.evidence = base::Redacted<std::string>("[past]")}; };
  }
  // Late questions end before what they look at.
  ~InspectorTest() override {
    never_.set_value();
    pool_.reset();
  }

  static Policy RequireAll() {
    return {.version = "1",
            .required_checks = {"mrz", "chip", "mrz_chip_match", "revocation", "document_validity", "document_list",
                                "nominal_list", "history"}};
  }

  static InspectInput Asked(std::string request_id = "r1") {
    return {.request = {.id = std::move(request_id), .content = base::Redacted<std::string>("content")},
            .document = {.mrz = base::Redacted<std::string>(kZone),
                         .chip_files = base::Redacted(std::vector<DocumentInput::ChipFile>{{"EF.SOD", "x"}})},
            .direction = Direction::kEntry,
            .post = "NORTH-1",
            .officer = "officer-1"};
  }

  absl::StatusOr<Inspection> Inspect(InspectInput input) {
    Inspector inspector({.verifier = services_,
                         .screener = services_,
                         .directory = services_,
                         .store = store_,
                         .pool = pool_.get(),
                         .clock = clock_,
                         .random = random_,
                         .policy = RequireAll(),
                         .deadline = deadline_});
    // Questions may be out when Inspect returns, and they hold the inspector's dependencies.
    inspectors_.push_back(std::make_unique<Inspector>(std::move(inspector)));
    return inspectors_.back()->Inspect(std::move(input), {.deadline = clock_.Now() + absl::Seconds(10)});
  }

  static const Check& Find(const Inspection& inspection, std::string_view id) {
    for (const Check& check : inspection.checks) {
      if (check.id == id) return check;
    }
    static const Check kNone{.id = "none"};
    ADD_FAILURE() << "no check " << id;
    return kNone;
  }

  // Blocks the asker until the test ends.
  void Hang() { never_future_.wait(); }

  std::promise<void> never_;
  std::shared_future<void> never_future_ = never_.get_future().share();
  FakeStore store_;
  FakeServices services_;
  gatehouse::testing::FakeClock clock_;
  gatehouse::testing::SeededRandom random_{3};
  absl::Duration deadline_ = absl::Seconds(5);
  std::vector<std::unique_ptr<Inspector>> inspectors_;
  std::unique_ptr<base::WorkerPool> pool_ = std::make_unique<base::WorkerPool>(8, 8);
};

TEST_F(InspectorTest, GoodTravellerIsClearAndEveryCheckIsReportedOnce) {
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_TRUE(inspection.recommendation.clear);
  EXPECT_EQ(inspection.identity_source, IdentitySource::kChip);
  EXPECT_EQ(inspection.evidence.Reveal(), "[report][lists][past]");
  ASSERT_THAT(inspection.checks, SizeIs(std::size(kAllChecks)));
  for (size_t i = 0; i < inspection.checks.size(); ++i) EXPECT_EQ(inspection.checks[i].id, kAllChecks[i]);
  EXPECT_EQ(Find(inspection, "biometric").status, CheckStatus::kNotDone);
  ASSERT_OK_AND_ASSIGN(const Inspection stored, store_.Get(inspection.id));
  EXPECT_EQ(stored.state, State::kOpen);
}

TEST_F(InspectorTest, WithoutAPoolEverybodyIsAskedOnTheCallersThread) {
  pool_.reset();
  const std::thread::id caller = std::this_thread::get_id();
  services_.screen = [caller](const Shown&) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_LT(base::CurrentWorkTime().Left(), absl::Seconds(10));
    return NotListed();
  };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_TRUE(inspection.recommendation.clear);
}

TEST_F(InspectorTest, WithoutAPoolWhoTakesTheTimeOfTheOthersLeavesThemNotDone) {
  pool_.reset();
  deadline_ = absl::Milliseconds(120);
  services_.screen = [](const Shown&) -> absl::StatusOr<ListAnswers> {
    while (base::CheckWorkTime().ok()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return base::CheckWorkTime();
  };
  services_.find = [](const base::Identity&) -> absl::StatusOr<History> {
    const absl::Status time = base::CheckWorkTime();
    if (!time.ok()) return time;
    return History{};
  };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  for (const char* id : {"document_list", "nominal_list", "history"}) {
    EXPECT_EQ(Find(inspection, id).status, CheckStatus::kNotDone) << id;
  }
  EXPECT_FALSE(inspection.recommendation.clear);
}

TEST_F(InspectorTest, WhoThrowsHasNotAnsweredAndTheOthersAreAskedAllTheSame) {
  services_.screen = [](const Shown&) -> absl::StatusOr<ListAnswers> { throw std::bad_alloc(); };
  for (const bool with_pool : {true, false}) {
    if (!with_pool) pool_.reset();
    ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked(with_pool ? "r1" : "r2")));
    EXPECT_EQ(Find(inspection, "document_list").status, CheckStatus::kNotDone);
    EXPECT_EQ(Find(inspection, "history").status, CheckStatus::kSuccessful);
    EXPECT_FALSE(inspection.recommendation.clear);
  }
}

TEST_F(InspectorTest, NobodyIsWaitedForPastTheDeadline) {
  deadline_ = absl::Milliseconds(120);
  services_.screen = [this](const Shown&) {
    Hang();
    return NotListed();
  };
  const Stopwatch stopwatch;
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_LT(stopwatch.Elapsed(), absl::Seconds(2));
  for (const char* id : {"document_list", "nominal_list"}) {
    EXPECT_EQ(Find(inspection, id).status, CheckStatus::kNotDone);
    EXPECT_THAT(Find(inspection, id).reason, HasSubstr("no answer from the watchlist service"));
  }
  EXPECT_EQ(Find(inspection, "history").status, CheckStatus::kSuccessful);
  EXPECT_FALSE(inspection.recommendation.clear);
}

// One thread, and a question that hangs in it: what was asked meanwhile by calls that are over is not asked any more.
TEST_F(InspectorTest, QuestionsOfCallsThatAreOverDoNotPileUp) {
  auto single = std::make_unique<base::WorkerPool>(1, 100);
  std::swap(pool_, single);
  single.reset();
  deadline_ = absl::Milliseconds(60);
  std::atomic<int> verified = 0;
  std::promise<void> let_go;
  services_.verify = [&, gate = let_go.get_future().share()](const DocumentInput&) {
    ++verified;
    gate.wait();
    return GoodDocument();
  };
  for (int i = 0; i < 5; ++i) ASSERT_OK(Inspect(Asked("r" + std::to_string(i))).status());
  let_go.set_value();
  pool_.reset();  // works off what is still queued
  EXPECT_EQ(verified, 1);
}

TEST_F(InspectorTest, AQuestionHasTheTimeOfItsAskerAndIsCancelledWithHim) {
  deadline_ = absl::Milliseconds(200);
  std::atomic<bool> bounded = false;
  std::atomic<bool> cancelled = false;
  services_.screen = [&](const Shown&) {
    bounded = base::CurrentWorkTime().Left() < absl::Seconds(1);
    while (!absl::IsCancelled(base::CheckWorkTime())) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    cancelled = true;
    return NotListed();
  };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_EQ(Find(inspection, "nominal_list").status, CheckStatus::kNotDone);
  pool_.reset();
  EXPECT_TRUE(bounded);
  EXPECT_TRUE(cancelled);
}

TEST_F(InspectorTest, ACallerThatGoesAwayIsNotInspectedToTheEnd) {
  deadline_ = absl::Seconds(60);
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  services_.verify = [&](const DocumentInput&) {
    *gone = true;
    Hang();
    return GoodDocument();
  };
  const base::WorkTimeScope scope(base::WorkTime::In(absl::Minutes(5), gone));
  const Stopwatch stopwatch;
  EXPECT_THAT(Inspect(Asked()), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_LT(stopwatch.Elapsed(), absl::Seconds(9));
}

TEST_F(InspectorTest, SilentDocumentServiceLeavesTimeForTheOthersAndTheZoneIsReadHere) {
  deadline_ = absl::Milliseconds(200);
  services_.verify = [this](const DocumentInput&) {
    Hang();
    return GoodDocument();
  };
  std::string screened;
  services_.screen = [&](const Shown& shown) {
    screened = shown.persons.at(0).about.Reveal().name.primary;
    return NotListed();
  };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_EQ(screened, "ERIKSSON");
  EXPECT_EQ(inspection.identity_source, IdentitySource::kMrz);
  EXPECT_EQ(Find(inspection, "mrz").status, CheckStatus::kSuccessful);
  EXPECT_EQ(Find(inspection, "chip").status, CheckStatus::kNotDone);
  for (const char* id : {"document_list", "nominal_list", "history"}) {
    EXPECT_EQ(Find(inspection, id).status, CheckStatus::kUndetermined) << id << ": whom the chip names is not known";
    EXPECT_THAT(Find(inspection, id).reason, HasSubstr("chip")) << id;
  }
  EXPECT_EQ(Find(inspection, "document_validity").status, CheckStatus::kFailed);  // the specimen expired in 2012
}

TEST_F(InspectorTest, FailingServicesAreChecksNotDone) {
  services_.verify = [](const DocumentInput&) { return absl::UnavailableError("secret detail"); };
  services_.screen = [](const Shown&) { return absl::InternalError("secret detail"); };
  services_.find = [](const base::Identity&) { return absl::PermissionDeniedError("secret detail"); };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  for (const char* id : {"chip", "mrz_chip_match", "revocation", "document_list", "nominal_list", "history"}) {
    EXPECT_EQ(Find(inspection, id).status, CheckStatus::kNotDone) << id;
    EXPECT_THAT(Find(inspection, id).reason, ::testing::Not(HasSubstr("secret"))) << id;
  }
  EXPECT_FALSE(inspection.recommendation.clear);
}

TEST_F(InspectorTest, KeyedTravellerWithoutAnyZoneIsLookedUp) {
  InspectInput input = Asked();
  input.document = {};
  input.keyed = Anna();
  services_.verify = [](const DocumentInput&) -> absl::StatusOr<DocumentFindings> {
    ADD_FAILURE() << "there is nothing to verify";
    return GoodDocument();
  };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(input));
  EXPECT_EQ(inspection.identity_source, IdentitySource::kKeyed);
  EXPECT_EQ(Find(inspection, "mrz").status, CheckStatus::kNotDone);
  EXPECT_EQ(Find(inspection, "chip").status, CheckStatus::kNotSupported);
  EXPECT_EQ(Find(inspection, "nominal_list").status, CheckStatus::kSuccessful);
  EXPECT_FALSE(inspection.recommendation.clear);
}

TEST_F(InspectorTest, NothingKnownIsStillAnInspection) {
  InspectInput input = Asked();
  input.document = {.mrz = base::Redacted<std::string>("garbage")};
  services_.verify = [](const DocumentInput&) { return DocumentFindings{.printed = MrzReading{}}; };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(input));
  EXPECT_EQ(Find(inspection, "mrz").status, CheckStatus::kFailed);
  EXPECT_EQ(Find(inspection, "nominal_list").status, CheckStatus::kNotDone);
  EXPECT_FALSE(inspection.recommendation.clear);
}

TEST_F(InspectorTest, FullPoolIsAReasonNotAWait) {
  auto tiny = std::make_unique<base::WorkerPool>(1, 0);
  std::swap(pool_, tiny);
  tiny.reset();
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_THAT(Find(inspection, "chip").reason, HasSubstr("too many inspections at once"));
  EXPECT_FALSE(inspection.recommendation.clear);
}

TEST_F(InspectorTest, SameDocumentElsewhereIsReported) {
  store_.seen_elsewhere = "WEST-3";
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_EQ(Find(inspection, "history").status, CheckStatus::kUndetermined);
  EXPECT_FALSE(inspection.recommendation.clear);
}

// A clean foreign chip in a stolen booklet: the chip's number is good and the printed one is stolen.
TEST_F(InspectorTest, StolenPrintedNumberBehindACleanChipIsFound) {
  services_.verify = [](const DocumentInput&) { return ForeignChip(); };
  services_.screen = [](const Shown& shown) { return Listing(shown, "STOLEN001", ""); };
  std::vector<std::string> numbers;
  services_.find = [&](const base::Identity& identity) {
    numbers.push_back(identity.document.number);
    return History{};
  };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_EQ(inspection.identity_source, IdentitySource::kChip);
  EXPECT_EQ(Find(inspection, "document_list").status, CheckStatus::kFailed);
  EXPECT_EQ(Find(inspection, "document_list").reason, "listed in lost (stolen, record S-1) (shown: zone)");
  EXPECT_EQ(Find(inspection, "nominal_list").status, CheckStatus::kSuccessful);
  EXPECT_THAT(numbers, ::testing::ElementsAre("L898902C3", "STOLEN001"));
  EXPECT_FALSE(inspection.recommendation.clear);
}

TEST_F(InspectorTest, NameOnThePageThatDiffersFromTheChipIsAsked) {
  InspectInput input = Asked();
  input.document.page = base::Redacted<base::Identity>({.name = {.primary = "Madeup", .secondary = "Tariq"}});
  services_.screen = [](const Shown& shown) {
    EXPECT_THAT(shown.documents, SizeIs(1));
    EXPECT_THAT(shown.persons, SizeIs(2));
    return Listing(shown, "", "Madeup");
  };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(input));
  EXPECT_EQ(Find(inspection, "nominal_list").status, CheckStatus::kFailed);
  EXPECT_THAT(Find(inspection, "nominal_list").reason, HasSubstr("(shown: page)"));
  EXPECT_EQ(Find(inspection, "document_list").status, CheckStatus::kSuccessful);
}

TEST_F(InspectorTest, AnAnswerThatIsMissingForOneOfTwoNumbersIsMissing) {
  services_.verify = [](const DocumentInput&) { return ForeignChip(); };
  services_.screen = [](const Shown& shown) {
    ListAnswers answers = Listing(shown, "", "");
    answers.by_document[1].status = BaseStatus::kTimeout;
    return answers;
  };
  services_.find = [](const base::Identity& identity) -> absl::StatusOr<History> {
    if (identity.document.number == "STOLEN001") return absl::NotFoundError("KEY_LOST");
    return History{};
  };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_EQ(Find(inspection, "document_list").status, CheckStatus::kUndetermined);
  EXPECT_THAT(Find(inspection, "document_list").reason, HasSubstr("(shown: zone)"));
  EXPECT_EQ(Find(inspection, "history").status, CheckStatus::kNotDone);
  EXPECT_EQ(Find(inspection, "history").reason, "the traveller service did not answer (KEY_LOST) (shown: zone)");
  EXPECT_FALSE(inspection.recommendation.clear);
}

TEST_F(InspectorTest, EveryNumberThatWasShownIsLookedForAtOtherPosts) {
  services_.verify = [](const DocumentInput&) { return ForeignChip(); };
  services_.screen = [](const Shown& shown) { return Listing(shown, "", ""); };
  store_.seen_elsewhere = "WEST-3";
  store_.seen_number = "STOLEN001";
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_THAT(Find(inspection, "history").reason, HasSubstr("inspected at WEST-3"));
}

TEST_F(InspectorTest, AStoreThatCannotSayWhereTheDocumentWasLeavesHistoryOpen) {
  store_.seen_fails = absl::UnavailableError("locked");
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_EQ(Find(inspection, "history").status, CheckStatus::kNotDone);
  EXPECT_FALSE(inspection.recommendation.clear);
}

// ICAO Doc 9303-7, appendix, MRV-A; and the same with one letter of the number altered, so that its digit is wrong.
constexpr char kVisa[] =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<";
constexpr char kAlteredVisa[] =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L8988907C4XXX4009078F96121096ZE184226B<<<<<<";

constexpr const char* kAsked[] = {"document_list", "nominal_list", "history"};

// What was shown may name another than was asked for: neither the lists nor the register have said all.
void ExpectOpen(const Inspection& inspection, const std::string& place) {
  for (const Check& check : inspection.checks) {
    if (std::find(std::begin(kAsked), std::end(kAsked), check.id) == std::end(kAsked)) continue;
    EXPECT_EQ(check.status, CheckStatus::kUndetermined) << check.id;
    EXPECT_THAT(check.reason, HasSubstr(place)) << check.id;
  }
}

TEST_F(InspectorTest, AVisaThatDoesNotReadLeavesListsAndHistoryOpen) {
  InspectInput input = Asked();
  for (const char* visa : {"smudged", kAlteredVisa}) {
    input.request.id = visa;
    input.document.visa_mrz = base::Redacted<std::string>(visa);
    ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(input));
    ExpectOpen(inspection, "visa");
  }
}

TEST_F(InspectorTest, AVisaIsClearOnlyWhenItIsTheBearers) {
  InspectInput input = Asked();
  input.document.visa_mrz = base::Redacted<std::string>(kVisa);
  for (const CheckStatus visa : {CheckStatus::kSuccessful, CheckStatus::kFailed, CheckStatus::kUndetermined,
                                 CheckStatus::kNotDone, CheckStatus::kAborted, CheckStatus::kNotSupported}) {
    input.request.id = std::to_string(static_cast<int>(visa));
    services_.verify = [visa](const DocumentInput&) {
      DocumentFindings findings = GoodDocument();
      findings.visa = visa;
      findings.visa_reason = "differs in: name";
      return findings;
    };
    ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(input));
    const bool good = visa == CheckStatus::kSuccessful;
    EXPECT_EQ(Find(inspection, "history").status, good ? CheckStatus::kSuccessful : CheckStatus::kUndetermined);
    EXPECT_EQ(Find(inspection, "document_list").status, CheckStatus::kSuccessful);
    EXPECT_EQ(inspection.recommendation.clear, good);
    EXPECT_EQ(Find(inspection, "history").reason.find("differs in: name") == std::string::npos, good);
  }
}

TEST_F(InspectorTest, AChipWithoutAReadableDataPageLeavesListsAndHistoryOpen) {
  services_.verify = [](const DocumentInput&) {
    DocumentFindings findings = GoodDocument();
    findings.chip_mrz.reset();
    findings.identity_from_chip = false;
    return findings;
  };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  EXPECT_EQ(inspection.identity_source, IdentitySource::kMrz);
  ExpectOpen(inspection, "chip");
}

TEST_F(InspectorTest, AZoneThatDoesNotReadBesideKeyedDataLeavesListsAndHistoryOpen) {
  InspectInput input = Asked();
  input.document = {.mrz = base::Redacted<std::string>("garbage")};
  input.keyed = Anna();
  services_.verify = [](const DocumentInput&) { return DocumentFindings{.printed = MrzReading{}}; };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(input));
  EXPECT_EQ(inspection.identity_source, IdentitySource::kKeyed);
  ExpectOpen(inspection, "zone");
}

// Its number may be another's, as a visa's may.
TEST_F(InspectorTest, AZoneWithAWrongDigitLeavesListsAndHistoryOpen) {
  services_.verify = [](const DocumentInput&) {
    DocumentFindings findings = GoodDocument();
    findings.printed->valid = false;
    return findings;
  };
  ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(Asked()));
  ExpectOpen(inspection, "zone");
}

TEST_F(InspectorTest, AZoneAloneAndAChipAloneAreWholeAnswers) {
  InspectInput zone = Asked("zone");
  zone.document.chip_files.Reveal().clear();
  InspectInput chip = Asked("chip");
  chip.document.mrz = base::Redacted<std::string>();
  for (const InspectInput& input : {zone, chip}) {
    const bool has_chip = !input.document.chip_files.Reveal().empty();
    services_.verify = [has_chip](const DocumentInput&) {
      DocumentFindings findings = GoodDocument();
      findings.identity_from_chip = has_chip;
      if (has_chip) findings.printed.reset();
      if (!has_chip) findings.chip_mrz.reset();
      return findings;
    };
    ASSERT_OK_AND_ASSIGN(const Inspection inspection, Inspect(input));
    for (const char* id : kAsked) EXPECT_EQ(Find(inspection, id).status, CheckStatus::kSuccessful) << id;
  }
}

TEST_F(InspectorTest, SameRequestMakesOneInspection) {
  ASSERT_OK_AND_ASSIGN(const Inspection first, Inspect(Asked()));
  services_.verify = [](const DocumentInput&) -> absl::StatusOr<DocumentFindings> {
    ADD_FAILURE() << "a repetition asks nobody";
    return GoodDocument();
  };
  ASSERT_OK_AND_ASSIGN(const Inspection second, Inspect(Asked()));
  EXPECT_EQ(first.id, second.id);
  InspectInput other = Asked();
  other.request.content = base::Redacted<std::string>("other content");
  EXPECT_THAT(Inspect(other), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(InspectorTest, RacingRepetitionGetsTheSoonerOne) {
  InspectionId sooner;
  store_.interlope = [&] {
    const absl::StatusOr<Inspection> inspection = Inspect(Asked());
    ASSERT_TRUE(inspection.ok());
    sooner = inspection->id;
  };
  ASSERT_OK_AND_ASSIGN(const Inspection later, Inspect(Asked()));
  EXPECT_EQ(later.id, sooner);
}

TEST_F(InspectorTest, RequestsWithoutAnIdAreDifferentOnes) {
  ASSERT_OK_AND_ASSIGN(const Inspection first, Inspect(Asked("")));
  ASSERT_OK_AND_ASSIGN(const Inspection second, Inspect(Asked("")));
  EXPECT_NE(first.id, second.id);
}

}  // namespace
}  // namespace gatehouse::inspection
