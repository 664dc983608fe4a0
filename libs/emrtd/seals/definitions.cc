#include "libs/emrtd/seals/definitions.h"

#include <array>

namespace gatehouse::emrtd::seals {
namespace {

constexpr bool kOptional = false;

// Doc 9303-13 section 4: the last 16 places of MRV-A and the last 8 of MRV-B, which are free, are left out, so that 72
// and 64 characters remain. One of the two zones is there, hence neither is required.
constexpr FeatureDefinition kVisa[] = {
    {1, "mrz_mrv_a", Coding::kZone, kOptional, 48, 48},
    {2, "mrz_mrv_b", Coding::kZone, kOptional, 44, 44},
    {3, "number_of_entries", Coding::kNumber, true, 1, 1},
    {4, "duration_of_stay", Coding::kDuration, true, 3, 3},
    {5, "passport_number", Coding::kC40, true, 2, 6},
    {6, "visa_type", Coding::kBytes, kOptional, 1, 4},
    {7, "additional_feature", Coding::kBytes, kOptional, 0, 254},
};
constexpr FeatureDefinition kEmergencyTravelDocument[] = {{2, "mrz", Coding::kZone, true, 48, 48}};

constexpr FeatureDefinition kResidencePermit[] = {
    {2, "mrz", Coding::kZone, true, 48, 48},
    {3, "passport_number", Coding::kC40, true, 2, 6},
};
constexpr FeatureDefinition kArrivalAttestation[] = {
    {2, "mrz", Coding::kZone, true, 48, 48},
    {3, "azr", Coding::kC40, true, 2, 8},
};
constexpr FeatureDefinition kSocialInsuranceCard[] = {
    {1, "social_insurance_number", Coding::kC40, true, 8, 8},
    {2, "surname", Coding::kUtf8, true, 1, 90},
    {3, "first_name", Coding::kUtf8, true, 1, 90},
    {4, "birth_name", Coding::kUtf8, kOptional, 1, 90},
};
constexpr FeatureDefinition kSupplementarySheet[] = {
    {4, "mrz", Coding::kZone, true, 48, 48},
    {5, "sheet_number", Coding::kC40, true, 2, 6},
};
constexpr FeatureDefinition kAddressSticker[] = {
    {1, "document_number", Coding::kC40, true, 2, 6},
    {2, "ags", Coding::kC40, true, 2, 6},
    {3, "address", Coding::kC40, true, 2, 18},
};
constexpr FeatureDefinition kAddressStickerPassport[] = {
    {1, "document_number", Coding::kC40, true, 2, 6},
    {2, "ags", Coding::kC40, true, 2, 6},
    {3, "postal_code", Coding::kC40, true, 2, 4},
};
// Papers of the aliens law, the provisional residence document among them.
constexpr FeatureDefinition kAliensLaw[] = {
    {1, "face_image", Coding::kBytes, true, 1, 1500},
    {2, "mrz", Coding::kZone, true, 48, 48},
    {3, "passport_number", Coding::kC40, true, 2, 6},
    {4, "azr", Coding::kC40, true, 2, 8},
};
constexpr FeatureDefinition kTemporaryPassport[] = {
    {1, "face_image", Coding::kBytes, true, 1, 1500},
    {2, "mrz", Coding::kZone, true, 48, 60},
};
constexpr FeatureDefinition kTemporaryIdentityCard[] = {
    {1, "face_image", Coding::kBytes, true, 1, 1500},
    {2, "mrz", Coding::kZone, true, 44, 48},
};
constexpr FeatureDefinition kPermanentResidence[] = {
    {1, "document_number", Coding::kC40, true, 2, 6},
    {2, "passport_number", Coding::kC40, true, 2, 6},
};
// TR-03171 puts both days of the validity into one feature; under the category C9 they stand apart, as seals of the
// field show, and the addresses after them.
constexpr FeatureDefinition kAdministrative[] = {
    {kProfileTag, "profile_number", Coding::kBytes, true, 16, 16},
    {1, "validity", Coding::kDatesText, kOptional, 1, 17},
    {2, "profile_url", Coding::kUtf8, kOptional},
    {3, "certificate_url", Coding::kUtf8, kOptional},
};
constexpr FeatureDefinition kAdministrativeC9[] = {
    {kProfileTag, "profile_number", Coding::kBytes, true, 16, 16},
    {1, "valid_from", Coding::kDateText, kOptional, 8, 8},
    {2, "valid_until", Coding::kDateText, kOptional, 8, 8},
    {3, "profile_url", Coding::kUtf8, kOptional},
    {4, "certificate_url", Coding::kUtf8, kOptional},
};

constexpr std::array kDefinitions = {
    SealDefinition{0x5D01, "visa", kVisa},
    SealDefinition{0x5E03, "emergency_travel_document", kEmergencyTravelDocument},
    SealDefinition{0xFB06, "residence_permit", kResidencePermit},
    SealDefinition{0xFD02, "arrival_attestation", kArrivalAttestation},
    SealDefinition{0xFC04, "social_insurance_card", kSocialInsuranceCard},
    SealDefinition{0xFA06, "supplementary_sheet", kSupplementarySheet},
    SealDefinition{0xF908, "address_sticker_identity_card", kAddressSticker},
    SealDefinition{0xF90C, "address_sticker_residence_permit", kAddressSticker},
    SealDefinition{0xF80A, "address_sticker_passport", kAddressStickerPassport},
    SealDefinition{0xF70B, "temporary_identity_card", kTemporaryIdentityCard},
    SealDefinition{0xF60D, "temporary_passport", kTemporaryPassport},
    SealDefinition{0xF50C, "provisional_residence_document", kAliensLaw},
    SealDefinition{0x01FE, "aliens_law_document", kAliensLaw},
    SealDefinition{0xF48F, "permanent_residence_certificate", kPermanentResidence},
    SealDefinition{kAdministrativeDocument, "administrative_document", kAdministrative},
    SealDefinition{0x01C9, "administrative_document", kAdministrativeC9},
};

constexpr FeatureDefinition kRegistrationCertificate[] = {
    {4, "surname", Coding::kUtf8},
    {5, "academic_degree", Coding::kUtf8, kOptional},
    {6, "first_name", Coding::kUtf8},
    {7, "common_first_name", Coding::kUtf8, kOptional},
    {8, "birth_date", Coding::kUtf8, kOptional},
    {9, "street", Coding::kUtf8},
    {10, "house_number", Coding::kUtf8},
    {11, "postal_code", Coding::kUtf8, true, 5, 5},
    {12, "city", Coding::kUtf8},
    {13, "moving_date", Coding::kDateText, true, 8, 8},
    {14, "housing_status", Coding::kNumber, true, 1, 1},
    {15, "notification_date", Coding::kDateText, true, 8, 8},
};
struct Profile {
  std::string_view number;
  SealDefinition definition;
};
constexpr std::array kProfiles = {
    Profile{"9a4223406d374ef99e2cf95e31a23846",
            {kAdministrativeDocument, "registration_certificate", kRegistrationCertificate}},
};

// Tags below 80 are ICAO's, those from 80 on the issuing state's; the names above 80 are Germany's.
constexpr FeatureDefinition kBarcodeMessages[] = {
    {0x01, "visa", Coding::kBytes, kOptional},
    {0x02, "emergency_travel_document", Coding::kBytes, kOptional},
    {0x03, "proof_of_testing", Coding::kBytes, kOptional},
    {0x04, "proof_of_vaccination", Coding::kBytes, kOptional},
    {0x05, "proof_of_recovery", Coding::kBytes, kOptional},
    {0x06, "digital_travel_authorization", Coding::kBytes, kOptional},
    {0x07, "mrz_td1", Coding::kZone, kOptional, 60, 60},
    {0x08, "mrz_td3", Coding::kZone, kOptional, 60, 60},
    {0x09, "can", Coding::kC40, kOptional, 4, 4},
    {0x0A, "ef_card_access", Coding::kBytes, kOptional},
    {0x80, "face_image", Coding::kBytes, kOptional},
    {0x81, "mrz_td2", Coding::kZone, kOptional, 48, 48},
    {0x82, "document_reference", Coding::kC40, kOptional},
    {0x83, "azr", Coding::kC40, kOptional, 2, 8},
    {0x84, "expiry_date", Coding::kMaskedDate, kOptional, 4, 4},
    {0x85, "document_number", Coding::kC40, kOptional, 2, 6},
    {0x86, "national_document_identifier", Coding::kNumber, kOptional, 1, 1},
};

constexpr std::string_view kNationalDocuments[] = {
    "substitute_identity_document",
    "substitute_passport_document",
    "emergency_travel_document",
    "temporary_identity_card",
    "temporary_official_passport",
    "temporary_passport",
    "temporary_diplomatic_passport",
    "temporary_travel_document_refugees",
    "temporary_travel_document_stateless_persons",
    "temporary_travel_document_foreigners",
    "permission_to_retain_pending_the_asylum_decision",
    "temporary_suspension_of_deportation",
    "arrival_attestation",
    "provisional_residence_document",
    "temporary_identity_document",
    "permanent_residence_certificate",
    "frontier_worker_permit",
    "supplementary_sheet_for_residence_permit_card",
};

}  // namespace

const SealDefinition* FindDefinition(uint16_t reference) {
  for (const SealDefinition& definition : kDefinitions) {
    if (definition.reference == reference) return &definition;
  }
  return nullptr;
}

const SealDefinition* FindDefinition(std::string_view name) {
  for (const SealDefinition& definition : kDefinitions) {
    if (definition.name == name) return &definition;
  }
  return nullptr;
}

const SealDefinition* FindProfile(std::string_view profile_number) {
  for (const Profile& profile : kProfiles) {
    if (profile.number == profile_number) return &profile.definition;
  }
  return nullptr;
}

std::span<const FeatureDefinition> BarcodeMessages() { return kBarcodeMessages; }

std::string_view NationalDocument(int identifier) {
  const bool known = identifier >= 1 && identifier <= static_cast<int>(std::size(kNationalDocuments));
  return known ? kNationalDocuments[identifier - 1] : std::string_view();
}

const FeatureDefinition* FindFeature(std::span<const FeatureDefinition> features, uint8_t tag) {
  for (const FeatureDefinition& feature : features) {
    if (feature.tag == tag) return &feature;
  }
  return nullptr;
}

}  // namespace gatehouse::emrtd::seals
