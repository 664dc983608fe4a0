// Ports in memory, for tests of the domain. The store is atomic like the real one; services answer what the test puts,
// late or never if it says so.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/inspection/decision.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

class FakeStore : public InspectionStore, public CrossingIntents {
 public:
  // Runs once before the next Create commits, as another process would.
  std::function<void()> interlope;
  std::optional<std::string> seen_elsewhere;
  absl::Status seen_fails;
  std::string seen_number;  // empty: every number was seen there
  std::string latest;       // of every key
  std::vector<Unsettled> unsettled;
  absl::Status recall_fails;

  absl::StatusOr<std::optional<EarlierInspection>> FindRequest(const RequestKey& request) override {
    std::lock_guard lock(mutex_);
    const auto found = requests_.find(request.id);
    if (found == requests_.end()) return std::nullopt;
    return EarlierInspection{inspections_.at(found->second.first), found->second.second == request.content.Reveal()};
  }

  absl::StatusOr<Creation> Create(const RequestKey& request, const Inspection& inspection) override {
    if (interlope) std::exchange(interlope, nullptr)();
    if (!inspection.latest.empty() && inspection.latest != LatestOf(inspection.keys.Reveal())) {
      return Creation::kOvertaken;
    }
    std::lock_guard lock(mutex_);
    if (!requests_.emplace(request.id, std::pair(inspection.id, request.content.Reveal())).second) {
      return absl::AlreadyExistsError("request id");
    }
    inspections_.emplace(inspection.id, inspection);
    return Creation::kStored;
  }

  absl::StatusOr<Inspection> Get(const InspectionId& id) override {
    std::lock_guard lock(mutex_);
    const auto found = inspections_.find(id);
    if (found == inspections_.end()) return absl::NotFoundError("no such inspection");
    return found->second;
  }

  absl::StatusOr<std::vector<Inspection>> List(std::optional<State>, const std::optional<InspectionPosition>&,
                                               int) override {
    std::lock_guard lock(mutex_);
    std::vector<Inspection> all;
    for (const auto& [id, inspection] : inspections_) all.push_back(inspection);
    return all;
  }

  absl::StatusOr<Decided> Decide(const InspectionId& id, const RequestKey& request, const DecisionRule& rule) override {
    std::lock_guard lock(mutex_);
    if (unreadable.contains(id)) return absl::DataLossError("ROW_DAMAGED");
    const auto found = inspections_.find(id);
    if (found == inspections_.end()) return absl::NotFoundError("no such inspection");
    Inspection& inspection = found->second;
    const auto taken = request.id.empty() ? taken_.end() : taken_.find(request.id);
    if (taken != taken_.end()) {
      if (taken->second.second != request.content.Reveal()) return absl::AlreadyExistsError("request id");
      return Decided{inspection, taken->second.first};
    }
    absl::StatusOr<std::optional<Decision>> decision = rule(inspection);
    if (!decision.ok()) return decision.status();
    if (decision->has_value()) {
      if (!request.id.empty()) taken_[request.id] = {inspection.decisions.size(), request.content.Reveal()};
      inspection.decisions.push_back(**decision);
      inspection.state = StateAfter((*decision)->outcome);
      if (MakesCrossing((*decision)->outcome)) {
        inspection.crossing = CrossingProgress{};
        intents_[id] = Intent{.request = RequestOf(inspection), .next_attempt = (*decision)->time};
      }
    }
    return Decided{.inspection = inspection};
  }

  absl::StatusOr<std::optional<std::string>> SeenElsewhere(const base::DocumentKey& document, const std::string&,
                                                           absl::Time) override {
    if (!seen_fails.ok()) return seen_fails;
    if (!seen_number.empty() && seen_number != document.number) return std::nullopt;
    return seen_elsewhere;
  }

  absl::StatusOr<Recollection> Recall(const std::vector<std::string>& keys) override {
    if (!recall_fails.ok()) return recall_fails;
    return Recollection{.latest = LatestOf(keys), .unsettled = unsettled};
  }

  absl::StatusOr<std::vector<InspectionPosition>> Undecided(absl::Time before,
                                                            const std::optional<InspectionPosition>& behind,
                                                            int limit) override {
    std::lock_guard lock(mutex_);
    std::vector<InspectionPosition> found;
    for (const auto& [id, inspection] : inspections_) {
      if (inspection.state == State::kOpen && inspection.time < before) found.push_back({inspection.time, id.value()});
    }
    const auto place = [](const InspectionPosition& position) { return std::pair(position.time, position.id); };
    std::sort(found.begin(), found.end(),
              [&](const auto& left, const auto& right) { return place(left) < place(right); });
    std::erase_if(found, [&](const auto& position) { return behind && place(position) <= place(*behind); });
    if (found.size() > static_cast<size_t>(limit)) found.resize(limit);
    return found;
  }

  absl::StatusOr<int> ForgetSightings(absl::Time, int) override { return 0; }
  absl::StatusOr<int> ForgetShown(absl::Time, absl::Time, int) override { return 0; }

