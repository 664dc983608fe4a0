#include "services/document/convert.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/mrz/dates.h"
#include "libs/mrz/repair.h"
#include "libs/rpc/values.h"

namespace gatehouse::document {
namespace {

using emrtd::Tr03135State;

// Where nothing was imported there is no time to tell.
void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  if (time != absl::InfinitePast() && time != absl::InfiniteFuture()) *out = rpc::WriteTime(time);
}

gatehouse::type::v1::Sex SexToProto(mrz::Sex sex) {
  switch (sex) {
    case mrz::Sex::kFemale:
      return gatehouse::type::v1::SEX_FEMALE;
    case mrz::Sex::kMale:
      return gatehouse::type::v1::SEX_MALE;
    case mrz::Sex::kX:
      return gatehouse::type::v1::SEX_X;
    case mrz::Sex::kUnspecified:
      break;
  }
  return gatehouse::type::v1::SEX_UNSPECIFIED;
}

v1::CheckDigitState CheckDigit(mrz::CheckState state) {
  switch (state) {
    case mrz::CheckState::kValid:
      return v1::CHECK_DIGIT_STATE_VALID;
    case mrz::CheckState::kInvalid:
      return v1::CHECK_DIGIT_STATE_INVALID;
    case mrz::CheckState::kAbsent:
      break;
  }
  return v1::CHECK_DIGIT_STATE_ABSENT;
}

v1::MrzFormat FormatToProto(mrz::Format format) {
  switch (format) {
    case mrz::Format::kTd1:
      return v1::MRZ_FORMAT_TD1;
    case mrz::Format::kTd2:
      return v1::MRZ_FORMAT_TD2;
    case mrz::Format::kTd3:
      return v1::MRZ_FORMAT_TD3;
    case mrz::Format::kMrvA:
      return v1::MRZ_FORMAT_MRV_A;
    case mrz::Format::kMrvB:
      return v1::MRZ_FORMAT_MRV_B;
    case mrz::Format::kUnknown:
      break;
  }
  return v1::MRZ_FORMAT_UNKNOWN;
}

v1::Overall OverallToProto(emrtd::Overall overall) {
  switch (overall) {
    case emrtd::Overall::kValid:
      return v1::OVERALL_VALID;
    case emrtd::Overall::kValidWithDefect:
      return v1::OVERALL_VALID_WITH_DEFECT;
    case emrtd::Overall::kValidWithWarning:
      return v1::OVERALL_VALID_WITH_WARNING;
    case emrtd::Overall::kValidExpiredChain:
      return v1::OVERALL_VALID_EXPIRED_CHAIN;
    case emrtd::Overall::kInvalid:
      return v1::OVERALL_INVALID;
    case emrtd::Overall::kUndetermined:
      break;
  }
  return v1::OVERALL_UNDETERMINED;
}

v1::CheckState StateToProto(Tr03135State state) {
  switch (state) {
    case Tr03135State::kSuccessful:
      return v1::CHECK_STATE_SUCCESSFUL;
    case Tr03135State::kFailed:
      return v1::CHECK_STATE_FAILED;
    case Tr03135State::kNotSupported:
      return v1::CHECK_STATE_NOT_SUPPORTED;
    case Tr03135State::kAborted:
      return v1::CHECK_STATE_ABORTED;
    case Tr03135State::kUndetermined:
      break;
  }
  return v1::CHECK_STATE_UNDETERMINED;
}

v1::CheckGroup GroupToProto(emrtd::CheckGroup group) {
  switch (group) {
    case emrtd::CheckGroup::kOptical:
      return v1::CHECK_GROUP_OPTICAL;
    case emrtd::CheckGroup::kAccess:
      return v1::CHECK_GROUP_ACCESS;
    case emrtd::CheckGroup::kChipAuthenticity:
      return v1::CHECK_GROUP_CHIP_AUTHENTICITY;
    case emrtd::CheckGroup::kPassiveAuthentication:
      return v1::CHECK_GROUP_PASSIVE_AUTHENTICATION;
    case emrtd::CheckGroup::kCombined:
      return v1::CHECK_GROUP_COMBINED;
    case emrtd::CheckGroup::kSeal:
      return v1::CHECK_GROUP_SEAL;
    case emrtd::CheckGroup::kHistory:
      break;
  }
  return v1::CHECK_GROUP_HISTORY;
}

std::string Hex(const pki::DigestValue& digest) { return pki::ToHex(digest.bytes()); }

// What the checks rest on, written into the report once and referred to by number: several checks rest on the same
// signer, authority and lists.
class References {
 public:
  explicit References(v1::DocumentReport& report) : report_(report) {}

