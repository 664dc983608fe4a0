#include "tools/specimen/canvas.h"

namespace gatehouse::specimen {

void Canvas::Ellipse(float cx, float cy, float rx, float ry, Rgb colour, float softness, float opacity) {
  Fill(
      {cx - rx, cy - ry, cx + rx, cy + ry}, [=](float x, float y) { return EllipseDistance(x, y, cx, cy, rx, ry); },
      [=](float, float) { return colour; }, softness, opacity);
}

Picture Canvas::ToPicture() const {
  Picture picture{width_, height_, {}};
  picture.rgb.reserve(pixels_.size() * 3);
  for (const Rgb& pixel : pixels_) {
    for (const float channel : {pixel.r, pixel.g, pixel.b}) {
      picture.rgb.push_back(static_cast<uint8_t>(std::clamp(channel, 0.0f, 1.0f) * 255 + 0.5f));
    }
  }
  return picture;
}

}  // namespace gatehouse::specimen
