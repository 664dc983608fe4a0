// The machine-readable zone of a specimen document (Doc 9303-4 and -5).
#pragma once

#include <string>
#include <vector>

#include "tools/specimen/travel_document.h"

namespace gatehouse::specimen {

// Two lines of 44 (TD3) or three of 30 (TD1), every check digit right.
std::vector<std::string> MrzLines(const TravelDocument& document);

}  // namespace gatehouse::specimen
