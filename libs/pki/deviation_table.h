// DeviationTable: the deviation lists and defect lists in force, for look-up by one document. Immutable; any number of
// threads may ask it.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "libs/pki/deviation.h"

namespace gatehouse::pki {

// What is known of a document; what is not known meets no condition.
struct DocumentFacts {
  const Certificate* signer = nullptr;  // null when unknown
  std::string country;                  // of the issuing state's certificates, alpha-2; empty when unknown
  std::string document_code;            // of the zone
  std::string document_number;          // of the zone
  std::optional<absl::Time> issued;
};

struct DeviationMatch {
  DeviationListPtr list;
  const Deviation* deviation = nullptr;
  const DeviationDescription* description = nullptr;
  std::string list_name;
};

class DeviationTable {
 public:
  // Only lists whose signer leads to an anchor of `held`; another is refused with the reason. A deviation list speaks
  // for the documents of its own state alone: the one whose authority signed it.
  absl::Status Add(std::string name, DeviationListPtr list, const TrustStore& held);

  // Every description of every deviation whose conditions are all met, in the order of adding.
  std::vector<DeviationMatch> Find(const DocumentFacts& document) const;

  bool empty() const { return lists_.empty(); }
  size_t list_count() const { return lists_.size(); }
  // Digest of the lists' fingerprints in their order, lower-case hexadecimal; empty without lists.
  std::string version() const;

 private:
  struct Entry {
    std::string name;
    DeviationListPtr list;
    std::string country;                 // of its authority; empty for a defect list, which speaks of any
    std::vector<size_t> without_signer;  // deviations that name no signer
    // Deviations by the serial number or the key identifier of the signer they name.
    std::unordered_multimap<std::string, size_t> by_signer;
  };
  std::vector<Entry> lists_;
};

}  // namespace gatehouse::pki
