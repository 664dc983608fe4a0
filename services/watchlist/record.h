// What a list says: persons and entities by name, and documents by number. Plain values; no printer, because almost
// every field is personal data (error texts name lines and fields, never contents).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/partial_date.h"
#include "libs/names/birth_date.h"

namespace gatehouse::watchlist {

enum class RecordKind : uint8_t { kPerson, kEntity };
// Strong: the list vouches for the alias. Weak: the list calls it low quality; it never makes a hit alone.
enum class NameQuality : uint8_t { kPrimary, kStrong, kWeak };
enum class Sex : uint8_t { kUnknown, kMale, kFemale };

struct ListedName {
  std::string text;  // UTF-8 as listed, any script
  NameQuality quality = NameQuality::kPrimary;
  friend bool operator==(const ListedName&, const ListedName&) = default;
};

struct Nationality {
  std::string code;  // Doc 9303 alpha-3; empty when the text names no country we know
  std::string raw;   // as listed
  friend bool operator==(const Nationality&, const Nationality&) = default;
};

struct ListedDocument {
  std::string number;  // as listed
  std::string issuer;  // alpha-3, or empty
  std::string type;    // document_number.h CanonicalDocumentType, or empty
  friend bool operator==(const ListedDocument&, const ListedDocument&) = default;
};

struct ListRecord {
  std::string record_id;
  RecordKind kind = RecordKind::kPerson;
  std::vector<ListedName> names;
  std::vector<names::ListedBirth> births;
  Sex sex = Sex::kUnknown;
  std::vector<Nationality> nationalities;
  std::vector<ListedDocument> documents;
  friend bool operator==(const ListRecord&, const ListRecord&) = default;
};

enum class DocumentStatus : uint8_t { kStolen, kLost, kRevoked, kInvalid, kStolenBlank };

struct DocumentRecord {
  std::string record_id;
  ListedDocument document;
  DocumentStatus status = DocumentStatus::kStolen;
  base::PartialDate reported;  // empty when the list gives none
  friend bool operator==(const DocumentRecord&, const DocumentRecord&) = default;
};

// "stolen", "lost", "revoked", "invalid", "stolen_blank".
std::string_view DocumentStatusName(DocumentStatus status);

}  // namespace gatehouse::watchlist
