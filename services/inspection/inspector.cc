#include "services/inspection/inspector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "services/inspection/answer.h"
#include "services/inspection/document_checks.h"
#include "services/inspection/history_check.h"
#include "services/inspection/identity_choice.h"
#include "services/inspection/list_checks.h"

namespace gatehouse::inspection {
namespace {

// The document may use this much of the time; the rest is for those who need its answer.
constexpr double kDocumentShare = 0.6;
// No question is asked with less time than this: it could only be late.
constexpr absl::Duration kLeastTime = absl::Milliseconds(20);

Check NotDone(std::string_view id, std::string reason, absl::Duration duration = absl::ZeroDuration()) {
  return {.id = std::string(id), .reason = std::move(reason), .duration = duration};
}

Check Timed(Check check, absl::Duration duration) {
  check.duration = duration;
  return check;
}

// What a question came to: its answer, or why there is none.
template <typename T>
struct Outcomes {
  std::optional<T> value;
  std::string missing;
  absl::Duration duration;
};

// `pending` is nothing when the question was never put.
template <typename T>
Outcomes<T> Collect(std::optional<PendingAnswer<absl::StatusOr<T>>> pending, const Countdown& countdown,
                    std::string_view who) {
  const std::string name(who);
  if (!pending) return {.missing = absl::StrCat("too many inspections at once; ", name, " was not asked")};
  const Stopwatch waited;
  std::optional<Answer<absl::StatusOr<T>>> answer = pending->WaitUntil(countdown);
  if (!answer) {
    return {.missing = absl::StrCat("no answer from ", name, " in time"), .duration = waited.Elapsed()};
  }
  if (!answer->value.ok()) {
    // The status code only: messages of other services are for their logs.
    return {.missing =
                absl::StrCat(name, " did not answer (", absl::StatusCodeToString(answer->value.status().code()), ")"),
            .duration = answer->duration};
  }
  return {.value = *std::move(answer->value), .duration = answer->duration};
}

bool HasName(const base::PersonName& name) {
  return !name.primary.empty() || !name.secondary.empty() || !name.full.empty() || !name.mrz_name.empty();
}

}  // namespace

// One inspection on its way. What questions need outlives it: they hold `input_` and `deps_` by themselves.
class Inspector::Run {
 public:
  Run(const Deps& deps, InspectInput input, const OnBehalf& on_behalf)
      : deps_(deps),
        input_(std::make_shared<const InspectInput>(std::move(input))),
        on_behalf_(on_behalf),
        now_(deps.clock.Now()),
        today_(absl::ToCivilDay(now_, absl::UTCTimeZone())),
        budget_(std::min(deps.deadline, on_behalf.deadline - now_)) {}

  Inspection Make() {
    const Countdown countdown(budget_);
    ReadDocument();
    AskOthers(countdown);
    Add(NotDone(kBiometric, "biometric service is not part of this installation yet"));
    inspection_.id = InspectionId(base::NewUuid(deps_.clock, deps_.random));
    inspection_.direction = input_->direction;
    inspection_.post = input_->post;
    inspection_.conveyance = input_->conveyance;
    inspection_.officer = input_->officer;
    inspection_.time = now_;
    inspection_.recommendation = Recommend(deps_.policy, inspection_.checks);
    inspection_.duration = stopwatch_.Elapsed();
    return std::move(inspection_);
  }

 private:
  void Add(Check check) { inspection_.checks.push_back(std::move(check)); }

  OnBehalf Until(absl::Duration left) const {
    OnBehalf until = on_behalf_;
    until.deadline = deps_.clock.Now() + left;
    return until;
  }

  Outcomes<DocumentFindings> AskVerifier(absl::Duration time) {
    const Countdown countdown(time);
    return Collect<DocumentFindings>(
        Ask<absl::StatusOr<DocumentFindings>>(deps_.pool,
                                              [&verifier = deps_.verifier, input = input_, until = Until(time)] {
                                                return verifier.Verify(input->document, until);
                                              }),
        countdown, "the document service");
  }

  void ReadDocument() {
    const std::string& mrz = input_->document.mrz.Reveal();
    const bool chip_given = !input_->document.chip_files.Reveal().empty();
    Outcomes<DocumentFindings> document;
    if (mrz.empty() && !chip_given) {
      document.missing = "nothing was read from the document";
    } else {
      document = AskVerifier(budget_ * kDocumentShare);
    }
    const DocumentFindings* findings = document.value ? &*document.value : nullptr;
    std::optional<LocalReading> local;
    if (findings == nullptr && !mrz.empty()) local = ReadPrintedZone(mrz, today_);
    const ChosenIdentity chosen = ChooseIdentity(findings, local ? &*local : nullptr, input_->keyed);
    inspection_.identity = chosen.identity;
    inspection_.identity_source = chosen.source;
    if (findings != nullptr) inspection_.evidence.Reveal() += findings->evidence.Reveal();

    const MrzReading* printed = findings != nullptr && findings->printed ? &*findings->printed
                                : local                                  ? &local->reading
                                                                         : nullptr;
    const DocumentAnswer answer{.findings = findings, .missing = document.missing};
    Add(Timed(CheckMrz(printed), document.duration));
    Add(Timed(CheckChip(answer, chip_given, now_), document.duration));
    Add(Timed(CheckMrzChipMatch(answer, chip_given), document.duration));
    Add(Timed(CheckRevocation(answer, chip_given, now_), document.duration));
    Add(CheckDocumentValidity(inspection_.identity.Reveal(), today_));
    Add(Timed(CheckFraudNotices(answer), document.duration));
  }

