#include "libs/emrtd/issuing_state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/emrtd/document_of_zone.h"

namespace gatehouse::emrtd {
namespace {

bool Contains(std::span<const std::string_view> countries, std::string_view country) {
  return std::find(countries.begin(), countries.end(), country) != countries.end();
}

// Both the signer's country and its authority's must be the document's: an authority of one state may not make signers
// for another (Doc 9303-12 section 7.1).
void CheckCountry(const PassiveAuthenticationInput& input, const DocumentOfZone& zone,
                  PassiveAuthenticationReport& report) {
  report.issuing_state = zone.issuing_state;
  if (report.signer == nullptr || zone.issuing_state.empty()) return;
  const std::span<const std::string_view> allowed = input.countries(zone.issuing_state);
  const pki::DistinguishedName& subject = report.signer->subject;
  const pki::DistinguishedName& authority = report.signer->issuer;
  if (allowed.empty() || (subject.country().empty() && authority.country().empty())) return;
  const auto agrees = [&](const pki::DistinguishedName& name) {
    return name.country().empty() || Contains(allowed, name.country());
  };
  report.country_match = agrees(subject) && agrees(authority) ? CountryState::kMatch : CountryState::kMismatch;
  if (subject.country() != subject.country_as_written() || authority.country() != authority.country_as_written()) {
    report.findings.push_back({Defect::kCountryWrittenLowerCase, "in the signer's certificate"});
  }
}

// documentTypeList names the document codes the signer may sign. States differ in how they write the second letter, so
// the first decides.
void CheckDocumentType(const DocumentOfZone& zone, PassiveAuthenticationReport& report) {
  if (report.signer == nullptr || !report.signer->document_types || zone.document_code.empty()) return;
  for (const std::string& type : *report.signer->document_types) {
    if (!type.empty() && type[0] == zone.document_code[0]) return;
  }
  report.findings.push_back(
      {Defect::kDocumentTypeNotListed, absl::StrCat("code ", zone.document_code, ", signer is for ",
                                                    absl::StrJoin(*report.signer->document_types, ", "))});
}

}  // namespace

void CheckIssuingState(const PassiveAuthenticationInput& input, PassiveAuthenticationReport& report) {
  const DocumentOfZone zone = ReadDocumentOfZone(input);
  CheckCountry(input, zone, report);
  CheckDocumentType(zone, report);
}

}  // namespace gatehouse::emrtd
