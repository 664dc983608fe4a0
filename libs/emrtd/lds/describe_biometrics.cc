#include "absl/time/civil_time.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/describe_parts.h"
#include "libs/emrtd/lds/face.h"
#include "libs/emrtd/lds/finger.h"
#include "libs/emrtd/lds/iris.h"

namespace gatehouse::emrtd {
namespace {

std::string TimeText(const absl::CivilSecond& time) { return absl::FormatCivilTime(time); }

void AddInstances(const std::vector<BiometricInstance>& instances, FieldWriter& fields) {
  fields.AddNumber("instances", static_cast<int64_t>(instances.size()));
  for (size_t i = 0; i < instances.size(); ++i) {
    const BiometricInstance& instance = instances[i];
    const std::string prefix = Numbered("instance", i);
    fields.AddWord(prefix + "_state", ToWord(instance.state));
    if (instance.subtype) fields.AddWord(prefix + "_subtype", SubtypeWord(*instance.subtype));
    if (instance.format_owner) fields.Add(prefix + "_format_owner", absl::StrCat(absl::Hex(*instance.format_owner)));
    if (instance.format_type) fields.Add(prefix + "_format_type", absl::StrCat(absl::Hex(*instance.format_type)));
    if (instance.created) fields.Add(prefix + "_created", TimeText(*instance.created));
    if (instance.valid_from) fields.Add(prefix + "_valid_from", absl::FormatCivilTime(*instance.valid_from));
    if (instance.valid_until) fields.Add(prefix + "_valid_until", absl::FormatCivilTime(*instance.valid_until));
    if (instance.state == InstanceState::kEncrypted) {
      fields.description().content = FileContent::kOpaque;
      fields.description().reason = "holds encrypted templates";
    }
  }
}

void AddImage(const std::string& prefix, const BiometricImage& image, FieldWriter& fields) {
  fields.AddWord(prefix + "_record", ToWord(image.record));
  if (image.stated_width > 0) {
    fields.Add(prefix + "_stated_size", absl::StrCat(image.stated_width, " x ", image.stated_height));
  }
  if (image.quality) fields.AddNumber(prefix + "_quality", *image.quality);
  if (image.captured) fields.Add(prefix + "_captured", TimeText(*image.captured));
  fields.AddPicture(prefix, image);
}

absl::Status DescribeFaces(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const DataGroup2 group, ReadDataGroup2(file));
  AddInstances(group.instances, fields);
  for (size_t i = 0; i < group.faces.size(); ++i) {
    const FaceImage& face = group.faces[i];
    const FaceTraits& traits = face.traits.Reveal();
    const std::string prefix = Numbered("face", i);
    fields.AddWord(prefix + "_kind", face.kind);
    fields.AddPersonal(prefix + "_gender", traits.gender);
    fields.AddPersonal(prefix + "_eye_colour", traits.eye_colour);
    fields.AddPersonal(prefix + "_hair_colour", traits.hair_colour);
    fields.AddPersonal(prefix + "_expression", traits.expression);
    if (traits.height_cm) fields.AddPersonal(prefix + "_height_cm", absl::StrCat(*traits.height_cm));
    fields.AddNumber(prefix + "_feature_points", static_cast<int64_t>(traits.feature_points.size()));
    AddImage(prefix, face, fields);
  }
  fields.AddFindings(group.findings);
  return absl::OkStatus();
}

absl::Status DescribeFingers(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const DataGroup3 group, ReadDataGroup3(file));
  AddInstances(group.instances, fields);
  for (size_t i = 0; i < group.fingers.size(); ++i) {
    const FingerImage& finger = group.fingers[i];
    const std::string prefix = Numbered("finger", i);
    fields.AddWord(prefix + "_position", finger.position);
    fields.AddWord(prefix + "_impression", finger.impression);
    if (finger.image_ppi > 0) fields.AddNumber(prefix + "_ppi", finger.image_ppi);
    AddImage(prefix, finger, fields);
  }
  fields.AddFindings(group.findings);
  return absl::OkStatus();
}

absl::Status DescribeIrises(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const DataGroup4 group, ReadDataGroup4(file));
  AddInstances(group.instances, fields);
  for (size_t i = 0; i < group.irises.size(); ++i) {
    const std::string prefix = Numbered("iris", i);
    fields.AddWord(prefix + "_eye", group.irises[i].eye);
    AddImage(prefix, group.irises[i], fields);
  }
  fields.AddFindings(group.findings);
  return absl::OkStatus();
}

}  // namespace

absl::Status DescribeBiometrics(int data_group, Bytes file, FieldWriter& fields) {
  if (data_group == 2) return DescribeFaces(file, fields);
  if (data_group == 3) return DescribeFingers(file, fields);
  return DescribeIrises(file, fields);
}

}  // namespace gatehouse::emrtd
