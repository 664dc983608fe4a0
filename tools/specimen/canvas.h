// A small drawing surface: shapes are signed distances in pixels (negative inside), so every edge is anti-aliased or
// as soft as asked; colours may depend on the place.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "tools/specimen/jpeg.h"

namespace gatehouse::specimen {

struct Rgb {
  float r = 0;  // 0..1
  float g = 0;
  float b = 0;

  friend Rgb operator*(Rgb c, float k) { return {c.r * k, c.g * k, c.b * k}; }
  friend Rgb operator+(Rgb a, Rgb b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
};

inline Rgb Mix(Rgb a, Rgb b, float t) { return a * (1 - t) + b * t; }

struct Box {
  float left, top, right, bottom;
};

class Canvas {
 public:
  Canvas(int width, int height)
      : width_(width), height_(height), pixels_(static_cast<size_t>(width) * static_cast<size_t>(height)) {}

  int width() const { return width_; }
  int height() const { return height_; }
  Rgb& at(int x, int y) {
    return pixels_[static_cast<size_t>(y) * static_cast<size_t>(width_) + static_cast<size_t>(x)];
  }

  // Lays `colour(x, y)` where `distance(x, y)` is negative, blending over `softness` pixels and with `opacity`.
  // Only the pixels of `box` are looked at.
  template <typename Distance, typename Colour>
  void Fill(Box box, Distance distance, Colour colour, float softness = 1, float opacity = 1) {
    const int x1 = std::min(width_ - 1, static_cast<int>(box.right + softness + 1));
    const int y1 = std::min(height_ - 1, static_cast<int>(box.bottom + softness + 1));
    for (int y = std::max(0, static_cast<int>(box.top - softness)); y <= y1; ++y) {
      for (int x = std::max(0, static_cast<int>(box.left - softness)); x <= x1; ++x) {
        const float fx = static_cast<float>(x);
        const float fy = static_cast<float>(y);
        const float cover = std::clamp(0.5f - distance(fx, fy) / softness, 0.0f, 1.0f) * opacity;
        if (cover > 0) at(x, y) = Mix(at(x, y), colour(fx, fy), cover);
      }
    }
  }

  void Ellipse(float cx, float cy, float rx, float ry, Rgb colour, float softness = 1, float opacity = 1);

  Picture ToPicture() const;

 private:
  int width_;
  int height_;
  std::vector<Rgb> pixels_;
};

// The distance to an ellipse, exact on the edge and near enough about it.
inline float EllipseDistance(float x, float y, float cx, float cy, float rx, float ry) {
  const float u = (x - cx) / rx;
  const float v = (y - cy) / ry;
  return (std::sqrt(u * u + v * v) - 1) * std::min(rx, ry);
}

}  // namespace gatehouse::specimen
