#include "tools/specimen/face.h"

#include <algorithm>
#include <cmath>

namespace gatehouse::specimen {
namespace {

constexpr Rgb kSkins[] = {{.96f, .82f, .73f}, {.92f, .76f, .64f}, {.86f, .68f, .53f}, {.76f, .57f, .42f},
                          {.62f, .44f, .31f}, {.48f, .33f, .23f}, {.37f, .25f, .18f}};
constexpr Rgb kHairs[] = {{.10f, .08f, .07f}, {.16f, .11f, .08f}, {.26f, .17f, .10f}, {.38f, .24f, .13f},
                          {.55f, .38f, .20f}, {.74f, .58f, .34f}, {.48f, .20f, .10f}};
constexpr Rgb kEyes[] = {{.23f, .14f, .08f}, {.32f, .20f, .11f}, {.26f, .38f, .52f}, {.33f, .42f, .30f}};
constexpr Rgb kClothes[] = {{.14f, .17f, .25f}, {.22f, .22f, .24f}, {.42f, .14f, .17f}, {.16f, .32f, .28f},
                            {.62f, .58f, .50f}, {.35f, .42f, .55f}, {.85f, .84f, .82f}, {.45f, .30f, .45f}};
constexpr Rgb kBackdrops[] = {{.86f, .89f, .92f}, {.90f, .90f, .89f}, {.82f, .87f, .90f}, {.91f, .88f, .84f}};

float Between(SeededRandom& random, float low, float high) {
  return low + (high - low) * static_cast<float>(random.Unit());
}

}  // namespace

Face MakeFace(SeededRandom& random, char sex, int age_years) {
  Face face;
  const bool woman = sex == 'F' || (sex == 'X' && random.Chance(.5));
  const bool child = age_years < 14;
  face.skin = random.Pick(kSkins);
  face.hair = random.Pick(kHairs);
  // Light skin goes with every hair, dark skin with dark hair: else the drawing looks like a mask.
  if (face.skin.r < .8f) face.hair = kHairs[random.Below(2)];
  face.eye = face.skin.r < .8f ? kEyes[random.Below(2)] : random.Pick(kEyes);
  face.clothes = random.Pick(kClothes);
  face.backdrop = random.Pick(kBackdrops);
  face.age = std::clamp((static_cast<float>(age_years) - 25) / 55, 0.0f, 1.0f);
  if (age_years > 45)
    face.hair = Mix(face.hair, {.78f, .77f, .76f}, std::min(1.0f, face.age * Between(random, .5f, 1.6f)));
  face.w = Between(random, 78, 90) * (woman ? .95f : 1);
  face.h = Between(random, 112, 124) * (child ? .92f : 1);
  face.cx = 160 + Between(random, -3, 3);
  face.jaw = Between(random, .12f, .30f) + (woman ? .06f : 0);
  face.eye_gap = Between(random, .39f, .46f);
  face.eye_size = Between(random, .17f, .21f) * (child ? 1.2f : 1);
  face.brow = Between(random, .17f, .23f);
  face.nose = Between(random, .13f, .2f) * (child ? .85f : 1);
  face.mouth = Between(random, .29f, .4f);
  face.lips = Between(random, .8f, 1.3f) * (woman ? 1.15f : 1);
  face.hairline = Between(random, .56f, .7f);
  face.parting = Between(random, -.5f, .5f);
  const double cut = random.Unit();
  face.cut = woman ? (cut < .15   ? HairCut::kShort
                      : cut < .45 ? HairCut::kBob
                                  : HairCut::kLong)
                   : (!child && cut < .12 + .25 * face.age ? HairCut::kBald : HairCut::kShort);
  face.beard = !woman && age_years > 19 && random.Chance(.22);
  face.moustache = !woman && age_years > 19 && (face.beard || random.Chance(.1));
  face.collar = random.Chance(.5);
  return face;
}

float HeadDistance(const Face& f, float x, float y, float grow) {
  const float v = (y - f.cy) / (f.h + grow);
  const float taper = v > 0 ? 1 - f.jaw * v * v : 1;
  const float u = (x - f.cx) / ((f.w + grow) * taper);
  return (std::pow(std::pow(std::abs(u), 2.3f) + std::pow(std::abs(v), 2.1f), 1 / 2.2f) - 1) * (f.w + grow);
}

Box HeadBox(const Face& f, float grow) {
  return {f.cx - f.w - grow, f.cy - f.h - grow, f.cx + f.w + grow, f.cy + f.h + grow};
}

float Light(const Face& f, float x, float y) {
  const float u = std::clamp((x - f.cx) / (f.w * 1.08f), -1.0f, 1.0f);
  const float v = std::clamp((y - f.cy) / (f.h * 1.08f), -1.0f, 1.0f);
  const float n = std::sqrt(std::max(0.0f, 1 - u * u * .9f - v * v * .6f));
  return std::clamp(.70f + .38f * (-.30f * u - .26f * v + .85f * n), .45f, 1.08f);
}

}  // namespace gatehouse::specimen
