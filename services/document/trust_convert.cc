#include "services/document/trust_convert.h"

#include "libs/rpc/values.h"

namespace gatehouse::document {
namespace {

void Set(absl::Time time, google::protobuf::Timestamp* out) { *out = rpc::WriteTime(time); }

bool IsKnown(absl::Time time) { return time != absl::InfinitePast() && time != absl::InfiniteFuture(); }

v1::TrustImportState StateOf(TrustImportState state) {
  switch (state) {
    case TrustImportState::kAccepted:
      return v1::TRUST_IMPORT_STATE_ACCEPTED;
    case TrustImportState::kRejected:
      return v1::TRUST_IMPORT_STATE_REJECTED;
    case TrustImportState::kPending:
      break;
  }
  return v1::TRUST_IMPORT_STATE_PENDING;
}

const char* ToWord(TrustDifference::Kind kind) {
  switch (kind) {
    case TrustDifference::Kind::kAdded:
      return "added";
    case TrustDifference::Kind::kReplaced:
      return "replaced";
    case TrustDifference::Kind::kRemoved:
      break;
  }
  return "removed";
}

}  // namespace

void ToProto(const TrustImportResult& result, v1::TrustImportResult* out) {
  out->set_name(result.name);
  out->set_kind(std::string(pki::ToWord(result.kind)));
  out->set_accepted(result.accepted);
  out->set_already_known(result.already_known);
  out->set_rejected(result.rejected);
  for (const std::string& reason : result.reasons) out->add_reasons(reason);
  out->set_signer(std::string(pki::ToWord(result.signer)));
  out->set_pending(result.pending);
  out->set_signer_certificate(result.signer_certificate);
  out->set_signer_anchor(result.signer_anchor);
  out->set_sha256(result.sha256);
  out->set_deleted(result.deleted);
  out->set_pkd_version(result.pkd_version);
}

void ToProto(const TrustEntry& entry, v1::TrustEntry* out) {
  out->set_kind(entry.kind);
  out->set_country(entry.country);
  out->set_subject(entry.subject);
  out->set_issuer(entry.issuer);
  out->set_serial(entry.serial);
  out->set_sha256(entry.sha256);
  if (IsKnown(entry.not_before)) Set(entry.not_before, out->mutable_not_before());
  if (IsKnown(entry.not_after)) Set(entry.not_after, out->mutable_not_after());
  const pki::TrustSource& source = entry.source;
  out->set_source(source.name);
  out->set_imported_by(source.imported_by);
  Set(source.imported_at, out->mutable_import_time());
  for (const std::string& person : source.accepted_by) out->add_accepted_by(person);
  if (!source.accepted_by.empty()) Set(source.accepted_at, out->mutable_accept_time());
  out->set_import_id(source.import_id);
  out->set_source_sha256(source.sha256);
  out->set_source_note(source.note);
  out->set_signer(source.list_signer);
  out->set_signer_certificate(source.list_signer_certificate);
  out->set_signer_anchor(source.list_signer_anchor);
  out->set_chain(entry.chain);
  out->set_chain_reason(entry.chain_reason);
  out->set_nonconformant(source.pkd.nonconformant);
  out->set_conformance_code(source.pkd.code);
  out->set_conformance_text(source.pkd.text);
}

void ToProto(const TrustDifference& difference, v1::TrustDifference* out) {
  out->set_change(ToWord(difference.kind));
  out->set_pending(difference.pending);
  ToProto(difference.entry, out->mutable_entry());
  out->set_replaces(difference.replaces);
}

void ToProto(const TrustImport& import, v1::TrustImport* out) {
  out->set_import_id(import.import_id);
  out->set_state(StateOf(import.state));
  out->set_kind(std::string(document::ToWord(import.kind)));
  out->set_imported_by(import.by.identity);
  Set(import.time, out->mutable_import_time());
  out->set_note(import.note);
  out->set_pending(import.state == TrustImportState::kPending ? import.pending : 0);
  for (const std::string& person : import.accepted_by) out->add_accepted_by(person);
  out->set_rejected_by(import.rejected_by);
  out->set_reject_reason(import.reject_reason);
  if (IsKnown(import.decided_at)) Set(import.decided_at, out->mutable_decide_time());
}

void ToProto(const TrustElementDetails& details, v1::TrustElement* out) {
  out->set_key(details.key);
  out->set_signature_algorithm(details.signature_algorithm);
  out->set_revoked(static_cast<int64_t>(details.revoked.value_or(0)));
}

void ToProto(const TrustElementRecord& record, v1::TrustElement* out) {
  ToProto(record.entry, out->mutable_entry());
  ToProto(record.details, out);
  out->set_state(std::string(document::ToWord(record.state)));
  for (const std::string& person : record.people) out->add_people(person);
  out->set_superseded_by(record.superseded_by);
  for (const TrustVersionRange& range : record.versions) {
    v1::TrustVersionRange* one = out->add_versions();
    one->set_first(range.first);
    one->set_last(range.last.value_or(0));
  }
  for (const TrustElementEvent& event : record.events) {
    v1::TrustElementEvent* one = out->add_events();
    one->set_what(event.what);
    one->set_change_number(event.change_number);
    one->set_version_number(event.version_number);
    Set(event.time, one->mutable_time());
    one->set_by(event.by.identity);
    one->set_import_id(event.import_id);
    one->set_note(event.note);
  }
}

void ToProto(const TrustVersion& version, v1::TrustVersion* out) {
  out->set_number(version.number);
  out->set_trust_version(version.trust_version);
  Set(version.time, out->mutable_time());
  out->set_cause(std::string(document::ToWord(version.cause)));
  out->set_import_id(version.import_id);
  out->set_by(version.by);
  out->set_added(version.added);
  out->set_removed(version.removed);
}

}  // namespace gatehouse::document
