// A crossing store in memory, for tests of the domain: atomic like the real one, and with a place where another writer
// can be sooner. Not thread-safe.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "services/traveller/correction.h"
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
      summary.first_crossing_time = std::min(summary.first_crossing_time, crossing.corrected_time);
      summary.last_crossing_time = std::max(summary.last_crossing_time, crossing.corrected_time);
    }
    if (state_.erasures.contains(person.value())) return Refuse(Reason::kPersonErased, "erased");
    if (summary.crossing_count == 0) return Refuse(Reason::kPersonNotFound, "unknown person");
    for (const auto& [owner, document] : state_.owned_documents) {
      if (owner == person) summary.documents.Reveal().push_back(document);
    }
    for (const PersonLink& link : state_.links) {
      summary.linked |= link.person == person || link.document_person == person;
    }
    summary.document_count = static_cast<int>(summary.documents.Reveal().size());
    return summary;
  }

  absl::StatusOr<std::vector<Crossing>> List(const CrossingFilter& filter, const std::optional<ListPosition>& behind,
                                             int limit) override {
    const auto place = [](const Crossing& crossing) { return std::pair(crossing.corrected_time, crossing.id.value()); };
    std::vector<Crossing> found;
    for (const auto& [request, crossing] : state_.crossings) {
      const auto& ids = filter.crossings;
      if (!ids.empty() && std::find(ids.begin(), ids.end(), crossing.id) == ids.end()) continue;
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

  absl::StatusOr<std::vector<CrossingId>> FindErased(const std::vector<CrossingId>& crossings) override {
    std::vector<CrossingId> erased;
    for (const CrossingId& id : crossings) {
      if (state_.erased_crossings.contains(id.value())) erased.push_back(id);
    }
    return erased;
  }

  absl::StatusOr<Erasure> Erase(const NewErasure& request, const ErasureId& id, absl::Time time) override {
    if (state_.erasures.contains(request.person.value())) {
      const auto& [made_by, erasure] = state_.erasures.at(request.person.value());
      if (made_by.id != request.request.id) return Refuse(Reason::kPersonErased, "erased before");
      return erasure;
    }
    Erasure erasure{.id = id, .person = request.person, .officer = request.officer, .time = time};
    for (const auto& [request_id, stored] : state_.crossings) {
      erasure.crossing_count += stored.person == request.person ? 1 : 0;
    }
    if (erasure.crossing_count == 0) return Refuse(Reason::kPersonNotFound, "unknown person");
    state_.erasures.emplace(request.person.value(), std::pair(request.request, erasure));
    if (absl::Status status = Release(request.person); !status.ok()) return status;
    return erasure;
  }
  absl::Status Release(const PersonId& person) override {
    ++releases;
    state_.tombstones.erase(person.value());
    for (const auto& [request_id, crossing] : state_.crossings) {
      if (crossing.person == person) state_.erased_crossings.insert(crossing.id.value());
    }
    std::erase_if(state_.crossings, [&](const auto& entry) { return entry.second.person == person; });
    std::erase_if(state_.documents, [&](const auto& entry) { return entry.second == person; });
    std::erase_if(state_.identities, [&](const auto& entry) { return entry.second == person; });
    std::erase_if(state_.owned_documents, [&](const auto& entry) { return entry.first == person; });
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<Erasure>> ListErasures(const std::optional<ListPosition>&, int) override {
    std::vector<Erasure> erasures;
    for (const auto& [person, erasure] : state_.erasures) erasures.push_back(erasure.second);
    return erasures;
  }
  absl::StatusOr<std::vector<PersonLink>> ListLinks(const std::optional<PersonId>& person,
                                                    const std::optional<ListPosition>&, int) override {
    std::vector<PersonLink> links;
    for (const PersonLink& link : state_.links) {
      if (!person || link.person == *person || link.document_person == *person) links.push_back(link);
    }
    return links;
  }

  // As a store that was restored from before the erasure of this person: the key is gone, and the rows are here.
  void DestroyKeyOnly(const PersonId& person) { state_.tombstones.insert(person.value()); }
  // As a row that does not read.
  void Damage(const CrossingId& id) {
    for (auto& [request_id, crossing] : state_.crossings) {
      if (crossing.id == id) crossing.unreadable = Reason::kRowDamaged;
    }
  }
  int releases = 0;

 private:
  struct State {
    std::map<std::string, std::string> digests;  // by request id
    std::map<std::string, Crossing> crossings;   // by request id
    std::map<std::string, PersonId> documents;
    std::map<std::string, PersonId> identities;
    std::vector<std::pair<PersonId, base::DocumentKey>> owned_documents;
    std::map<std::string, NewCorrection> corrections;  // by request id
    std::vector<PersonLink> links;
    std::map<std::string, std::pair<Request, Erasure>> erasures;  // by person
    std::set<std::string> tombstones;
    std::set<std::string> erased_crossings;
  };

  class Writer : public CrossingWriter {
   public:
    explicit Writer(State& state) : state_(state) {}

    absl::StatusOr<std::optional<EarlierCrossing>> FindRequest(const Request& request, const Passage&) override {
      const auto found = state_.crossings.find(request.id);
      if (found == state_.crossings.end()) return std::nullopt;
      return EarlierCrossing{found->second.id, found->second.person, state_.digests[request.id] == request.digest};
    }
    absl::StatusOr<KnownPersons> FindPersons(const PersonKeys& keys) override {
      KnownPersons known;
      if (keys.document && state_.documents.contains(*keys.document)) {
        known.by_document = state_.documents.at(*keys.document);
        for (const auto& [identity, person] : state_.identities) {
          known.document_has_identity |= person == *known.by_document;
        }
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
    absl::Status AddCrossing(const Request& request, const Crossing& crossing) override {
      if (state_.tombstones.contains(crossing.person.value())) return Refuse(Reason::kPersonErased, "no key");
      state_.digests[request.id] = request.digest;
      const bool added = state_.crossings.emplace(request.id, crossing).second;
      return added ? absl::OkStatus() : absl::AlreadyExistsError("request");
    }
    absl::Status AddLink(const PersonLink& link) override {
      for (const PersonLink& other : state_.links) {
        if (other.person == link.person && other.document_person == link.document_person) return absl::OkStatus();
      }
      state_.links.push_back(link);
      return absl::OkStatus();
    }
    absl::StatusOr<std::optional<EarlierCorrection>> FindCorrection(const NewCorrection& correction) override {
      const auto found = state_.corrections.find(correction.request.id);
      if (found == state_.corrections.end()) return std::nullopt;
      const NewCorrection& earlier = found->second;
      return EarlierCorrection{earlier.crossing, earlier.request.digest == correction.request.digest};
    }
    absl::Status AddCorrection(const NewCorrection& request, const CorrectionId& id, absl::Time time) override {
      for (auto& [request_id, crossing] : state_.crossings) {
        if (crossing.id != request.crossing) continue;
        crossing.corrections.push_back({id, request.field, request.value, request.reason, request.officer, time});
        crossing.corrected_time = Corrected(crossing).time;
        state_.corrections.emplace(request.request.id, request);
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