  absl::StatusOr<DueCrossings> Due(absl::Time now, const std::optional<InspectionPosition>& behind,
                                   int limit) override {
    std::lock_guard lock(mutex_);
    std::map<std::pair<absl::Time, std::string>, int> due;  // attempts, in the order of the store
    for (const auto& [id, intent] : intents_) {
      const std::pair place(intent.next_attempt, id.value());
      const bool passed = behind && place <= std::pair(behind->time, behind->id);
      if (intent.refusal.empty() && intent.next_attempt <= now && !passed) due[place] = intent.attempts;
    }
    DueCrossings found;
    for (const auto& [place, attempts] : due) {
      if (limit-- == 0) break;
      found.last = InspectionPosition{place.first, place.second};
      if (damaged_intents.contains(InspectionId(place.second))) {
        found.damaged.push_back(place.second);
      } else {
        found.due.push_back({InspectionId(place.second), attempts});
      }
    }
    return found;
  }

  absl::StatusOr<CrossingRequest> Request(const InspectionId& inspection) override {
    std::lock_guard lock(mutex_);
    if (damaged_requests.contains(inspection)) return absl::DataLossError("REQUEST_DAMAGED");
    return CrossingRequest(intents_.at(inspection).request);
  }

  absl::Status Accepted(const InspectionId& inspection, const std::string& crossing_id) override {
    std::lock_guard lock(mutex_);
    intents_.erase(inspection);
    inspections_.at(inspection).crossing->crossing_id = crossing_id;
    return absl::OkStatus();
  }

  absl::Status Postpone(const InspectionId& inspection, absl::Time next_attempt) override {
    std::lock_guard lock(mutex_);
    Intent& intent = intents_.at(inspection);
    ++intent.attempts;
    intent.next_attempt = next_attempt;
    return absl::OkStatus();
  }

  absl::Status Refuse(const InspectionId& inspection, const std::string& reason, absl::Time) override {
    std::lock_guard lock(mutex_);
    intents_.at(inspection).refusal = reason;
    inspections_.at(inspection).crossing->refusal = reason;
    return absl::OkStatus();
  }

  absl::Status Retry(const InspectionId& inspection, absl::Time now) override {
    std::lock_guard lock(mutex_);
    const auto found = intents_.find(inspection);
    if (found == intents_.end() || found->second.refusal.empty()) return absl::NotFoundError("not refused");
    found->second.refusal.clear();
    found->second.next_attempt = now;
    inspections_.at(inspection).crossing->refusal.clear();
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<RefusedCrossing>> ListRefused(int) override {
    std::lock_guard lock(mutex_);
    std::vector<RefusedCrossing> refused;
    for (const auto& [id, intent] : intents_) {
      if (!intent.refusal.empty()) refused.push_back({.inspection = id, .reason = intent.refusal});
    }
    return refused;
  }

  absl::StatusOr<IntentCounts> Count() override {
    std::lock_guard lock(mutex_);
    IntentCounts counts;
    for (const auto& [id, intent] : intents_) ++(intent.refusal.empty() ? counts.pending : counts.refused);
    return counts;
  }

  std::set<InspectionId> unreadable;        // rows that do not read
  std::set<InspectionId> damaged_requests;  // of crossings
  std::set<InspectionId> damaged_intents;   // whose row does not read

 private:
  std::vector<std::string> LatestOf(const std::vector<std::string>& keys) const {
    return std::vector<std::string>(keys.size(), latest);
  }
  // Whose crossing, when and for whom: enough to see that it is the same request each time.
  static std::string RequestOf(const Inspection& inspection) {
    const Decision& decision = inspection.decisions.back();
    return inspection.id.value() + "|" + absl::FormatTime(decision.time) + "|" + decision.officer + "|" +
           decision.reason_code + (decision.outcome == Outcome::kAdmit ? "|admitted" : "|refused");
  }

  struct Intent {
    std::string request;
    std::string refusal;
    int attempts = 0;
    absl::Time next_attempt;
  };
  std::mutex mutex_;
  std::map<InspectionId, Inspection> inspections_;
  std::map<std::string, std::pair<InspectionId, std::string>> requests_;
  std::map<InspectionId, Intent> intents_;
  std::map<std::string, std::pair<size_t, std::string>> taken_;
};

// Each service is a function the test puts.
class FakeServices : public DocumentVerifier,
                     public WatchlistScreener,
                     public TravellerDirectory,
                     public CrossingRecorder {
 public:
  std::function<absl::StatusOr<DocumentFindings>(const DocumentInput&)> verify;
  std::function<absl::StatusOr<ListAnswers>(const Shown&)> screen;
  std::function<absl::StatusOr<History>(const base::Identity&)> find;
  std::function<absl::StatusOr<std::string>(const CrossingRequest&)> record;

  absl::StatusOr<DocumentFindings> Verify(const DocumentInput& input, const OnBehalf&) override {
    return verify(input);
  }
  absl::StatusOr<ListAnswers> Screen(const Shown& shown, const OnBehalf&) override { return screen(shown); }
  absl::StatusOr<History> Find(const base::Identity& identity, const OnBehalf&) override { return find(identity); }
  absl::StatusOr<std::string> Record(const CrossingRequest& request, const OnBehalf&) override {
    return record(request);
  }
};

}  // namespace gatehouse::inspection
