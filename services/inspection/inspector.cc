#include "services/inspection/inspector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "services/inspection/answer.h"
#include "services/inspection/document_checks.h"
#include "services/inspection/history_check.h"
#include "services/inspection/identity_choice.h"
#include "services/inspection/list_checks.h"
#include "services/inspection/shown_keys.h"

namespace gatehouse::inspection {
namespace {

// The document may use this much of the time; the rest is for those who need its answer.
constexpr double kDocumentShare = 0.6;
// Of the caller's time; the rest is for storing what was found.
constexpr double kAskShare = 0.9;
// No question is asked with less time than this: it could only be late.
constexpr absl::Duration kLeastTime = absl::Milliseconds(20);
constexpr size_t kMaxReasonBytes = 64;

Check NotDone(std::string_view id, std::string reason, absl::Duration duration = absl::ZeroDuration()) {
  return {.id = std::string(id), .reason = std::move(reason), .duration = duration};
}

Check Timed(Check check, absl::Duration duration) {
  check.duration = duration;
  return check;
}

constexpr std::string_view kWatchlist = "the watchlist service";
constexpr std::string_view kRegister = "the traveller service";

// The message of another service may say too much; its own word for why, or the status code, does not.
std::string NoAnswer(std::string_view who, const absl::Status& status) {
  const std::string_view message(status.message().data(), status.message().size());
  const bool is_word =
      !message.empty() && message.size() <= kMaxReasonBytes &&
      std::all_of(message.begin(), message.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
  return absl::StrCat(std::string(who), " did not answer (",
                      is_word ? std::string(message) : absl::StatusCodeToString(status.code()), ")");
}

std::optional<ShownAt> PlaceOf(IdentitySource source) {
  switch (source) {
    case IdentitySource::kNone:
      return std::nullopt;
    case IdentitySource::kChip:
      return ShownAt::kChip;
    case IdentitySource::kMrz:
      return ShownAt::kZone;
    case IdentitySource::kKeyed:
      return ShownAt::kKeyed;
  }
  return std::nullopt;
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
    return {.missing = NoAnswer(who, answer->value.status()), .duration = answer->duration};
  }
  return {.value = *std::move(answer->value), .duration = answer->duration};
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
        budget_(std::min(deps.deadline, (on_behalf.deadline - now_) * kAskShare)) {}

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
    inspection_.keys = base::Redacted(ShownKeys(*shown_));
    for (const Question& document : shown_->documents) {
      inspection_.documents.Reveal().push_back(document.about.Reveal().document);
    }
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
        Ask<absl::StatusOr<DocumentFindings>>(deps_.pool, time,
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
    NoteShown(findings, printed);
    const DocumentAnswer answer{.findings = findings, .missing = document.missing};
    Add(Timed(CheckMrz(printed), document.duration));
    Add(Timed(CheckChip(answer, chip_given, now_), document.duration));
    Add(Timed(CheckMrzChipMatch(answer, chip_given), document.duration));
    Add(Timed(CheckRevocation(answer, chip_given, now_), document.duration));
    Add(CheckDocumentValidity(inspection_.identity.Reveal(), today_));
    Add(Timed(CheckFraudNotices(answer), document.duration));
    Add(Timed(CheckDocumentVerdict(answer), document.duration));
  }

  // Every place of the document, and what was keyed, says who is there. A place that was shown and says nobody, or
  // whose digits do not agree, may name another than was asked for.
  void NoteShown(const DocumentFindings* findings, const MrzReading* printed) {
    std::vector<Sighting> sightings;
    const auto note = [&sightings](ShownAt place, const std::optional<base::Redacted<base::Identity>>& identity) {
      if (identity) sightings.push_back({place, *identity});
    };
    const auto note_reading = [&](ShownAt place, const MrzReading* reading) {
      if (reading != nullptr) note(place, reading->identity);
      if (reading == nullptr || !reading->identity || !reading->valid) unread_.push_back(place);
    };
    if (!input_->document.chip_files.Reveal().empty()) {
      note_reading(ShownAt::kChip, findings != nullptr && findings->chip_mrz ? &*findings->chip_mrz : nullptr);
    }
    if (!input_->document.mrz.Reveal().empty()) note_reading(ShownAt::kZone, printed);
    note(ShownAt::kPage, input_->document.page);
    const std::string& visa = input_->document.visa_mrz.Reveal();
    if (!visa.empty()) {
      const LocalReading read = ReadPrintedZone(visa, today_);
      note_reading(ShownAt::kVisa, &read.reading);
      NoteVisa(findings);
    }
    note(ShownAt::kKeyed, input_->keyed);
    // The chosen one is asked for whatever else is known.
    const std::optional<ShownAt> place = PlaceOf(inspection_.identity_source);
    const bool noted = std::any_of(sightings.begin(), sightings.end(),
                                   [&place](const Sighting& sighting) { return sighting.at == place; });
    if (place && !noted) note(*place, inspection_.identity);
    shown_ = std::make_shared<const Shown>(CollectShown(sightings, inspection_.identity));
  }

  // Whose visa it is: an answer that is missing leaves it open like one that says another's.
  void NoteVisa(const DocumentFindings* findings) {
    if (findings != nullptr && findings->visa == CheckStatus::kSuccessful) return;
    const std::string why = findings != nullptr ? findings->visa_reason : "no answer from the document service";
    visa_doubt_ = absl::StrCat("the visa was not found to be given to the bearer of the document: ", why);
  }

  // What the register and our own desks know of the traveller.
  struct Past {
    std::vector<HistoryAnswer> answers;
    std::optional<std::string> elsewhere;
    Recollection own;
  };

  void AskOthers(const Countdown& countdown) {
    if (shown_->empty()) {
      for (const std::string_view id : {kDocumentList, kNominalList, kHistory}) Add(NotDone(id, "nobody to look for"));
      return;
    }
    const absl::Duration left = countdown.Left();
    if (left < kLeastTime) {
      for (const std::string_view id : {kDocumentList, kNominalList, kHistory}) Add(NotDone(id, "no time was left"));
      return;
    }
    auto lists = Ask<absl::StatusOr<ListAnswers>>(
        deps_.pool, left,
        [&screener = deps_.screener, shown = shown_, until = Until(left)] { return screener.Screen(*shown, until); });
    const absl::Duration still_left = countdown.Left();
    auto past = Ask<absl::StatusOr<Past>>(
        deps_.pool, still_left,
        [&deps = deps_, shown = shown_, post = input_->post, now = now_,
         until = Until(still_left)]() -> absl::StatusOr<Past> { return AskPast(deps, *shown, post, now, until); });
    AddLists(Collect<ListAnswers>(std::move(lists), countdown, kWatchlist));
    AddHistory(Collect<Past>(std::move(past), countdown, kRegister));
  }

  // A traveller without an answer is one, and the others are asked all the same.
  static Past AskPast(const Deps& deps, const Shown& shown, const std::string& post, absl::Time now,
                      const OnBehalf& until) {
    Past past;
    // Before the register: what is settled meanwhile it has, and what else happens from here on Create meets.
    absl::StatusOr<Recollection> own = deps.store.Recall(ShownKeys(shown));
    if (own.ok()) {
      past.own = *std::move(own);
    } else {
      past.answers.push_back({.shown_at = "anywhere", .missing = NoAnswer("the record of decisions", own.status())});
    }
    for (const Question& traveller : shown.travellers) {
      absl::StatusOr<History> history = deps.directory.Find(traveller.about.Reveal(), until);
      HistoryAnswer answer{.shown_at = traveller.shown_at};
      if (history.ok()) {
        answer.history = *std::move(history);
      } else {
        answer.missing = NoAnswer(kRegister, history.status());
      }
      past.answers.push_back(std::move(answer));
    }
    for (const Question& document : shown.documents) {
      if (past.elsewhere) break;
      absl::StatusOr<std::optional<std::string>> seen =
          deps.store.SeenElsewhere(document.about.Reveal().document, post, now - kTwoPostsWindow);
      if (seen.ok()) {
        past.elsewhere = *std::move(seen);
      } else {
        past.answers.push_back({.shown_at = document.shown_at,
                                .missing = NoAnswer("the record of where the document was shown", seen.status())});
      }
    }
    return past;
  }

  // Whoever a place that does not read names was not asked for, so nothing that was found out is the whole answer.
  void DoubtWithoutReading(Check& check) const {
    if (unread_.empty() || check.status != CheckStatus::kSuccessful) return;
    std::vector<std::string> places;
    for (const ShownAt place : unread_) places.emplace_back(Word(place));
    check.status = CheckStatus::kUndetermined;
    check.reason =
        absl::StrCat("shown and not read without fault, so not surely asked for: ", absl::StrJoin(places, ", "));
  }

  // That visa and document may be two persons' is a doubt of the kind that history has, and every policy refers on it.
  void DoubtTheVisa(Check& history) const {
    if (visa_doubt_.empty()) return;
    const bool good = history.status == CheckStatus::kSuccessful;
    if (good) history.status = CheckStatus::kUndetermined;
    history.reason = good ? visa_doubt_ : absl::StrCat(history.reason, "; ", visa_doubt_);
  }

  void AddLists(const Outcomes<ListAnswers>& lists) {
    if (!lists.value) {
      Add(NotDone(kDocumentList, lists.missing, lists.duration));
      Add(NotDone(kNominalList, lists.missing, lists.duration));
      return;
    }
    ListChecks checks = CheckLists(*lists.value, !shown_->documents.empty(), !shown_->persons.empty());
    DoubtWithoutReading(checks.document_list);
    DoubtWithoutReading(checks.nominal_list);
    Add(Timed(std::move(checks.document_list), lists.duration));
    Add(Timed(std::move(checks.nominal_list), lists.duration));
    inspection_.evidence.Reveal() += lists.value->evidence.Reveal();
  }

  void AddHistory(const Outcomes<Past>& past) {
    if (!past.value) return Add(NotDone(kHistory, past.missing, past.duration));
    Check history =
        CheckHistory(past.value->answers, input_->direction, past.value->elsewhere, past.value->own.unsettled);
    inspection_.latest = past.value->own.latest;
    DoubtWithoutReading(history);
    DoubtTheVisa(history);
    Add(Timed(std::move(history), past.duration));
    for (const HistoryAnswer& answer : past.value->answers) {
      if (!answer.history) continue;
      inspection_.evidence.Reveal() += answer.history->evidence.Reveal();
      inspection_.history.Reveal() += answer.history->shown.Reveal();
    }
  }

  const Deps& deps_;
  const std::shared_ptr<const InspectInput> input_;
  const OnBehalf& on_behalf_;
  const absl::Time now_;
  const absl::CivilDay today_;
  const absl::Duration budget_;
  const Stopwatch stopwatch_;
  std::shared_ptr<const Shown> shown_;
  std::vector<ShownAt> unread_;
  std::string visa_doubt_;
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
  // Whoever asked has gone: an inspection that nobody sees would only wait to be abandoned.
  const absl::Status waited_for = base::CheckWorkTime();
  if (absl::IsCancelled(waited_for)) return waited_for;
  absl::StatusOr<Creation> created = deps_.store.Create(request, inspection);
  if (created.ok() && *created == Creation::kOvertaken) {
    for (Check& check : inspection.checks) {
      if (check.id == kHistory) DoubtOvertaken(check);
    }
    inspection.recommendation = Recommend(deps_.policy, inspection.checks);
    inspection.latest.clear();
    created = deps_.store.Create(request, inspection);
  }
  if (created.ok()) return inspection;
  if (!absl::IsAlreadyExists(created.status())) return created.status();
  // The same request was under way twice and the other one was sooner.
  GH_ASSIGN_OR_RETURN(std::optional<Inspection> earlier, FindEarlier(request));
  if (!earlier) return absl::UnavailableError("the inspection could not be stored; try again");
  return *std::move(earlier);
}

}  // namespace gatehouse::inspection
