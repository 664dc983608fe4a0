// Ports in memory, for tests of the domain. The store is atomic like the real one; services answer what the test puts,
// late or never if it says so.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
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
  std::string seen_number;  // empty: every number was seen there

  absl::StatusOr<std::optional<EarlierInspection>> FindRequest(const RequestKey& request) override {
    std::lock_guard lock(mutex_);
    const auto found = requests_.find(request.id);
    if (found == requests_.end()) return std::nullopt;
    return EarlierInspection{inspections_.at(found->second.first), found->second.second == request.content.Reveal()};
  }

  absl::Status Create(const RequestKey& request, const Inspection& inspection) override {
    if (interlope) std::exchange(interlope, nullptr)();
    std::lock_guard lock(mutex_);
    if (!requests_.emplace(request.id, std::pair(inspection.id, request.content.Reveal())).second) {
      return absl::AlreadyExistsError("request id");
    }
    inspections_.emplace(inspection.id, inspection);
    return absl::OkStatus();
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

  absl::StatusOr<Inspection> Decide(const InspectionId& id, const DecisionRule& rule) override {
    std::lock_guard lock(mutex_);
    const auto found = inspections_.find(id);
    if (found == inspections_.end()) return absl::NotFoundError("no such inspection");
    Inspection& inspection = found->second;
    absl::StatusOr<std::optional<Decision>> decision = rule(inspection);
    if (!decision.ok()) return decision.status();
    if (decision->has_value()) {
      inspection.decisions.push_back(**decision);
      inspection.state = StateAfter((*decision)->outcome);
      if (MakesCrossing((*decision)->outcome)) {
        inspection.crossing = CrossingProgress{};
        intents_[id] = Intent{.next_attempt = (*decision)->time};
      }
    }
    return inspection;
  }

  absl::StatusOr<std::optional<std::string>> SeenElsewhere(const base::DocumentKey& document, const std::string&,
                                                           absl::Time) override {
    if (!seen_number.empty() && seen_number != document.number) return std::nullopt;
    return seen_elsewhere;
  }

  absl::StatusOr<std::vector<InspectionId>> Undecided(absl::Time before, int limit) override {
    std::lock_guard lock(mutex_);
    std::vector<InspectionId> found;
    for (const auto& [id, inspection] : inspections_) {
      if (inspection.state == State::kOpen && inspection.time < before && found.size() < static_cast<size_t>(limit)) {
        found.push_back(id);
      }
    }
    return found;
  }

  absl::StatusOr<std::vector<PendingCrossing>> Due(absl::Time now, int limit) override {
    std::lock_guard lock(mutex_);
    std::vector<PendingCrossing> due;
    for (const auto& [id, intent] : intents_) {
      if (intent.next_attempt <= now && due.size() < static_cast<size_t>(limit)) due.push_back({id, intent.attempts});
    }
    return due;
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

  absl::StatusOr<int64_t> Count() override {
    std::lock_guard lock(mutex_);
    return static_cast<int64_t>(intents_.size());
  }

 private:
  struct Intent {
    int attempts = 0;
    absl::Time next_attempt;
  };
  std::mutex mutex_;
  std::map<InspectionId, Inspection> inspections_;
  std::map<std::string, std::pair<InspectionId, std::string>> requests_;
  std::map<InspectionId, Intent> intents_;
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
  std::function<absl::StatusOr<std::string>(const CrossingIntent&)> record;

  absl::StatusOr<DocumentFindings> Verify(const DocumentInput& input, const OnBehalf&) override {
    return verify(input);
  }
  absl::StatusOr<ListAnswers> Screen(const Shown& shown, const OnBehalf&) override { return screen(shown); }
  absl::StatusOr<History> Find(const base::Identity& identity, const OnBehalf&) override { return find(identity); }
  absl::StatusOr<std::string> Record(const CrossingIntent& intent, const OnBehalf&) override { return record(intent); }
};

}  // namespace gatehouse::inspection
