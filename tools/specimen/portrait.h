// A drawn face for data group 2: procedural, of nobody, different for every seed. 320 x 400 pixels, about 15 kB as
// JPEG, framed as Doc 9303-3 asks of a full frontal portrait.
#pragma once

#include <cstdint>
#include <string>

#include "tools/specimen/jpeg.h"
#include "tools/specimen/seeded_random.h"

namespace gatehouse::specimen {

struct Point {
  int x = 0;
  int y = 0;
};

struct Portrait {
  Picture picture;
  Point right_eye;  // the person's right: on the left of the picture
  Point left_eye;
};

// `sex` M, F or X and `age_years` guide hair, beard and lines.
Portrait DrawPortrait(SeededRandom& random, char sex, int age_years);

}  // namespace gatehouse::specimen
