#include "tools/specimen/portrait.h"

#include <algorithm>
#include <cmath>

#include "tools/specimen/canvas.h"
#include "tools/specimen/face.h"
#include "tools/specimen/hair.h"

namespace gatehouse::specimen {
namespace {

constexpr int kWidth = 320;
constexpr int kHeight = 400;

void DrawBackdrop(Canvas& c, const Face& f) {
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const float dx = (static_cast<float>(x) - 130) / 320;
      const float dy = (static_cast<float>(y) - 120) / 400;
      c.at(x, y) = f.backdrop * (1.04f - .16f * (dx * dx + dy * dy));
    }
  }
}

void DrawBody(Canvas& c, const Face& f) {
  const float chin = f.cy + f.h;
  const float neck = f.w * .58f;
  const auto skin = [&](float x, float y) {
    const float shade = std::clamp((y - chin) / 40, -1.0f, 1.0f) * .10f;
    return f.skin * (.74f + shade - .0009f * (x - f.cx));
  };
  c.Fill(
      {f.cx - neck - 30, f.cy + f.h * .4f, f.cx + neck + 30, 399},
      [&](float x, float y) { return std::abs(x - f.cx) - neck - std::pow(std::max(0.0f, y - chin - 8) * .13f, 2.0f); },
      skin, 1.5f);
  c.Fill(
      {0, chin - 20, 319, 399},
      [&](float x, float y) {
        const float opening = (y - chin - (f.collar ? 8 : 16)) - std::abs(x - f.cx) * (f.collar ? -1.2f : -.25f) - 30;
        return std::max(EllipseDistance(x, y, f.cx, 470, 178, 156), -opening);
      },
      [&](float x, float y) {
        const float fold = std::sin((x - f.cx) * .06f + y * .03f) * .03f;
        return f.clothes * (1.02f + fold - .0012f * std::abs(x - 130));
      });
  if (!f.collar) return;
  for (const float side : {-1.0f, 1.0f}) {  // two collar points, lighter than the cloth
    c.Fill(
        {f.cx - 80, chin - 10, f.cx + 80, 399},
        [&](float x, float y) {
          const float u = side * (x - f.cx);
          const float v = y - chin;
          return std::max({4 + v * .18f - u, u - neck - 13 + v * .25f, std::abs(v - 34 + (u - 30) * .75f) - 15});
        },
        [&](float x, float) {
          return Mix(f.clothes, {.95f, .95f, .95f}, .55f) * (1 - .0006f * x);
        });
  }
}

void DrawHead(Canvas& c, const Face& f) {
  for (const float side : {-1.0f, 1.0f}) {
    const float ear = f.cx + side * f.w * .99f;
    if (f.cut == HairCut::kLong || f.cut == HairCut::kBob) break;
    c.Ellipse(ear, f.cy + 4, f.w * .13f, f.h * .17f, f.skin * .86f, 1.5f);
    c.Ellipse(ear + side * 1, f.cy + 4, f.w * .06f, f.h * .1f, f.skin * .7f, 5, .7f);
  }
  c.Fill(
      HeadBox(f, 2), [&](float x, float y) { return HeadDistance(f, x, y); },
      [&](float x, float y) {
        const float light = Light(f, x, y);
        return Rgb{f.skin.r * light, f.skin.g * light * (.97f + .03f * light),
                   f.skin.b * light * (.94f + .06f * light)};
      },
      1.5f);
  for (const float side : {-1.0f, 1.0f}) {  // cheeks
    c.Ellipse(f.cx + side * f.w * .52f, f.cy + f.h * .33f, f.w * .26f, f.h * .15f,
              {f.skin.r, f.skin.g * .80f, f.skin.b * .78f}, 26, .28f);
  }
}

