#include "libs/pki/deviation.h"

#include "absl/strings/ascii.h"

namespace gatehouse::pki {

std::string_view ToWord(DeviationType type) {
  static constexpr std::array<std::string_view, 30> kWords = {"unknown",
                                                              "certificate_or_key",
                                                              "signer_signature_wrong",
                                                              "signer_encoding",
                                                              "authority_encoding",
                                                              "active_authentication_key_compromised",
                                                              "lds",
                                                              "data_group_malformed",
                                                              "data_group_digest_wrong",
                                                              "security_object_signature_wrong",
                                                              "com_inconsistent",
                                                              "mrz",
                                                              "mrz_wrong_data",
                                                              "mrz_wrong_check_digit",
                                                              "chip",
                                                              "national_use",
                                                              "signer_revoked",
                                                              "signer_replaced",
                                                              "chip_authentication_key_compromised",
                                                              "authentication_protocol_failure",
                                                              "validity_period_incorrect",
                                                              "security_object_invalid",
                                                              "wrong_signer_identifier",
                                                              "issuing_country",
                                                              "card_security_malformed",
                                                              "chip_security_malformed",
                                                              "power_down_required",
                                                              "signer_malformed",
                                                              "eid_application",
                                                              "unknown_document_defect"};
  return kWords[static_cast<size_t>(type)];
}

bool SignerReference::Names(const Certificate& certificate) const {
  if (empty()) return false;
  if (!serial.empty() && (!Equal(serial, certificate.serial) || !(issuer == certificate.issuer))) return false;
  if (!subject_key_identifier.empty() && subject_key_identifier != certificate.subject_key_identifier) return false;
  return digest.empty() || Equal(digest, ComputeDigest(digest_algorithm, certificate.der).bytes());
}

size_t DeviationList::document_number_count() const {
  size_t count = 0;
  for (const Deviation& deviation : deviations) count += deviation.documents.numbers.size();
  return count;
}

std::string PlainDocumentNumber(std::string_view number) {
  std::string plain;
  for (const char c : number) {
    if (c != '<' && c != ' ') plain += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return plain;
}

}  // namespace gatehouse::pki
