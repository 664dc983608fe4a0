// The chip's files of Doc 9303-10: EF.COM, DG1 (the machine-readable zone) and DG2 (the face, ISO/IEC 19794-5:2005 in a
// CBEFF template).
#pragma once

#include <string>
#include <vector>

#include "tools/specimen/portrait.h"

namespace gatehouse::specimen {

enum class LdsVersion { k0107, k0108 };

// Lists DG1 and DG2.
std::string MakeEfCom(LdsVersion version);
std::string MakeDg1(const std::vector<std::string>& mrz_lines);
std::string MakeDg2(const Portrait& portrait, char sex);

}  // namespace gatehouse::specimen
