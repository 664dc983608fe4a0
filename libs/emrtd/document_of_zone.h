// What the checks need of the machine-readable zone: of DG1 where it was read, else of the printed one. Internal to
// libs/emrtd.
#pragma once

#include <string>

#include "libs/emrtd/passive_authentication.h"

namespace gatehouse::emrtd {

struct DocumentOfZone {
  std::string document_code;    // "P", "ID"; empty when unknown
  std::string issuing_state;    // "D", "UTO"; empty when unknown
  std::string document_number;  // without fillers, long numbers put together; empty when unknown. Personal data.
};
DocumentOfZone ReadDocumentOfZone(const PassiveAuthenticationInput& input);

// The number of a zone without line breaks; a long one runs on in the optional data (Doc 9303-5 section 4.2.2).
std::string DocumentNumberOfZone(std::string_view zone);

}  // namespace gatehouse::emrtd
