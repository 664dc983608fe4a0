#include "tools/specimen/hair.h"

#include <algorithm>
#include <cmath>

namespace gatehouse::specimen {
namespace {

// Hair runs from the crown outwards; fair hair shows its strands and its shine less.
Rgb Strands(const Face& f, float x, float y) {
  const float fairness = (f.hair.r + f.hair.g + f.hair.b) / 3;
  const float angle = std::atan2(y - (f.cy - f.h * 1.1f), x - (f.cx + f.parting * f.w * .5f));
  const float wave = std::sin(angle * 31 + y * .05f) * .5f + std::sin(angle * 87 + x * .11f + y * .03f) * .5f;
  const float shine = std::exp(-std::pow((y - (f.cy - f.h * .78f)) / (f.h * .15f), 2.0f)) * .2f * (1 - fairness);
  return f.hair * (1 + wave * .09f * (1.2f - fairness) + shine) + Rgb{.06f, .06f, .06f} * shine;
}

}  // namespace

void DrawHairBehind(Canvas& c, const Face& f) {
  if (f.cut != HairCut::kBob && f.cut != HairCut::kLong) return;
  const float bottom = f.cut == HairCut::kLong ? 430 : f.cy + f.h * .86f;
  const float width = f.w * 1.22f;
  c.Fill(
      {f.cx - width - 10, f.cy - f.h - 16, f.cx + width + 10, bottom},
      [&](float x, float y) {
        if (y < f.cy) return EllipseDistance(x, y, f.cx, f.cy, width, f.h + 12);
        const float u = std::max(0.0f, std::abs(x - f.cx) - (width - 34) - 3 * std::sin(y * .05f + f.parting));
        const float v = std::max(0.0f, y - (bottom - 34));
        return std::hypot(u, v) - 34;
      },
      [&](float x, float y) { return Strands(f, x, y) * (y > f.cy ? .78f : .9f); }, 3);
}

void DrawBeard(Canvas& c, const Face& f) {
  const auto hair = [&](float x, float y) {
    return Mix(f.hair, f.skin * .5f, .15f) * (.9f + .10f * std::sin(x * .9f + 2 * std::sin(y * .23f + x * .1f)));
  };
  const float mouth = f.cy + f.h * .53f;
  if (f.beard) {
    c.Fill(
        HeadBox(f, 6),
        [&](float x, float y) {
          const float u = std::abs(x - f.cx) / f.w;
          const float edge = f.cy + f.h * (.62f - .62f * std::pow(u, 2.2f));
          const float lips = EllipseDistance(x, y, f.cx, mouth + 2, f.w * f.mouth * 1.05f, 13);
          return std::max({HeadDistance(f, x, y, 3), edge - y, -lips});
        },
        hair, 7, .9f);
  }
  if (f.moustache) {
    c.Fill(
        {f.cx - f.w * .5f, mouth - 24, f.cx + f.w * .5f, mouth + 12},
        [&](float x, float y) {
          const float u = std::abs(x - f.cx) / (f.w * .45f);
          return std::max(std::abs(y - (mouth - 11 + 12 * u * u)) - 6 * (1.1f - u * .8f), (u - 1) * f.w * .45f);
        },
        hair, 4, .9f);
  }
}

void DrawHair(Canvas& c, const Face& f) {
  if (f.cut == HairCut::kBald) return;
  const bool short_cut = f.cut == HairCut::kShort;
  const float lowest = f.cy + f.h * (short_cut ? .02f : f.cut == HairCut::kBob ? .55f : 1.1f);
  const auto outer = [&](float x, float y) {
    if (short_cut) return HeadDistance(f, x, y + 3, 8);
    return y < f.cy ? EllipseDistance(x, y, f.cx, f.cy, f.w * 1.2f, f.h + 11) : std::abs(x - f.cx) - f.w * 1.2f;
  };
  // The hairline: highest at the parting, falling to the temples, never quite even.
  const auto line = [&](float x) {
    const float u = std::abs(x - f.cx) / f.w;
    const float from_parting = std::abs((x - f.cx) / f.w - f.parting * .5f);
    const float fall = .10f * from_parting + 1.0f * std::pow(u, short_cut ? 8.0f : 4.2f);
    return f.cy - f.h * f.hairline + f.h * fall + 1.2f * std::sin(x * .31f) + .7f * std::sin(x * .9f + 1);
  };
  c.Fill(
      {f.cx - f.w - 28, f.cy - f.h - 28, f.cx + f.w + 28, lowest},
      [&](float x, float y) {
        return std::max({outer(x, y), y - line(x), y - lowest});
      },
      [&](float x, float y) { return Strands(f, x, y) * (.94f + .1f * Light(f, x, y)); }, 4);
}

}  // namespace gatehouse::specimen
