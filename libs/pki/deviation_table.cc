#include "libs/pki/deviation_table.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace gatehouse::pki {
namespace {

std::string KeyOf(Bytes bytes) { return std::string(AsText(bytes)); }

// What the deviation names its signer by, for the index. One named by digest alone is looked at each time.
Bytes IndexKey(const SignerReference& signer) {
  return signer.serial.empty() ? Bytes(signer.subject_key_identifier) : Bytes(signer.serial);
}

bool TypeFits(const std::string& wanted, const std::string& code) {
  return absl::StartsWith(PlainDocumentNumber(code), wanted);
}

bool IssuedWithin(const DeviantDocuments& documents, const std::optional<absl::Time>& issued) {
  if (!documents.first_issued && !documents.last_issued) return true;
  if (!issued) return false;
  return (!documents.first_issued || *documents.first_issued <= *issued) &&
         (!documents.last_issued || *issued <= *documents.last_issued);
}

bool Meets(const DeviantDocuments& documents, const DocumentFacts& document, const std::string& number) {
  if (documents.names_nothing()) return false;
  if (!documents.signer.empty() && (document.signer == nullptr || !documents.signer.Names(*document.signer))) {
    return false;
  }
  if (!documents.document_type.empty() && !TypeFits(documents.document_type, document.document_code)) return false;
  if (!IssuedWithin(documents, document.issued)) return false;
  return documents.numbers.empty() ||
         (!number.empty() && std::binary_search(documents.numbers.begin(), documents.numbers.end(), number));
}

}  // namespace

absl::Status DeviationTable::Add(std::string name, DeviationListPtr list, const TrustStore& held) {
  const bool of_state = list->source == DeviationSource::kDeviationList;
  const ListSignerVerdict verdict = JudgeListSigner(
      list->signature, of_state ? CertificateRole::kDeviationListSigner : CertificateRole::kDefectListSigner, held);
  if (verdict.state != ListSigner::kValid) {
    return absl::UnauthenticatedError("the list is not used, its signer is " + std::string(ToWord(verdict.state)) +
                                      ": " + verdict.reason);
  }
  Entry entry{.name = std::move(name), .list = list};
  if (of_state) entry.country = verdict.anchor->subject.country();
  if (of_state && entry.country.empty()) return absl::UnauthenticatedError("the list's authority states no country");
  for (size_t i = 0; i < list->deviations.size(); ++i) {
    const Bytes key = IndexKey(list->deviations[i].documents.signer);
    if (key.empty()) {
      entry.without_signer.push_back(i);
    } else {
      entry.by_signer.emplace(KeyOf(key), i);
    }
  }
  lists_.push_back(std::move(entry));
  return absl::OkStatus();
}

std::vector<DeviationMatch> DeviationTable::Find(const DocumentFacts& document) const {
  std::vector<DeviationMatch> matches;
  const std::string number = PlainDocumentNumber(document.document_number);
  for (const Entry& entry : lists_) {
    // The signer's country decides where there is a signer: it is what the state itself signed.
    const std::string& country = document.signer != nullptr ? document.signer->issuer.country() : document.country;
    if (!entry.country.empty() && entry.country != country) continue;
    std::vector<size_t> candidates = entry.without_signer;
    if (document.signer != nullptr) {
      for (const Bytes key : {Bytes(document.signer->serial), Bytes(document.signer->subject_key_identifier)}) {
        const auto [begin, end] = entry.by_signer.equal_range(KeyOf(key));
        for (auto at = begin; at != end; ++at) candidates.push_back(at->second);
      }
    }
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
    for (const size_t index : candidates) {
      const Deviation& deviation = entry.list->deviations[index];
      if (!Meets(deviation.documents, document, number)) continue;
      for (const DeviationDescription& description : deviation.descriptions) {
        matches.push_back({entry.list, &deviation, &description, entry.name});
      }
    }
  }
  return matches;
}

std::string DeviationTable::version() const {
  if (lists_.empty()) return "";
  std::vector<Bytes> parts;
  for (const Entry& entry : lists_) parts.push_back(entry.list->fingerprint.bytes());
  return ToHex(ComputeDigest(Digest::kSha256, parts).bytes());
}

}  // namespace gatehouse::pki
