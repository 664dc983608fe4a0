#include "libs/emrtd/seals/idb.h"

#include <zlib.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/seals/c40.h"

namespace gatehouse::emrtd::seals {
namespace {

using pki::AsBytes;
using pki::Bytes;
using pki::Malformed;

constexpr std::string_view kIdentifier = "RDB1";
constexpr std::string_view kOldIdentifier = "NDB1";
constexpr size_t kUnsignedHeaderBytes = 2;
constexpr size_t kSignedHeaderBytes = 12;
constexpr size_t kReferenceBytes = 5;
constexpr uint8_t kMessageGroup = 0x61, kSignerCertificate = 0x7E, kSignature = 0x7F;
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// At most kMaxPayloadBytes: what is larger is refused after that many, whatever the compressed text promises.
absl::StatusOr<std::string> Inflate(std::string_view compressed) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return absl::InternalError("zlib cannot be used");
  std::string payload(kMaxPayloadBytes + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(payload.data());
  stream.avail_out = static_cast<uInt>(payload.size());
  const int result = inflate(&stream, Z_FINISH);
  const size_t size = stream.total_out;
  inflateEnd(&stream);
  if (size > kMaxPayloadBytes) return Malformed("payload", "is longer than the limit when decompressed");
  if (result != Z_STREAM_END) return Malformed("payload", "cannot be decompressed");
  payload.resize(size);
  return payload;
}

absl::Status ReadHeader(Bytes header, Seal& seal) {
  GH_ASSIGN_OR_RETURN(std::string country, DecodeC40(header.first(2), "issuing country"));
  absl::StripTrailingAsciiWhitespace(&country);
  seal.issuing_country = std::move(country);
  if (header.size() == kUnsignedHeaderBytes) return absl::OkStatus();
  switch (header[2]) {
    case 1:
      seal.digest = pki::Digest::kSha256;
      break;
    case 2:
      seal.digest = pki::Digest::kSha384;
      break;
    case 3:
      seal.digest = pki::Digest::kSha512;
      break;
    default:
      return Malformed("signature algorithm", absl::StrCat("is unknown: ", header[2]));
  }
  const Bytes reference = header.subspan(3, kReferenceBytes);
  seal.signer.fingerprint_tail.assign(reference.begin(), reference.end());
  seal.signer.certificate_reference = pki::ToHex(reference);
  seal.signature_date = ReadMaskedDate(header.subspan(3 + kReferenceBytes, 4));
  if (!seal.signature_date.possible()) {
    seal.findings.push_back({Defect::kSignatureDateImpossible, seal.signature_date.digits});
  }
  return absl::OkStatus();
}

// A visa and an emergency travel document are the features of the VDS of that name in one message: they stand in its
// place, so that a zone is found wherever it is.
void ReadMessages(Bytes group, Seal& seal) {
  std::vector<Element> messages;
  const absl::Status whole = ReadElements(group, "message group", messages);
  if (!whole.ok()) seal.findings.push_back({Defect::kElementsMalformed, std::string(whole.message())});
  ReadFeatures(messages, BarcodeMessages(), seal);
  for (const Element& message : messages) {
    const SealDefinition* inner = message.tag == 0x01   ? FindDefinition("visa")
                                  : message.tag == 0x02 ? FindDefinition("emergency_travel_document")
                                                        : nullptr;
    if (inner == nullptr) continue;
    seal.document_type = inner->name;
    std::vector<Element> elements;
    const absl::Status inner_whole = ReadElements(message.value, inner->name, elements);
    if (!inner_whole.ok()) {
      seal.findings.push_back({Defect::kElementsMalformed, std::string(inner_whole.message())});
      continue;
    }
    Seal within;
    ReadFeatures(elements, inner->features, within);
    std::move(within.features.begin(), within.features.end(), std::back_inserter(seal.features));
    std::move(within.findings.begin(), within.findings.end(), std::back_inserter(seal.findings));
  }
  const Feature* national = seal.Find("national_document_identifier");
  if (national != nullptr && national->number && seal.issuing_country == "D") {
    seal.document_type = NationalDocument(static_cast<int>(*national->number));
  }
}

absl::Status ReadPayload(Bytes payload, bool is_signed, Seal& seal) {
  const size_t header_bytes = is_signed ? kSignedHeaderBytes : kUnsignedHeaderBytes;
  if (payload.size() < header_bytes) return Malformed("header", "is cut off");
  GH_RETURN_IF_ERROR(ReadHeader(payload.first(header_bytes), seal));
  std::vector<Element> parts;
  GH_RETURN_IF_ERROR(ReadElements(payload.subspan(header_bytes), "payload", parts));
  const Element* group = nullptr;
  for (const Element& part : parts) {
    if (part.tag == kMessageGroup && group == nullptr && &part == &parts.front()) {
      group = &part;
    } else if (part.tag == kSignerCertificate && seal.signer.certificate.empty()) {
      seal.signer.certificate.assign(part.value.begin(), part.value.end());
    } else if (part.tag == kSignature && !seal.signature && is_signed) {
      seal.signature.emplace(part.value.begin(), part.value.end());
    } else {
      // No signature covers what follows the message group.
      return Malformed("payload", absl::StrCat("has an element out of place, tag ", part.tag));
    }
  }
  if (group == nullptr) return Malformed("payload", "does not begin with a message group");
  const Bytes covered = payload.first(header_bytes + group->encoding.size());
  seal.signed_bytes.assign(covered.begin(), covered.end());
  if (!seal.signature) seal.findings.push_back({Defect::kSignatureMissing, is_signed ? "" : "the flag says unsigned"});
  ReadMessages(group->value, seal);
  return absl::OkStatus();
}

}  // namespace

bool IsBarcode(std::string_view text) {
  return text.substr(0, kIdentifier.size()) == kIdentifier || text.substr(0, kIdentifier.size()) == kOldIdentifier;
}

absl::StatusOr<Seal> ReadIdb(std::string_view barcode) {
  if (barcode.size() > kMaxBarcodeBytes) return Malformed("barcode", "is longer than the limit");
  if (!IsBarcode(barcode)) return Malformed("barcode", "does not begin with RDB1");
  if (barcode.size() <= kIdentifier.size()) return Malformed("barcode", "is cut off");
  const int flag = barcode[kIdentifier.size()] - 'A';
  if (flag < 0 || flag > 3) return Malformed("barcode flag", "is none of A to D");
  Seal seal{.kind = Kind::kIdb, .version = 1};
  if (barcode.substr(0, kIdentifier.size()) == kOldIdentifier) seal.findings.push_back({Defect::kOldIdentifier, ""});
  GH_ASSIGN_OR_RETURN(std::string payload, ReadBase32(barcode.substr(kIdentifier.size() + 1)));
  if ((flag & 2) != 0) {
    GH_ASSIGN_OR_RETURN(payload, Inflate(payload));
  }
  GH_RETURN_IF_ERROR(ReadPayload(AsBytes(payload), (flag & 1) != 0, seal));
  return seal;
}

std::string WriteBase32(std::string_view bytes) {
  std::string text;
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : bytes) {
    pending = pending << 8 | static_cast<uint8_t>(c);
    for (bits += 8; bits >= 5; bits -= 5) text += kBase32[pending >> (bits - 5) & 31];
    pending &= (1u << bits) - 1;
  }
  if (bits > 0) text += kBase32[pending << (5 - bits) & 31];
  return text;
}

absl::StatusOr<std::string> ReadBase32(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    const size_t value = kBase32.find(c);
    if (value == std::string_view::npos) return Malformed("barcode", "has a character that is not of Base32");
    pending = pending << 5 | static_cast<uint32_t>(value);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(pending >> bits);
    pending &= (1u << bits) - 1;
  }
  // What is left over is less than a character, and zero.
  if (bits >= 5 || pending != 0) return Malformed("barcode", "ends within a byte");
  return bytes;
}

}  // namespace gatehouse::emrtd::seals
