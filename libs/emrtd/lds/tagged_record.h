// Biometric data blocks of ISO/IEC 39794 in their tagged binary encoding (DER of ASN.1 with automatic tags): face
// (part 5), finger (part 4) and iris images (part 6). ICAO wants them read from 2026 on. Internal to libs/emrtd/lds.
#pragma once

#include "libs/emrtd/lds/face.h"
#include "libs/emrtd/lds/finger.h"
#include "libs/emrtd/lds/iris.h"

namespace gatehouse::emrtd {

// Add the images of `block`, the contents of a 7F2E (or 5F2E), with the element [APPLICATION 4, 5 or 6] in it, alone or
// inside one context tag, as Doc 9303-10 has it. UNIMPLEMENTED for a block that is of neither standard.
absl::Status ReadTaggedFaces(Bytes block, std::vector<FaceImage>& faces);
absl::Status ReadTaggedFingers(Bytes block, std::vector<FingerImage>& fingers);
absl::Status ReadTaggedIrises(Bytes block, std::vector<IrisImage>& irises);

}  // namespace gatehouse::emrtd