void DrawEye(Canvas& c, const Face& f, float side) {
  const float r = f.w * f.eye_size;
  const float x0 = f.cx + side * f.w * f.eye_gap;
  const float y0 = f.cy - f.h * .04f;
  const Box box{x0 - r * 1.5f, y0 - r * 1.5f, x0 + r * 1.5f, y0 + r * 1.5f};
  // An almond: where two circles overlap.
  const auto almond = [&](float x, float y, float grow) {
    const float up = std::hypot(x - x0, y - y0 - r * .72f) - r * 1.24f - grow;
    const float down = std::hypot(x - x0, y - y0 + r * .82f) - r * 1.26f - grow;
    return std::max(up, down);
  };
  c.Ellipse(x0, y0 - r * .1f, r * 1.35f, r * .85f, f.skin * .72f, 14, .55f);  // the socket
  c.Fill(
      box, [&](float x, float y) { return almond(x, y, 0); },
      [&](float, float y) {
        return Rgb{.93f, .92f, .90f} * (y < y0 - r * .15f ? .82f : 1);
      },
      1.2f);
  const auto inside = [&](float cx, float cy, float radius, Rgb colour, float opacity) {
    c.Fill(
        box, [&](float x, float y) { return std::max(std::hypot(x - cx, y - cy) - radius, almond(x, y, 0)); },
        [&](float x, float y) {
          return colour * (1 + .25f * std::clamp((y - cy + (x - cx) * .3f) / radius, -1.0f, 1.0f));
        },
        1.2f, opacity);
  };
  inside(x0, y0, r * .47f, f.eye * .55f, 1);
  inside(x0, y0, r * .41f, f.eye * 1.25f, 1);
  inside(x0, y0, r * .2f, {.03f, .03f, .03f}, 1);
  inside(x0 - r * .14f, y0 - r * .16f, r * .09f, {1, 1, 1}, .95f);
  c.Fill(
      box,  // upper lid
      [&](float x, float y) { return std::max(std::abs(almond(x, y, .8f)) - 1.3f, y - y0 + r * .08f); },
      [&](float, float) { return f.skin * .22f; }, 1.5f, .9f);
  c.Fill(
      box,  // lower lid
      [&](float x, float y) { return std::max(std::abs(almond(x, y, 1.2f)) - .6f, y0 + r * .1f - y); },
      [&](float, float) { return f.skin * .55f; }, 2, .6f);
  c.Fill(
      box,  // crease
      [&](float x, float y) { return std::max(std::abs(almond(x, y, r * .32f)) - .7f, y - y0 + r * .25f); },
      [&](float, float) { return f.skin * .6f; }, 2.5f, .6f);
}

void DrawBrow(Canvas& c, const Face& f, float side) {
  const float x0 = f.cx + side * f.w * (f.eye_gap + .02f);
  const float y0 = f.cy - f.h * (.04f + f.brow);
  const float half = f.w * .27f;
  c.Fill(
      {x0 - half, y0 - 12, x0 + half, y0 + 14},
      [&](float x, float y) {
        const float t = side * (x - x0) / half;  // -1 at the nose, 1 at the temple
        const float arch = y0 + 5 * t * t + t;
        return std::max(std::abs(y - arch) - (3.4f - 1.5f * t), (std::abs(t) - 1) * half);
      },
      [&](float x, float) { return Mix(f.hair, f.skin * .4f, .25f) * (.95f + .06f * std::sin(x * .8f)); }, 2.5f, .85f);
}

void DrawNose(Canvas& c, const Face& f) {
  const float tip = f.cy + f.h * .30f;
  const float half = f.w * f.nose;
  c.Fill(
      {f.cx, f.cy - f.h * .1f, f.cx + half * 2, tip},  // the shaded flank
      [&](float x, float y) {
        const float t = std::clamp((y - f.cy + f.h * .1f) / (f.h * .4f), 0.0f, 1.0f);
        return std::abs(x - f.cx - half * (.35f + .55f * t)) - 2 - 3 * t;
      },
      [&](float, float) { return f.skin * .66f; }, 9, .5f);
  c.Ellipse(f.cx - half * .15f, f.cy + f.h * .08f, half * .28f, f.h * .2f, f.skin * 1.12f, 8, .45f);
  c.Ellipse(f.cx, tip - 3, half * .6f, half * .5f, f.skin * 1.06f, 9, .55f);
  for (const float side : {-1.0f, 1.0f}) {
    c.Ellipse(f.cx + side * half * .92f, tip, half * .34f, half * .42f, f.skin * .76f, 7, .6f);
    c.Ellipse(f.cx + side * half * .5f, tip + half * .34f, half * .27f, half * .14f, f.skin * .26f, 3, .9f);
  }
  c.Ellipse(f.cx, tip + half * .62f, half * .9f, half * .2f, f.skin * .68f, 7, .5f);
}

