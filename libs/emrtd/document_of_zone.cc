#include "libs/emrtd/document_of_zone.h"

#include "libs/emrtd/lds/data_groups.h"

namespace gatehouse::emrtd {
namespace {

constexpr size_t kNumberLength = 9;
constexpr size_t kMaxDataGroup1Bytes = 1024;

struct NumberPlace {
  size_t number;           // where the nine places begin; the check digit follows
  size_t optional;         // where a long number runs on
  size_t optional_length;  // 0: it cannot
};

NumberPlace PlaceOf(size_t zone_length) {
  if (zone_length == 90) return {5, 15, 15};  // TD1: line 1
  if (zone_length == 72) return {36, 64, 7};  // TD2: line 2
  return {44, 0, 0};                          // TD3: line 2
}

}  // namespace

std::string DocumentNumberOfZone(std::string_view zone) {
  const NumberPlace place = PlaceOf(zone.size());
  if (zone.size() < place.number + kNumberLength + 1) return "";
  std::string number(zone.substr(place.number, kNumberLength));
  const bool runs_on = place.optional_length > 0 && zone[place.number + kNumberLength] == '<' && number.back() != '<';
  if (runs_on) {
    std::string_view rest = zone.substr(place.optional, place.optional_length);
    rest = rest.substr(0, rest.find('<'));
    if (!rest.empty()) number += rest.substr(0, rest.size() - 1);  // the last one is the check digit
  }
  return pki::PlainDocumentNumber(number);
}

DocumentOfZone ReadDocumentOfZone(const PassiveAuthenticationInput& input) {
  for (const auto& file : input.files.data_groups) {
    if (file.number != 1 || file.bytes.size() > kMaxDataGroup1Bytes) continue;
    const auto zone = ReadMachineReadableZone(file.bytes);
    if (!zone.ok()) continue;
    if (const auto issuer = FindIssuer(zone->Reveal())) {
      return {issuer->document_code, issuer->issuing_state, DocumentNumberOfZone(zone->Reveal())};
    }
  }
  return {input.printed_document_code.value_or(""), input.printed_issuing_state.value_or(""),
          pki::PlainDocumentNumber(input.printed_document_number.value_or(""))};
}

}  // namespace gatehouse::emrtd
