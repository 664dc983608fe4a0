#include "services/document/presented_convert.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/mrz/transliterate.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/values.h"
#include "services/document/convert.h"

namespace gatehouse::document {
namespace {

absl::Status TooMany(const char* field, int most) { return rpc::InvalidField(field, absl::StrCat("more than ", most)); }

std::optional<emrtd::AccessProtocol> ProtocolFromProto(v1::AccessProtocol protocol) {
  switch (protocol) {
    case v1::ACCESS_PROTOCOL_BASIC_ACCESS_CONTROL:
      return emrtd::AccessProtocol::kBasicAccessControl;
    case v1::ACCESS_PROTOCOL_PACE:
      return emrtd::AccessProtocol::kPace;
    case v1::ACCESS_PROTOCOL_PACE_CHIP_AUTHENTICATION_MAPPING:
      return emrtd::AccessProtocol::kPaceChipAuthenticationMapping;
    case v1::ACCESS_PROTOCOL_CHIP_AUTHENTICATION:
      return emrtd::AccessProtocol::kChipAuthentication;
    case v1::ACCESS_PROTOCOL_TERMINAL_AUTHENTICATION:
      return emrtd::AccessProtocol::kTerminalAuthentication;
    default:
      return std::nullopt;
  }
}

absl::Status AccessFromProto(const v1::DocumentInput& input, Presented& presented) {
  if (input.access_size() > kMaxAccessOutcomes) return TooMany("document.access", kMaxAccessOutcomes);
  for (const v1::AccessOutcome& outcome : input.access()) {
    const auto protocol = ProtocolFromProto(outcome.protocol());
    const auto state = StateFromProto(outcome.state());
    if (!protocol) return rpc::InvalidField("document.access.protocol", "unknown or unspecified");
    if (!state) return rpc::InvalidField("document.access.state", "unknown or unspecified");
    if (outcome.chip_public_key().size() > kMaxSmallFieldBytes || outcome.detail().size() > kMaxSmallFieldBytes ||
        outcome.algorithm().size() > kMaxSmallFieldBytes) {
      return rpc::InvalidField("document.access", absl::StrCat("a field is over ", kMaxSmallFieldBytes, " bytes"));
    }
    presented.access.push_back({.protocol = *protocol,
                                .state = *state,
                                .algorithm = outcome.algorithm(),
                                .detail = outcome.detail(),
                                .chip_public_key = pki::AsBytes(outcome.chip_public_key())});
  }
  if (!input.has_active_authentication()) return absl::OkStatus();
  const v1::ActiveAuthenticationAnswer& answer = input.active_authentication();
  constexpr char kField[] = "document.active_authentication";
  if (answer.challenge_id().empty() && answer.challenge().empty()) {
    return rpc::InvalidField(kField, "give challenge_id or challenge");
  }
  if (answer.challenge().size() > kMaxChallengeBytes || answer.response().size() > kMaxSmallFieldBytes) {
    return rpc::InvalidField(kField, "too long");
  }
  presented.active_authentication = emrtd::ActiveAuthenticationAnswer{
      .origin = answer.challenge_id().empty() ? emrtd::ChallengeOrigin::kReader : emrtd::ChallengeOrigin::kNotKnown,
      .challenge = pki::AsBytes(answer.challenge()),
      .response = pki::AsBytes(answer.response())};
  return absl::OkStatus();
}

mrz::Sex SexFromProto(gatehouse::type::v1::Sex sex) {
  switch (sex) {
    case gatehouse::type::v1::SEX_FEMALE:
      return mrz::Sex::kFemale;
    case gatehouse::type::v1::SEX_MALE:
      return mrz::Sex::kMale;
    case gatehouse::type::v1::SEX_X:
      return mrz::Sex::kX;
    default:
      return mrz::Sex::kUnspecified;
  }
}

absl::StatusOr<VisualZone> VisualZoneFromProto(const v1::VisualZone& zone) {
  const gatehouse::type::v1::Identity& identity = zone.identity();
  VisualZone read{.document_number = identity.document().number(),
                  .issuing_state = identity.document().issuer(),
                  .nationality = identity.nationality(),
                  .primary_identifier = identity.name().primary(),
                  .secondary_identifier = identity.name().secondary(),
                  .sex = SexFromProto(identity.sex())};
  for (const std::string* text : {&read.document_number, &read.issuing_state, &read.nationality,
                                  &read.primary_identifier, &read.secondary_identifier}) {
    if (text->size() > mrz::kMaxNameBytes) {
      return rpc::InvalidField("document.visual_zone", absl::StrCat("a field is over ", mrz::kMaxNameBytes, " bytes"));
    }
  }
  GH_ASSIGN_OR_RETURN(read.birth_date, rpc::ReadDate(identity.birth_date(), "document.visual_zone.birth_date"));
  GH_ASSIGN_OR_RETURN(read.expiry_date, rpc::ReadDate(identity.expiry_date(), "document.visual_zone.expiry_date"));
  GH_ASSIGN_OR_RETURN(read.issue_date, rpc::ReadDate(zone.issue_date(), "document.visual_zone.issue_date"));
  return read;
}

}  // namespace

absl::StatusOr<Presented> FromProto(const v1::DocumentInput& input) {
  if (input.mrz().size() > kMaxMrzBytes) {
    return rpc::InvalidField("document.mrz", absl::StrCat("longer than ", kMaxMrzBytes, " bytes"));
  }
  if (input.chip_files_size() > kMaxChipFiles) {
    return rpc::InvalidField("document.chip_files", absl::StrCat("more than ", kMaxChipFiles, " files"));
  }
  Presented presented;
  presented.mrz = input.mrz();
  for (const v1::ChipFile& file : input.chip_files()) presented.chip_files.push_back({file.name(), file.content()});
  GH_RETURN_IF_ERROR(AccessFromProto(input, presented));
  if (input.seals_size() > kMaxSeals) return TooMany("document.seals", kMaxSeals);
  for (const std::string& seal : input.seals()) presented.seals.push_back(seal);
  if (input.has_visual_zone()) {
    GH_ASSIGN_OR_RETURN(presented.visual_zone, VisualZoneFromProto(input.visual_zone()));
  }
  if (input.visa_mrz().size() > kMaxMrzBytes) {
    return rpc::InvalidField("document.visa_mrz", absl::StrCat("longer than ", kMaxMrzBytes, " bytes"));
  }
  presented.visa_mrz = input.visa_mrz();
  return presented;
}

void FindChallenge(const v1::VerifyRequest& request, Challenges& challenges, Presented& presented,
                   std::string& octets) {
  const std::string& id = request.document().active_authentication().challenge_id();
  if (!presented.active_authentication || id.empty()) return;
  emrtd::ActiveAuthenticationAnswer& answer = *presented.active_authentication;
  if (request.replay()) {
    if (!answer.challenge.empty()) answer.origin = emrtd::ChallengeOrigin::kIssued;
    return;
  }
  absl::StatusOr<std::optional<std::string>> taken = challenges.Consume(id);
  if (!taken.ok() || !*taken) return;
  octets = **std::move(taken);
  answer.origin = emrtd::ChallengeOrigin::kIssued;
  answer.challenge = pki::AsBytes(octets);
}

void AddDigests(const v1::DocumentInput& input, std::string_view challenge, v1::DocumentReport* report) {
  const auto add = [&](const std::string& name, std::string_view content) {
    if (content.empty()) return;
    v1::PresentedFile* item = report->add_presented();
    item->set_name(name);
    item->set_size(static_cast<int64_t>(content.size()));
    item->set_sha256(pki::ToHex(pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes(content)).bytes()));
  };
  add("mrz", input.mrz());
  for (const v1::ChipFile& file : input.chip_files()) add(file.name(), file.content());
  for (int i = 0; i < input.seals_size(); ++i) add(absl::StrCat("seal_", i + 1), input.seals(i));
  add("visa_mrz", input.visa_mrz());
  // Neither message has a map, so that equal ones have equal bytes.
  if (input.has_visual_zone()) add("visual_zone", input.visual_zone().SerializeAsString());
  for (int i = 0; i < input.access_size(); ++i)
    add(absl::StrCat("access_", i + 1), input.access(i).SerializeAsString());
  if (input.has_active_authentication()) {
    add("active_authentication_challenge", challenge);
    add("active_authentication_response", input.active_authentication().response());
  }
}

}  // namespace gatehouse::document
