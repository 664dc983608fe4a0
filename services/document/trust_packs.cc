// Packs: a centre's trust store on its way to a post (libs/pki/trust_pack.h).
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/pki/trust_pack.h"
#include "services/document/trust.h"

namespace gatehouse::document {
namespace {

// An anchor that two people accepted at the centre says so.
absl::Status CheckPeople(const pki::TrustPack& pack) {
  for (const pki::TrustElement& element : pack.elements) {
    if (element.role != pki::TrustRole::kAnchor) continue;
    const std::vector<std::string>& people = pack.sources[element.source].accepted_by;
    if (std::set<std::string>(people.begin(), people.end()).size() < kPeopleForAnchors) {
      return absl::InvalidArgumentError("pack: has an anchor that two people have not accepted");
    }
  }
  return absl::OkStatus();
}

TrustChange ChangeTo(const pki::TrustPack& pack, const pki::TrustSnapshot& used) {
  TrustChange change;
  change.cause = TrustCause::kPack;
  change.pack_version = pack.version_number;
  change.sources = pack.sources;
  std::set<pki::Fingerprint> wanted;
  for (const pki::TrustElement& element : pack.elements) {
    const std::optional<uint32_t> held = used.Find(element.fingerprint);
    wanted.insert(element.fingerprint);
    if (held && used.element(*held).role == element.role) continue;
    if (held) change.removals.push_back({.fingerprint = element.fingerprint});  // in another role
    change.additions.push_back({.role = element.role,
                                .content = std::string(pki::AsText(element.content)),
                                .fingerprint = element.fingerprint,
                                .source = element.source});
  }
  for (uint32_t i = 0; i < used.size(); ++i) {
    const pki::TrustElement element = used.element(i);
    const bool is_spoken_of = pack.has_signers || element.role != pki::TrustRole::kSigner;
    if (is_spoken_of && !wanted.contains(element.fingerprint)) {
      change.removals.push_back({.fingerprint = element.fingerprint});
    }
  }
  return change;
}

}  // namespace

absl::StatusOr<Trust::ExportedPack> Trust::ExportPack(bool omit_signers) const {
  if (deps_.pack_keys.key.empty()) return absl::FailedPreconditionError("no key for packs is configured here");
  // A pack says that it is the whole.
  if (const absl::Status history = history_status(); !history.ok()) {
    return absl::FailedPreconditionError(absl::StrCat("the trust store is damaged: ", std::string(history.message())));
  }
  const StatePtr now = state();
  const pki::TrustSnapshot& used = now->store->content();
  pki::TrustPack pack;
  pack.version_number = now->ledger.version_number();
  pack.made_at = deps_.clock.Now();
  pack.has_signers = !omit_signers;
  pack.sources = used.sources();
  for (uint32_t i = 0; i < used.size(); ++i) {
    const pki::TrustElement element = used.element(i);
    if (omit_signers && element.role == pki::TrustRole::kSigner) continue;
    pack.elements.push_back(element);
  }
  ExportedPack exported{.bytes = {}, .version_number = pack.version_number, .trust_version = now->store->version()};
  GH_ASSIGN_OR_RETURN(exported.bytes,
                      pki::WriteTrustPack(pack, pki::AsBytes(deps_.pack_keys.certificate), deps_.pack_keys.key));
  return exported;
}

absl::StatusOr<Trust::ImportedPack> Trust::ImportPack(const std::string& bytes, const TrustActor& actor,
                                                      const Asked<ImportedPack>& asked) {
  GH_ASSIGN_OR_RETURN(const pki::TrustPack pack, pki::ReadTrustPack(bytes, deps_.pack_keys.signers));
  GH_RETURN_IF_ERROR(CheckPeople(pack));
  const std::string import_id = base::NewUuid(deps_.clock, deps_.random);
  const std::string signer = absl::StrCat(pack.signer->subject.text(), " serial ", pack.signer->serial_text());
  const Plan plan = [&](const State& now) -> absl::StatusOr<TrustChange> {
    if (pack.version_number <= now.ledger.pack_version()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "pack: version ", pack.version_number, " is not newer than the last one, ", now.ledger.pack_version()));
    }
    TrustChange change = ChangeTo(pack, now.store->content());
    change.import_id = import_id;
    change.note = absl::StrCat("pack of ", signer, ", version ", pack.version_number);
    return change;
  };
  const std::string sha256 = pki::ToText(pki::FingerprintOf(pki::AsBytes(bytes)));
  const Answer answer = [&](const TrustChange& change, const TrustLedger&) -> std::optional<AnsweredRequest> {
    if (asked.id.empty()) return std::nullopt;
    TrustChange heading = change;
    heading.DropPayload();
    return asked.Answered({std::move(heading), signer});
  };
  GH_ASSIGN_OR_RETURN(TrustChange change,
                      MakeChange(actor, plan, {{.name = "trust pack", .content = bytes, .sha256 = sha256}}, answer));
  return ImportedPack{std::move(change), signer};
}

}  // namespace gatehouse::document
