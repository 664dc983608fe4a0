// Seal: what a digital seal says, whatever its form: the German and ICAO visible digital seal (VDS, Doc 9303-13), its
// JSON form (VDS-NC), the ICAO Datastructure for Barcode (IDB), and, as far as it goes, a digital travel credential
// (DTC-VC). Read from bytes only; nothing here is trusted before VerifySeal() (verify.h) has said so.
// A value owns all it says; const values may be used by any number of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/redacted.h"
#include "libs/emrtd/seals/definitions.h"
#include "libs/emrtd/seals/findings.h"
#include "libs/emrtd/seals/seal_date.h"
#include "libs/emrtd/seals/seal_tlv.h"
#include "libs/pki/digest.h"

namespace gatehouse::emrtd::seals {

enum class Kind { kVds, kVdsNc, kIdb, kDtcVc };
// "vds", "vds_nc", "idb", "dtc_vc".
std::string_view ToWord(Kind kind);

struct Feature {
  int tag = 0;       // 0 in a VDS-NC, which has none
  std::string name;  // "passport_number"; "unknown" where the definition does not tell
  Coding coding = Coding::kBytes;
  base::Redacted<std::string> value;  // as `coding` says; hexadecimal digits where it does not fit
  std::optional<int64_t> number;      // of Coding::kNumber
};

// How a seal names its signer: at most one of the three.
struct SignerReference {
  std::string identifier;             // VDS: country and name, "DETS"
  std::string certificate_reference;  // VDS: the serial number in hexadecimal digits; IDB: `fingerprint_tail` in them
  std::vector<uint8_t> fingerprint_tail;  // IDB: the last five octets of the SHA-1 of the certificate
  std::vector<uint8_t> certificate;       // VDS-NC and IDB: the certificate itself; may be empty
};

struct Seal {
  Kind kind = Kind::kVds;
  int version = 0;                 // as the standard counts: a VDS with the byte 03 is of version 4
  std::string issuing_country;     // as in the seal, without fillers: "UTO", "D"
  std::string feature_definition;  // VDS: four lower-case hexadecimal digits; VDS-NC: its type, "icao.vacc"; else empty
  std::string document_type;       // by the tables: "residence_permit"; empty when unknown
  SealDate issue_date;
  SealDate signature_date;
  std::vector<Feature> features;  // in the order of the seal
  SignerReference signer;

  std::vector<uint8_t> signed_bytes;
  std::optional<std::vector<uint8_t>> signature;  // plain r||s; nothing when the seal has none
  // That the seal states; a VDS states none, there the size of the key decides.
  std::optional<pki::Digest> digest;
  Findings findings;

  const Feature* Find(std::string_view name) const;
  // The machine-readable zone, wherever the definition has it; nullptr when there is none.
  const Feature* Zone() const;
};

// Reads elements by a table into seal.features and names what departs from it.
void ReadFeatures(const std::vector<Element>& elements, std::span<const FeatureDefinition> definitions, Seal& seal);

}  // namespace gatehouse::emrtd::seals
