#include "libs/emrtd/seals/vds_nc.h"

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/seals/canonical_json.h"

namespace gatehouse::emrtd::seals {
namespace {

using nlohmann::json;
using pki::Malformed;

constexpr size_t kMaxFeatures = 4096;

absl::StatusOr<const json*> Member(const json& object, const char* name, json::value_t type) {
  const auto found = object.find(name);
  if (found == object.end()) return Malformed(name, "is missing");
  const bool number = type == json::value_t::number_unsigned && found->is_number_unsigned();
  if (found->type() != type && !number) return Malformed(name, "is of a wrong type");
  return &*found;
}

// Members that no signature covers and that the standard does not have.
void NameUnsigned(const json& object, std::initializer_list<std::string_view> known, Seal& seal) {
  for (auto at = object.begin(); at != object.end(); ++at) {
    if (std::find(known.begin(), known.end(), at.key()) == known.end()) {
      seal.findings.push_back({Defect::kTrailingBytes, "a member that is not signed"});
    }
  }
}

absl::StatusOr<std::vector<uint8_t>> ReadBase64Url(const json& text, const char* name, Seal& seal) {
  const std::string& encoded = text.get_ref<const std::string&>();
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(encoded, &bytes)) {
    if (!absl::Base64Unescape(encoded, &bytes)) return Malformed(name, "is not Base64url");
    seal.findings.push_back({Defect::kBase64Alphabet, name});
  }
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

// Bounded by the nesting limit of the reader.
void Flatten(const json& value, const std::string& path, Seal& seal) {
  if (seal.features.size() >= kMaxFeatures) return;
  if (value.is_structured()) {
    size_t index = 0;
    for (auto at = value.begin(); at != value.end(); ++at, ++index) {
      const std::string name = value.is_object() ? at.key() : absl::StrCat(index);
      Flatten(*at, path.empty() ? name : absl::StrCat(path, ".", name), seal);
    }
    return;
  }
  Feature feature{.name = path, .coding = Coding::kUtf8};
  if (value.is_number_integer()) {
    feature.coding = Coding::kNumber;
    feature.number = value.get<int64_t>();
  }
  feature.value = base::Redacted<std::string>(value.is_string() ? value.get<std::string>() : CanonicalJson(value));
  seal.features.push_back(std::move(feature));
}

absl::Status ReadData(const json& data, Seal& seal) {
  GH_ASSIGN_OR_RETURN(const json* header, Member(data, "hdr", json::value_t::object));
  GH_ASSIGN_OR_RETURN(const json* message, Member(data, "msg", json::value_t::object));
  GH_ASSIGN_OR_RETURN(const json* type, Member(*header, "t", json::value_t::string));
  GH_ASSIGN_OR_RETURN(const json* version, Member(*header, "v", json::value_t::number_unsigned));
  GH_ASSIGN_OR_RETURN(const json* state, Member(*header, "is", json::value_t::string));
  seal.feature_definition = *type;
  seal.version = static_cast<int>(std::min<uint64_t>(version->get<uint64_t>(), 1'000'000));
  std::string country = *state;
  while (!country.empty() && (country.back() == '<' || country.back() == ' ')) country.pop_back();
  seal.issuing_country = std::move(country);
  seal.document_type = seal.feature_definition == "icao.test"   ? "proof_of_testing"
                       : seal.feature_definition == "icao.vacc" ? "proof_of_vaccination"
                                                                : "";
  if (seal.document_type.empty()) seal.findings.push_back({Defect::kDefinitionUnknown, seal.feature_definition});
  Flatten(*message, "", seal);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Seal> ReadVdsNc(std::string_view text) {
  if (text.size() > kMaxVdsNcBytes) return Malformed("seal", "is longer than the limit");
  GH_ASSIGN_OR_RETURN(const json root, ReadStrictJson(text));
  if (!root.is_object()) return Malformed("seal", "is no JSON object");
  Seal seal{.kind = Kind::kVdsNc};
  GH_ASSIGN_OR_RETURN(const json* data, Member(root, "data", json::value_t::object));
  GH_ASSIGN_OR_RETURN(const json* signature, Member(root, "sig", json::value_t::object));
  GH_RETURN_IF_ERROR(ReadData(*data, seal));
  NameUnsigned(root, {"data", "sig"}, seal);
  NameUnsigned(*signature, {"alg", "cer", "sigvl"}, seal);
  GH_ASSIGN_OR_RETURN(const json* algorithm, Member(*signature, "alg", json::value_t::string));
  GH_ASSIGN_OR_RETURN(const json* certificate, Member(*signature, "cer", json::value_t::string));
  GH_ASSIGN_OR_RETURN(const json* value, Member(*signature, "sigvl", json::value_t::string));
  if (*algorithm == "ES256") {
    seal.digest = pki::Digest::kSha256;
  } else if (*algorithm == "ES384") {
    seal.digest = pki::Digest::kSha384;
  } else if (*algorithm == "ES512") {
    seal.digest = pki::Digest::kSha512;
  } else {
    return Malformed("alg", "is none of ES256, ES384, ES512");
  }
  GH_ASSIGN_OR_RETURN(seal.signer.certificate, ReadBase64Url(*certificate, "cer", seal));
  GH_ASSIGN_OR_RETURN(seal.signature, ReadBase64Url(*value, "sigvl", seal));
  const std::string canonical = CanonicalJson(*data);
  seal.signed_bytes.assign(canonical.begin(), canonical.end());
  return seal;
}

}  // namespace gatehouse::emrtd::seals
