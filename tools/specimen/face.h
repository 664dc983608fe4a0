// All that tells one drawn face from another, and the shapes its parts are drawn upon.
#pragma once

#include "tools/specimen/canvas.h"
#include "tools/specimen/seeded_random.h"

namespace gatehouse::specimen {

enum class HairCut { kBald, kShort, kBob, kLong };

// All that tells one face from another. Lengths in pixels, fractions of the half width or half height of the head.
struct Face {
  Rgb skin, hair, eye, clothes, backdrop;
  HairCut cut = HairCut::kShort;
  float cx = 160, cy = 188;  // centre of the head
  float w = 86, h = 118;     // half axes
  float jaw = .2f;           // how much the face narrows to the chin
  float eye_gap = .42f, eye_size = .2f, brow = .2f, nose = .16f, mouth = .34f, lips = 1;
  float hairline = .62f, parting = 0;
  float age = 0;  // 0 young .. 1 old
  bool beard = false, moustache = false, collar = false;
};

// `sex` M, F or X and `age_years` guide hair, beard and lines; the rest is chance.
Face MakeFace(SeededRandom& random, char sex, int age_years);

// The outline of the head: an ellipse that narrows towards the chin, `grow` pixels larger.
float HeadDistance(const Face& face, float x, float y, float grow = 0);
Box HeadBox(const Face& face, float grow);

// Brightness of the skin under a light from the upper left.
float Light(const Face& face, float x, float y);

}  // namespace gatehouse::specimen
