// The portraits of DG2 (Doc 9303-10 section 4.7.2): facial records of ISO/IEC 19794-5 of 2005 and 2011 and of
// ISO/IEC 39794-5. Found, not decoded: each value points at the compressed picture in the caller's bytes, with the size
// its own header states, so that whoever decodes it can refuse a bomb first (image.h).
#pragma once

#include <vector>

#include "libs/base/redacted.h"
#include "libs/emrtd/lds/biometric_template.h"

namespace gatehouse::emrtd {

// A point of the face by the codes of ISO/IEC 14496-2 ("12.1", the middle of the left eye), in pixels of the picture.
struct FeaturePoint {
  int major = 0;
  int minor = 0;
  int x = 0;
  int y = 0;
};

// What the record states of the face. Words, empty when not stated: "male", "brown", "neutral".
struct FaceTraits {
  std::string_view gender, eye_colour, hair_colour, expression;
  std::optional<int> height_cm;
  std::vector<FeaturePoint> feature_points;
};

struct FaceImage : BiometricImage {
  std::string_view kind;  // "basic", "full_frontal", "token_frontal", ...; empty when not stated
  base::Redacted<FaceTraits> traits;
};

struct DataGroup2 {
  std::vector<BiometricInstance> instances;
  std::vector<FaceImage> faces;  // of all plain instances, in the order of the file
  FileFindings findings;
};

// At least one face, at most kMaxFaces, unless every instance is encrypted. INVALID_ARGUMENT names the field.
absl::StatusOr<DataGroup2> ReadDataGroup2(Bytes file);

// The faces alone; at least one.
absl::StatusOr<std::vector<FaceImage>> ReadFaces(Bytes data_group_2);

}  // namespace gatehouse::emrtd