  int NumberOf(const emrtd::CertificateReference& reference) {
    for (size_t i = 0; i < certificates_.size(); ++i) {
      if (certificates_[i]->certificate == reference.certificate && certificates_[i]->role == reference.role) return i;
    }
    v1::CertificateReference* item = report_.add_certificates();
    item->set_role(std::string(reference.role));
    item->set_sha256(Hex(reference.certificate->fingerprint));
    item->set_subject(reference.certificate->subject.text());
    item->set_serial(reference.certificate->serial_text());
    certificates_.push_back(&reference);
    return certificates_.size() - 1;
  }

  int NumberOf(const emrtd::ListReference& list) {
    for (size_t i = 0; i < lists_.size(); ++i) {
      if (lists_[i]->kind == list.kind && lists_[i]->version == list.version && lists_[i]->issuer == list.issuer) {
        return i;
      }
    }
    v1::ListReference* item = report_.add_lists();
    item->set_kind(std::string(list.kind));
    item->set_issuer(list.issuer);
    item->set_version(list.version);
    if (list.this_update) SetTime(*list.this_update, item->mutable_this_update());
    if (list.next_update) SetTime(*list.next_update, item->mutable_next_update());
    lists_.push_back(&list);
    return lists_.size() - 1;
  }

 private:
  v1::DocumentReport& report_;
  // In the order of the report's; they point into the checks.
  std::vector<const emrtd::CertificateReference*> certificates_;
  std::vector<const emrtd::ListReference*> lists_;
};

bool IsEmpty(const emrtd::CheckEvidence& evidence) {
  return evidence.rule.empty() && evidence.certificates.empty() && evidence.lists.empty() &&
         evidence.deviations.empty() && evidence.facts.empty();
}

void EvidenceToProto(emrtd::CheckEvidence& evidence, References& references, v1::CheckEvidence* out) {
  out->set_rule(std::string(evidence.rule));
  for (const emrtd::CertificateReference& reference : evidence.certificates) {
    out->add_certificates(references.NumberOf(reference));
  }
  for (const emrtd::ListReference& list : evidence.lists) out->add_lists(references.NumberOf(list));
  for (std::string& deviation : evidence.deviations) out->add_deviations(std::move(deviation));
  for (emrtd::Fact& fact : evidence.facts) {
    v1::Fact* item = out->add_facts();
    item->set_name(std::move(fact.name));
    item->set_value(std::move(fact.value));
  }
}

void ChecksToProto(Report& report, v1::DocumentReport* out) {
  References references(*out);
  out->mutable_tr03135()->Reserve(static_cast<int>(report.checks.size()));
  for (size_t i = 0; i < report.checks.size(); ++i) {
    emrtd::Tr03135Check& check = report.checks[i];
    Judgement& judgement = report.verdict.judgements[i];
    v1::Tr03135Check* item = out->add_tr03135();
    item->set_id(std::move(check.id));
    item->set_state(StateToProto(check.state));
    item->set_detail(std::move(check.detail));
    item->set_group(GroupToProto(check.group));
    if (!IsEmpty(check.evidence)) EvidenceToProto(check.evidence, references, item->mutable_evidence());
    item->set_judged(StateToProto(judgement.judged));
    item->set_policy_rule(std::move(judgement.policy_rule));
    item->set_counts(judgement.counts);
  }
}

void SealToProto(const SealFinding& finding, v1::SealResult* out) {
  if (!finding.seal) {
    out->set_kind("unknown");
    return;
  }
  const emrtd::seals::Seal& seal = *finding.seal;
  out->set_kind(std::string(emrtd::seals::ToWord(seal.kind)));
  out->set_issuing_country(seal.issuing_country);
  out->set_feature_definition(seal.feature_definition);
  out->set_issue_date(seal.issue_date.text());
  out->set_signature_date(seal.signature_date.text());
  for (const emrtd::seals::Feature& feature : seal.features) {
    v1::SealFeature* item = out->add_features();
    item->set_tag(absl::StrCat(absl::Hex(feature.tag, absl::kZeroPad2)));
    item->set_name(feature.name);
    item->set_value(feature.value.Reveal());
  }
}

void SeenToProto(const SeenBefore& seen, v1::SeenBefore* out) {
  out->set_kind(std::string(ToWord(seen.likeness)));
  SetTime(seen.time, out->mutable_time());
  out->set_post(seen.post);
  out->set_by(seen.by);
  out->set_count(seen.count);
}

void NoticeToProto(const NoticeMatch& match, v1::NoticeMatch* out) {
  out->set_id(match.notice->id);
  out->set_kind(std::string(ToWord(match.notice->kind)));
  out->set_look_here(match.notice->look_here);
  for (const std::string& word : match.matched_by) out->add_matched_by(word);
  out->set_source(match.notice->source);
}

void VerdictToProto(Verdict& verdict, v1::Verdict* out) {
  out->set_state(StateToProto(verdict.state));
  out->set_text(std::move(verdict.text));
  out->set_policy_name(std::move(verdict.policy_name));
  out->set_policy_version(std::move(verdict.policy_version));
  for (std::string& id : verdict.decided_by) out->add_decided_by(std::move(id));
  for (std::string& id : verdict.not_looked_at) out->add_not_looked_at(std::move(id));
  out->set_process_state(verdict.state == Tr03135State::kAborted ? "aborted" : "terminated");
}

void ChipToProto(const emrtd::PassiveAuthenticationReport& chip, v1::DocumentReport* out) {
  out->set_overall(OverallToProto(chip.overall));
  v1::PassiveAuthenticationChecks* checks = out->mutable_checks();
  checks->set_sod_signature(std::string(emrtd::ToWord(chip.sod_signature)));
  checks->set_dsc_signature(std::string(emrtd::ToWord(chip.dsc_signature)));
  checks->set_chain(std::string(emrtd::ToWord(chip.chain)));
  checks->set_dsc_validity_at_check(std::string(emrtd::ToWord(chip.dsc_validity_at_check)));
  checks->set_csca_validity_at_check(std::string(emrtd::ToWord(chip.csca_validity_at_check)));
  checks->set_dsc_validity_at_signing(std::string(emrtd::ToWord(chip.dsc_validity_at_signing)));
  checks->set_revocation(std::string(emrtd::ToWord(chip.revocation)));
  checks->set_country_match(std::string(emrtd::ToWord(chip.country_match)));
  for (const emrtd::DataGroupResult& group : chip.data_groups) {
    v1::DataGroupResult* item = out->add_data_groups();
    item->set_number(group.number);
    item->set_state(std::string(emrtd::ToWord(group.state)));
  }
  for (const emrtd::Finding& finding : chip.findings) out->add_defects(std::string(emrtd::ToWord(finding.defect)));
  if (chip.signer != nullptr) {
    out->set_document_signer(absl::StrCat(chip.signer->subject.text(), " serial ", chip.signer->serial_text()));
  }
  if (chip.authority != nullptr) {
    out->set_anchor(absl::StrCat(chip.authority->subject.text(), " serial ", chip.authority->serial_text()));
  }
  out->set_trust_version(chip.trust_store_version);
}

void IdentityToProto(Identity& identity, gatehouse::type::v1::Identity* out) {
  out->mutable_name()->set_primary(std::move(identity.primary_identifier));
  out->mutable_name()->set_secondary(std::move(identity.secondary_identifier));
  out->mutable_name()->set_mrz_name(std::move(identity.mrz_name));
  *out->mutable_birth_date() = rpc::WriteDate(identity.birth_date);
  *out->mutable_expiry_date() = rpc::WriteDate(identity.expiry_date);
  out->set_sex(SexToProto(identity.sex));
  out->set_nationality(std::move(identity.nationality));
  out->mutable_document()->set_number(std::move(identity.document_number));
  out->mutable_document()->set_issuer(std::move(identity.issuing_state));
  out->mutable_document()->set_type(std::move(identity.document_code));
}

void FieldsToProto(const mrz::ParsedMrz& zone, absl::Time check_time, v1::MrzFields* fields) {
  const absl::CivilDay today = absl::ToCivilDay(check_time, absl::UTCTimeZone());
  const mrz::DateReading birth = mrz::ReadBirthDate(zone.birth_date(), today);
  const mrz::DateReading expiry = mrz::ReadExpiryDate(zone.expiry_date(), today, birth.date);
  fields->set_document_code(std::string(zone.document_code()));
  fields->set_issuing_state(std::string(zone.issuing_state()));
  fields->set_document_number(std::string(zone.document_number()));
  fields->set_nationality(std::string(zone.nationality()));
  *fields->mutable_birth_date() = rpc::WriteDate(birth.date);
  if (birth.other) *fields->mutable_birth_date_other() = rpc::WriteDate(*birth.other);
  fields->set_birth_date_raw(std::string(zone.birth_date()));
  fields->set_sex(SexToProto(zone.sex()));
  *fields->mutable_expiry_date() = rpc::WriteDate(expiry.date);
  if (expiry.other) *fields->mutable_expiry_date_other() = rpc::WriteDate(*expiry.other);
  fields->set_expiry_date_raw(std::string(zone.expiry_date()));
  fields->set_primary_identifier(zone.primary_identifier());
  fields->set_secondary_identifier(zone.secondary_identifier());
  fields->set_optional_data_1(std::string(zone.optional_data_1()));
  fields->set_optional_data_2(std::string(zone.optional_data_2()));
  fields->set_name_truncated(zone.name_truncated());
  fields->set_name_raw(std::string(zone.name()));
}

void RepairToProto(const mrz::Repair& repair, absl::Time check_time, v1::MrzRepair* out) {
  const mrz::ParsedMrz zone = mrz::Parse(repair.text);
  const int line_size = mrz::LayoutOf(zone.format())->line_size;
  for (const mrz::Swap& swap : repair.swaps) {
    v1::MrzSwap* item = out->add_swaps();
    item->set_line(swap.position / line_size + 1);
    item->set_position(swap.position % line_size + 1);
    item->set_from(std::string(1, swap.from));
    item->set_to(std::string(1, swap.to));
  }
  for (int i = 0; i < zone.line_count(); ++i) out->add_lines(std::string(zone.line(i)));
  FieldsToProto(zone, check_time, out->mutable_fields());
}

}  // namespace

