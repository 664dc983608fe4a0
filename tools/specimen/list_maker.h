// The two lists of the State: stolen and lost documents as CSV, wanted persons in the layout of the UN consolidated
// list. All persons and numbers are made up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "tools/specimen/travel_document.h"

namespace gatehouse::specimen {

struct ListedDocument {
  std::string number;
  std::string issuer;
  std::string type;    // P passport, I identity card, V visa
  std::string status;  // stolen, lost, revoked, stolen_blank, invalid
  absl::CivilDay reported_date;
  std::string record_id;
};

enum class BirthDateKind { kExact, kYearOnly, kBetween, kUnknown };

struct ListedPerson {
  std::string reference_number;
  Holder holder;
  BirthDateKind birth_date_kind = BirthDateKind::kExact;
  std::vector<std::string> good_aliases;
  std::vector<std::string> low_aliases;
  std::string document_number;  // may be empty
  absl::CivilDay listed_on;
};

// Numbers of listed documents begin with Z, which no traveller's document does.
std::vector<ListedDocument> MakeListedDocuments(uint64_t seed, int count, absl::CivilDay today);
std::vector<ListedPerson> MakeListedPersons(uint64_t seed, int count, absl::CivilDay today);

// docs/formats/document-list.md, of the edition of `today`.
std::string DocumentListCsv(const std::vector<ListedDocument>& documents, absl::CivilDay today);
std::string PersonsListXml(const std::vector<ListedPerson>& persons, absl::CivilDay today);

}  // namespace gatehouse::specimen
