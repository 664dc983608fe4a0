#include "libs/emrtd/access/general_authenticate.h"

#include "libs/base/status_macros.h"

namespace gatehouse::emrtd::access {
namespace {

constexpr uint32_t kDynamicAuthenticationData = 0x7C;
constexpr std::string_view kField = "dynamic authentication data";

}  // namespace

std::optional<Bytes> DynamicData::Find(uint32_t tag) const {
  for (const DynamicObject& object : objects) {
    if (object.tag == tag) return Bytes(object.value);
  }
  return std::nullopt;
}

Octets Encode(const DynamicData& data) {
  Octets contents;
  for (const DynamicObject& object : data.objects) Append(contents, EncodeTlv(object.tag, object.value));
  return EncodeTlv(kDynamicAuthenticationData, contents);
}

absl::StatusOr<DynamicData> DecodeDynamicData(Bytes encoded) {
  GH_ASSIGN_OR_RETURN(const pki::Tlv outer,
                      pki::ReadOnly(encoded, kDynamicAuthenticationData, pki::Rules::kBer, kField));
  DynamicData data;
  pki::TlvReader reader(outer.value, pki::Rules::kBer);
  while (!reader.at_end()) {
    if (data.objects.size() == kMaxDynamicObjects) return pki::Malformed(kField, "has too many objects");
    GH_ASSIGN_OR_RETURN(const pki::Tlv object, reader.Next(kField));
    data.objects.push_back({object.tag, Copy(object.value)});
  }
  return data;
}

absl::StatusOr<DynamicData> GeneralAuthenticate(Channel& channel, const GeneralAuthenticateStep& step,
                                                std::string_view what) {
  const Command command{.cla = step.last ? uint8_t{0} : kClaChaining,
                        .ins = ins::kGeneralAuthenticate,
                        .data = Encode(step.data),
                        .expected = step.long_answer ? kMaxExtendedExpected : kMaxShortExpected};
  GH_ASSIGN_OR_RETURN(const Octets answer, SendExpectingSuccess(channel, command, what));
  if (answer.empty()) return DynamicData();
  return DecodeDynamicData(answer);
}

}  // namespace gatehouse::emrtd::access