void DrawMouth(Canvas& c, const Face& f) {
  const float y0 = f.cy + f.h * .53f;
  const float half = f.w * f.mouth;
  const Rgb lip{f.skin.r * .80f, f.skin.g * .58f, f.skin.b * .58f};
  const auto span = [&](float x) { return std::clamp(1 - std::pow(std::abs(x - f.cx) / half, 2.0f), 0.0f, 1.0f); };
  const Box box{f.cx - half - 4, y0 - 16, f.cx + half + 4, y0 + 22};
  c.Fill(
      box,  // upper lip, with its bow
      [&](float x, float y) {
        const float bow = 1.6f * std::exp(-std::pow((x - f.cx) / (half * .18f), 2.0f));
        return std::max(y0 - (6 * f.lips * std::sqrt(span(x)) - bow) - y, y - y0) + (span(x) <= 0 ? 9 : 0);
      },
      [&](float, float) { return lip * .86f; }, 2);
  c.Fill(
      box,
      [&](float x, float y) { return std::max(y0 - y, y - y0 - 7.5f * f.lips * span(x)) + (span(x) <= 0 ? 9 : 0); },
      [&](float x, float y) {
        return lip * (1.02f + .12f * std::exp(-std::pow((x - f.cx + 6) / 14, 2.0f) - std::pow((y - y0 - 5) / 3, 2.0f)));
      },
      2);
  c.Fill(
      box, [&](float x, float y) { return std::abs(y - y0 + 1.4f * (1 - span(x))) - .9f + (span(x) <= 0 ? 9 : 0); },
      [&](float, float) { return lip * .42f; }, 1.8f, .9f);
  c.Ellipse(f.cx, y0 + 20, half * .6f, 4, f.skin * .7f, 9, .5f);
}

void DrawAge(Canvas& c, const Face& f) {
  if (f.age < .25f) return;
  for (const float side : {-1.0f, 1.0f}) {  // from the nose to the corners of the mouth, and below the eyes
    c.Fill(
        {f.cx - f.w, f.cy + f.h * .28f, f.cx + f.w, f.cy + f.h * .52f},
        [&](float x, float y) {
          const float t = (y - f.cy - f.h * .28f) / (f.h * .24f);
          return std::abs(side * (x - f.cx) - f.w * (f.nose + .08f + .14f * t * t)) - .5f;
        },
        [&](float, float) { return f.skin * .62f; }, 6, .5f * f.age);
    c.Ellipse(f.cx + side * f.w * f.eye_gap, f.cy + f.h * .1f, f.w * .19f, 2.5f, f.skin * .62f, 5, .7f * f.age);
  }
  for (const float line : {.50f, .58f}) {
    c.Ellipse(f.cx, f.cy - f.h * line, f.w * .45f, 1.2f, f.skin * .72f, 3, .6f * f.age);
  }
}

// Sensor grain, which also gives the JPEG the size of a real one.
void DrawGrain(Canvas& c, SeededRandom& random) {
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; x += 4) {
      uint8_t noise[4];
      random.Fill(noise, sizeof(noise));
      for (int i = 0; i < 4; ++i) {
        const float grain = (static_cast<float>(noise[i]) - 127.5f) / 127.5f * .018f;
        c.at(x + i, y) = c.at(x + i, y) + Rgb{grain, grain, grain};
      }
    }
  }
}

}  // namespace

Portrait DrawPortrait(SeededRandom& random, char sex, int age_years) {
  const Face face = MakeFace(random, sex, age_years);
  Canvas canvas(kWidth, kHeight);
  DrawBackdrop(canvas, face);
  DrawHairBehind(canvas, face);
  DrawBody(canvas, face);
  DrawHead(canvas, face);
  DrawAge(canvas, face);
  for (const float side : {-1.0f, 1.0f}) {
    DrawEye(canvas, face, side);
    DrawBrow(canvas, face, side);
  }
  DrawNose(canvas, face);
  DrawBeard(canvas, face);
  DrawMouth(canvas, face);
  DrawHair(canvas, face);
  DrawGrain(canvas, random);
  const auto eye = [&](float side) {
    return Point{static_cast<int>(face.cx + side * face.w * face.eye_gap), static_cast<int>(face.cy - face.h * .04f)};
  };
  return {canvas.ToPicture(), eye(-1), eye(1)};
}

}  // namespace gatehouse::specimen
