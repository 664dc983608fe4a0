#include "libs/pki/trust_file.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "libs/base/status_macros.h"
#include "libs/pki/oid.h"

namespace gatehouse::pki {
namespace {

constexpr absl::string_view kPemBegin = "-----BEGIN ";
constexpr absl::string_view kPemEnd = "-----END ";

absl::string_view Text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

bool LooksLikeLdif(absl::string_view text) {
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  while (absl::StartsWith(text, "#") || absl::StartsWith(text, "\n") || absl::StartsWith(text, "\r")) {
    const size_t end = text.find('\n');
    if (end == absl::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  return absl::StartsWith(text, "version:") || absl::StartsWith(text, "dn:");
}

// A TBSCertList has a time where a TBSCertificate has a name or a validity SEQUENCE.
TrustFileKind ClassifySigned(Bytes to_be_signed) {
  TlvReader reader(to_be_signed, Rules::kDer);
  if (reader.PeekTag() == tag::kContext0) return TrustFileKind::kCertificate;
  for (int i = 0; i < 4 && !reader.at_end(); ++i) {
    const absl::StatusOr<Tlv> element = reader.Next("");
    if (!element.ok()) return TrustFileKind::kUnknown;
    if (element->tag == tag::kUtcTime || element->tag == tag::kGeneralizedTime) return TrustFileKind::kRevocationList;
  }
  return TrustFileKind::kCertificate;
}

// By the eContentType; one that cannot be found stays a master list, whose reader then says what is wrong.
TrustFileKind ClassifySignedData(TlvReader content_info) {
  const absl::StatusOr<Tlv> wrapper = content_info.Expect(tag::kContext0, "");
  if (!wrapper.ok()) return TrustFileKind::kMasterList;
  TlvReader outer(wrapper->value, Rules::kBer);
  const absl::StatusOr<Tlv> signed_data = outer.Expect(tag::kSequence, "");
  if (!signed_data.ok()) return TrustFileKind::kMasterList;
  TlvReader reader(signed_data->value, Rules::kBer);
  if (!reader.Expect(tag::kInteger, "").ok() || !reader.Expect(tag::kSet, "").ok()) return TrustFileKind::kMasterList;
  const absl::StatusOr<Tlv> content = reader.Expect(tag::kSequence, "");
  if (!content.ok()) return TrustFileKind::kMasterList;
  TlvReader parts(content->value, Rules::kBer);
  const absl::StatusOr<Tlv> type = parts.Expect(tag::kOid, "");
  if (!type.ok()) return TrustFileKind::kMasterList;
  if (oid::kDeviationList == type->value) return TrustFileKind::kDeviationList;
  return oid::kDefectList == type->value ? TrustFileKind::kDefectList : TrustFileKind::kMasterList;
}

}  // namespace

std::string_view ToWord(TrustFileKind kind) {
  switch (kind) {
    case TrustFileKind::kCertificate:
      return "certificate";
    case TrustFileKind::kMasterList:
      return "master_list";
    case TrustFileKind::kRevocationList:
      return "revocation_list";
    case TrustFileKind::kDeviationList:
      return "deviation_list";
    case TrustFileKind::kDefectList:
      return "defect_list";
    case TrustFileKind::kPkdLdif:
      return "pkd_ldif";
    case TrustFileKind::kUnknown:
      break;
  }
  return "unknown";
}

TrustFileKind ClassifyTrustFile(Bytes bytes) {
  if (LooksLikeLdif(Text(bytes))) return TrustFileKind::kPkdLdif;
  TlvReader file(bytes, Rules::kBer);
  const absl::StatusOr<Tlv> outer = file.Expect(tag::kSequence, "");
  if (!outer.ok()) return TrustFileKind::kUnknown;
  TlvReader reader(outer->value, Rules::kBer);
  const absl::StatusOr<Tlv> first = reader.Next("");
  if (!first.ok()) return TrustFileKind::kUnknown;
  if (first->tag == tag::kOid) {
    return oid::kSignedData == first->value ? ClassifySignedData(reader) : TrustFileKind::kUnknown;
  }
  return first->tag == tag::kSequence ? ClassifySigned(first->value) : TrustFileKind::kUnknown;
}

absl::StatusOr<std::vector<std::vector<uint8_t>>> ReadTrustObjects(Bytes file) {
  std::vector<std::vector<uint8_t>> objects;
  absl::string_view text = Text(file);
  size_t begin = text.find(kPemBegin);
  // Bytes that merely contain the marker somewhere are DER: 0x30 is also the character '0'.
  if (begin == absl::string_view::npos || (!file.empty() && file[0] == tag::kSequence)) {
    objects.emplace_back(file.begin(), file.end());
    return objects;
  }
  while (begin != absl::string_view::npos) {
    if (objects.size() >= kMaxPemObjects) return Malformed("PEM file", "has more blocks than the limit");
    const size_t body = text.find('\n', begin);
    const size_t end = text.find(kPemEnd, begin);
    std::string der;
    if (body == absl::string_view::npos || end == absl::string_view::npos || end < body ||
        !absl::Base64Unescape(text.substr(body, end - body), &der)) {
      return Malformed("PEM file", "has a block that is not Base64 between its markers");
    }
    objects.emplace_back(der.begin(), der.end());
    begin = text.find(kPemBegin, end + kPemEnd.size());
  }
  return objects;
}

}  // namespace gatehouse::pki
