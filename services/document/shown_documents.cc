#include "services/document/shown_documents.h"

#include <string>

namespace gatehouse::document {
namespace {

void Add(const std::vector<base::DocumentKey>& more, std::vector<base::DocumentKey>& documents) {
  documents.insert(documents.end(), more.begin(), more.end());
}

}  // namespace

std::vector<base::DocumentKey> ShownDocuments(const mrz::ParsedMrz& zone) {
  if (zone.document_number().empty()) return {};
  return {{.number = std::string(zone.document_number()),
           .issuer = std::string(zone.issuing_state()),
           .type = std::string(zone.document_code())}};
}

std::vector<base::DocumentKey> ShownDocuments(const emrtd::seals::Seal& seal) {
  std::vector<base::DocumentKey> documents;
  for (const char* name : {"passport_number", "document_number"}) {
    const emrtd::seals::Feature* number = seal.Find(name);
    if (number == nullptr) continue;
    documents.push_back({.number = number->value.Reveal(), .issuer = seal.issuing_country});
  }
  if (const emrtd::seals::Feature* zone = seal.Zone()) {
    Add(ShownDocuments(mrz::Parse(zone->value.Reveal())), documents);
  }
  return documents;
}

std::vector<base::DocumentKey> ShownDocuments(const Presented& presented, const Report& report) {
  std::vector<base::DocumentKey> documents;
  for (const auto& zone : {report.chip_mrz, report.printed_mrz}) {
    if (zone.has_value()) Add(ShownDocuments(*zone), documents);
  }
  if (!presented.visa_mrz.empty()) Add(ShownDocuments(mrz::Parse(presented.visa_mrz)), documents);
  if (presented.visual_zone.has_value()) {
    documents.push_back(
        {.number = presented.visual_zone->document_number, .issuer = presented.visual_zone->issuing_state});
  }
  return documents;
}

}  // namespace gatehouse::document
