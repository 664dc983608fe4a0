// The synthetic State of Utopia (UTO, certificates C=UT): its country signing authorities and document signers.
//
//   CSCA Utopia A   RSA-3072           signs the RSA document signers, and the master list signer
//   CSCA Utopia B   P-384, rolled over: the second key is trusted through a link certificate only; same name, new key
//   CSCA Utopia C   brainpoolP384r1, explicit parameters
//   CSCA Utopia X   P-256, in no trust store and on no master list: the unknown authority
//
// All periods are relative to the time the specimens are for, so that they never grow old.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "tools/specimen/certificate_maker.h"
#include "tools/specimen/cms_maker.h"
#include "tools/specimen/data_groups.h"
#include "tools/specimen/file.h"

namespace gatehouse::specimen {

enum class SignerKind { kRsa, kRsaPss, kP256, kBrainpool, kRevoked, kExpired, kUnknown };

// A document signer and the way it signs.
struct Signer {
  Identity identity;
  const char* description = "";
  Padding padding = Padding::kPkcs1;
  SignerId signer_id = SignerId::kIssuerAndSerial;
  LdsVersion lds_version = LdsVersion::k0107;
  absl::CivilDay first_day;  // of signing; the last is 90 days later
};

struct State {
  absl::Time at;
  absl::CivilDay today;  // of `at`, UTC
  std::map<SignerKind, Signer> signers;
  std::vector<File> trust;      // csca-*.der, utopia.ml, utopia.crl and utopia-b.crl, utopia-c.crl
  std::vector<File> untrusted;  // csca-x.der
};

inline constexpr int kSigningDays = 90;  // Doc 9303-12: a document signer signs for three months at most

// Takes a second, most of it for RSA keys.
State MakeState(uint64_t seed, absl::Time at);

}  // namespace gatehouse::specimen