std::optional<Tr03135State> StateFromProto(v1::CheckState state) {
  switch (state) {
    case v1::CHECK_STATE_SUCCESSFUL:
      return Tr03135State::kSuccessful;
    case v1::CHECK_STATE_FAILED:
      return Tr03135State::kFailed;
    case v1::CHECK_STATE_UNDETERMINED:
      return Tr03135State::kUndetermined;
    case v1::CHECK_STATE_NOT_SUPPORTED:
      return Tr03135State::kNotSupported;
    case v1::CHECK_STATE_ABORTED:
      return Tr03135State::kAborted;
    default:
      return std::nullopt;
  }
}

void ToProto(const mrz::ParsedMrz& zone, absl::Time check_time, v1::Mrz* out) {
  out->set_format(FormatToProto(zone.format()));
  out->set_valid(zone.valid());
  const mrz::CheckDigits& digits = zone.check_digits();
  out->mutable_check_digits()->set_number(CheckDigit(digits.number));
  out->mutable_check_digits()->set_birth_date(CheckDigit(digits.birth_date));
  out->mutable_check_digits()->set_expiry(CheckDigit(digits.expiry));
  out->mutable_check_digits()->set_optional(CheckDigit(digits.optional));
  out->mutable_check_digits()->set_composite(CheckDigit(digits.composite));
  FieldsToProto(zone, check_time, out->mutable_fields());
  for (int i = 0; i < zone.line_count(); ++i) out->add_lines(std::string(zone.line(i)));
  if (const auto repair = mrz::FindRepair(zone)) RepairToProto(*repair, check_time, out->mutable_repair());
  for (const mrz::Defect defect : zone.defects().List()) {
    out->add_defects(std::string(mrz::DefectName(defect)));
    out->add_reasons(std::string(mrz::Describe(defect).reason));
  }
}

