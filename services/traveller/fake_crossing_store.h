// A crossing store in memory, for tests of the domain: atomic like the real one, and with a place where another writer
// can be sooner. Not thread-safe.
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include "services/traveller/ports.h"
#include "services/traveller/reason.h"

namespace gatehouse::traveller {

class FakeCrossingStore : public CrossingStore {
 public:
  // Runs once in the middle of the next write, as another process would; what it writes makes that write fail with
  // ALREADY_EXISTS, as the unique keys of a real store do.
  std::function<void()> interlope;
  int writes = 0;

  absl::Status Write(const std::function<absl::Status(CrossingWriter&)>& work) override {
    State copy = state_;
    Writer writer(copy);
    if (absl::Status status = work(writer); !status.ok()) return status;
    const int before = writes;
    if (interlope) std::exchange(interlope, nullptr)();
    if (writes != before) return absl::AlreadyExistsError("unique key");
    state_ = std::move(copy);
    ++writes;
    return absl::OkStatus();
  }

  absl::StatusOr<KnownPersons> FindPersons(const PersonKeys& keys) override { return Writer(state_).FindPersons(keys); }

  absl::StatusOr<PersonSummary> Summarise(const PersonId& person) override {
    PersonSummary summary{.first_crossing_time = absl::InfiniteFuture(), .last_crossing_time = absl::InfinitePast()};
    for (const auto& [request, crossing] : state_.crossings) {
      if (crossing.person != person) continue;
      ++summary.crossing_count;
      summary.first_crossing_time = std::min(summary.first_crossing_time, crossing.passage.time);
      summary.last_crossing_time = std::max(summary.last_crossing_time, crossing.passage.time);
    }
    if (summary.crossing_count == 0) return Refuse(Reason::kPersonNotFound, "unknown person");
    for (const auto& [owner, document] : state_.owned_documents) {
      if (owner == person) summary.documents.Reveal().push_back(document);
    }
    return summary;
  }

  absl::StatusOr<std::vector<Crossing>> List(const CrossingFilter& filter,
                                             const std::optional<CrossingPosition>& behind, int limit) override {
    const auto place = [](const Crossing& crossing) { return std::pair(crossing.passage.time, crossing.id.value()); };
    std::vector<Crossing> found;
    for (const auto& [request, crossing] : state_.crossings) {
      if (filter.crossing && crossing.id != *filter.crossing) continue;
      if (filter.person && crossing.person != *filter.person) continue;
      if (filter.inspection_id && crossing.passage.inspection_id != *filter.inspection_id) continue;
      if (filter.document && KeysOf(crossing.passage.identity.Reveal()).document != filter.document) continue;
      if (behind && place(crossing) >= std::pair(behind->time, behind->id)) continue;
      found.push_back(crossing);
    }
    std::sort(found.begin(), found.end(),
              [&](const Crossing& left, const Crossing& right) { return place(left) > place(right); });
    if (found.size() > static_cast<size_t>(limit)) found.resize(limit);
    return found;
  }

 private:
  struct State {
    std::map<std::string, Crossing> crossings;  // by request id
    std::map<std::string, PersonId> documents;
    std::map<std::string, PersonId> identities;
    std::vector<std::pair<PersonId, base::DocumentKey>> owned_documents;
    std::map<std::string, NewCorrection> corrections;  // by request id
  };

  class Writer : public CrossingWriter {
   public:
    explicit Writer(State& state) : state_(state) {}

    absl::StatusOr<std::optional<EarlierCrossing>> FindRequest(std::string_view request_id,
                                                               const Passage& passage) override {
      const auto found = state_.crossings.find(std::string(request_id));
      if (found == state_.crossings.end()) return std::nullopt;
      const Passage& earlier = found->second.passage;
      return EarlierCrossing{found->second.id, found->second.person,
                             earlier.identity == passage.identity && earlier.time == passage.time &&
                                 earlier.outcome == passage.outcome && earlier.direction == passage.direction};
    }
    absl::StatusOr<KnownPersons> FindPersons(const PersonKeys& keys) override {
      KnownPersons known;
      if (keys.document && state_.documents.contains(*keys.document)) {
        known.by_document = state_.documents.at(*keys.document);
      }
      if (keys.identity && state_.identities.contains(*keys.identity)) {
        known.by_identity = state_.identities.at(*keys.identity);
      }
      return known;
    }
    absl::Status AddPerson(const PersonId&) override { return absl::OkStatus(); }
    absl::Status AddKeys(const PersonId& person, const PersonKeys& keys, const base::DocumentKey& document) override {
      if (keys.document && !state_.documents.emplace(*keys.document, person).second) {
        return absl::AlreadyExistsError("document");
      }
      if (keys.document) state_.owned_documents.emplace_back(person, document);
      if (keys.identity && !state_.identities.emplace(*keys.identity, person).second) {
        return absl::AlreadyExistsError("identity");
      }
      return absl::OkStatus();
    }
    absl::Status AddCrossing(std::string_view request_id, const Crossing& crossing) override {
      const bool added = state_.crossings.emplace(std::string(request_id), crossing).second;
      return added ? absl::OkStatus() : absl::AlreadyExistsError("request");
    }
    absl::StatusOr<std::optional<EarlierCorrection>> FindCorrection(const NewCorrection& correction) override {
      const auto found = state_.corrections.find(correction.request_id);
      if (found == state_.corrections.end()) return std::nullopt;
      const NewCorrection& earlier = found->second;
      return EarlierCorrection{earlier.crossing, earlier.crossing == correction.crossing &&
                                                     earlier.field == correction.field &&
                                                     earlier.value == correction.value};
    }
    absl::Status AddCorrection(const NewCorrection& request, const CorrectionId& id, absl::Time time) override {
      for (auto& [request_id, crossing] : state_.crossings) {
        if (crossing.id != request.crossing) continue;
        crossing.corrections.push_back({id, request.field, request.value, request.reason, request.officer, time});
        state_.corrections.emplace(request.request_id, request);
        return absl::OkStatus();
      }
      return Refuse(Reason::kCrossingNotFound, "no such crossing");
    }

   private:
    State& state_;
  };

  State state_;
};

}  // namespace gatehouse::traveller