  // What the register and our own desks know of the traveller.
  struct Past {
    History history;
    std::optional<std::string> elsewhere;
  };

  void AskOthers(const Countdown& countdown) {
    const base::Identity& identity = inspection_.identity.Reveal();
    const bool by_document = !identity.document.empty();
    const bool by_name = HasName(identity.name);
    if (!by_document && !by_name) {
      for (const std::string_view id : {kDocumentList, kNominalList, kHistory}) Add(NotDone(id, "nobody to look for"));
      return;
    }
    const absl::Duration left = countdown.Left();
    if (left < kLeastTime) {
      for (const std::string_view id : {kDocumentList, kNominalList, kHistory}) Add(NotDone(id, "no time was left"));
      return;
    }
    const auto about = std::make_shared<const base::Identity>(identity);
    auto lists = Ask<absl::StatusOr<ListAnswers>>(deps_.pool, [&screener = deps_.screener, about, until = Until(left)] {
      return screener.Screen(*about, until);
    });
    auto past = Ask<absl::StatusOr<Past>>(
        deps_.pool,
        [&deps = deps_, about, post = input_->post, now = now_, until = Until(left)]() -> absl::StatusOr<Past> {
          Past known;
          GH_ASSIGN_OR_RETURN(known.history, deps.directory.Find(*about, until));
          if (about->document.empty()) return known;
          GH_ASSIGN_OR_RETURN(known.elsewhere, deps.store.SeenElsewhere(about->document, post, now - kTwoPostsWindow));
          return known;
        });
    AddLists(Collect<ListAnswers>(std::move(lists), countdown, "the watchlist service"), by_document, by_name);
    AddHistory(Collect<Past>(std::move(past), countdown, "the traveller service"));
  }

  void AddLists(const Outcomes<ListAnswers>& lists, bool by_document, bool by_name) {
    if (!lists.value) {
      Add(NotDone(kDocumentList, lists.missing, lists.duration));
      Add(NotDone(kNominalList, lists.missing, lists.duration));
      return;
    }
    ListChecks checks = CheckLists(*lists.value, by_document, by_name);
    Add(Timed(std::move(checks.document_list), lists.duration));
    Add(Timed(std::move(checks.nominal_list), lists.duration));
    inspection_.evidence.Reveal() += lists.value->evidence.Reveal();
  }

  void AddHistory(const Outcomes<Past>& past) {
    if (!past.value) return Add(NotDone(kHistory, past.missing, past.duration));
    Add(Timed(CheckHistory(past.value->history, input_->direction, past.value->elsewhere), past.duration));
    inspection_.evidence.Reveal() += past.value->history.evidence.Reveal();
  }

  const Deps& deps_;
  const std::shared_ptr<const InspectInput> input_;
  const OnBehalf& on_behalf_;
  const absl::Time now_;
  const absl::CivilDay today_;
  const absl::Duration budget_;
  const Stopwatch stopwatch_;
  Inspection inspection_;
};

absl::StatusOr<std::optional<Inspection>> Inspector::FindEarlier(const RequestKey& request) {
  GH_ASSIGN_OR_RETURN(std::optional<EarlierInspection> earlier, deps_.store.FindRequest(request));
  if (!earlier) return std::nullopt;
  if (!earlier->same_content) return absl::AlreadyExistsError("this request id has made another inspection");
  return std::move(earlier->inspection);
}

absl::StatusOr<Inspection> Inspector::Inspect(InspectInput input, const OnBehalf& on_behalf) {
  const bool repeatable = !input.request.id.empty();
  if (repeatable) {
    GH_ASSIGN_OR_RETURN(std::optional<Inspection> earlier, FindEarlier(input.request));
    if (earlier) return *std::move(earlier);
  } else {
    input.request.id = base::NewUuid(deps_.clock, deps_.random);
  }
  const RequestKey request = input.request;
  Inspection inspection = Run(deps_, std::move(input), on_behalf).Make();
  const absl::Status created = deps_.store.Create(request, inspection);
  if (created.ok()) return inspection;
  if (!absl::IsAlreadyExists(created)) return created;
  // The same request was under way twice and the other one was sooner.
  GH_ASSIGN_OR_RETURN(std::optional<Inspection> earlier, FindEarlier(request));
  if (!earlier) return absl::UnavailableError("the inspection could not be stored; try again");
  return *std::move(earlier);
}

}  // namespace gatehouse::inspection