void ToProto(Report report, absl::Time check_time, v1::DocumentReport* out) {
  if (report.has_chip) {
    ChipToProto(report.chip, out);
  } else {
    out->set_overall(v1::OVERALL_UNDETERMINED);
  }
  ChecksToProto(report, out);
  VerdictToProto(report.verdict, out->mutable_verdict());
  for (const FieldComparison& field : report.mrz_comparison) {
    v1::FieldComparison* item = out->add_mrz_comparison();
    item->set_field(std::string(field.field));
    item->set_grade(std::string(ToWord(field.grade)));
  }
  for (const SealFinding& seal : report.seals) SealToProto(seal, out->add_seals());
  for (const SeenBefore& seen : report.seen_before) SeenToProto(seen, out->add_seen_before());
  for (const NoticeMatch& match : report.notices) NoticeToProto(match, out->add_notices());
  out->set_summary(std::move(report.summary));
  if (report.printed_mrz) ToProto(*report.printed_mrz, check_time, out->mutable_mrz());
  if (report.chip_mrz) ToProto(*report.chip_mrz, check_time, out->mutable_chip_mrz());
  if (report.identity.source != IdentitySource::kNone) {
    IdentityToProto(report.identity, out->mutable_identity());
    out->set_identity_from_chip(report.identity.source == IdentitySource::kChip);
  }
  SetTime(check_time, out->mutable_check_time());
  if (report.face) {
    out->mutable_face()->set_format(std::string(emrtd::ToWord(report.face->format)));
    out->mutable_face()->set_content(std::string(pki::AsText(report.face->bytes)));
    out->mutable_face()->set_width(report.face->width);
    out->mutable_face()->set_height(report.face->height);
  }
}

}  // namespace gatehouse::document
