// Hair and beard of a drawn face. Behind comes before the body, the others after the features.
#pragma once

#include "tools/specimen/canvas.h"
#include "tools/specimen/face.h"

namespace gatehouse::specimen {

void DrawHairBehind(Canvas& canvas, const Face& face);
void DrawBeard(Canvas& canvas, const Face& face);
void DrawHair(Canvas& canvas, const Face& face);

}  // namespace gatehouse::specimen
