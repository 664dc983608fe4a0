// A small state that signs a small chip, with every part open to change before it is made. For tests, benchmarks and
// fuzz seeds only. Shared by all variants: key generation is slow, so a State is made once.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "libs/emrtd/passive_authentication.h"
#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::emrtd::specimen {

// The keys of an authority and of a document signer.
struct Keys {
  explicit Keys(const std::string& kind, bool explicit_parameters = false) : Keys(kind, kind, explicit_parameters) {}
  Keys(const std::string& authority_kind, const std::string& signer_kind, bool explicit_parameters)
      : authority_kind(authority_kind),
        kind(signer_kind),
        authority(authority_kind, explicit_parameters),
        signer(signer_kind, explicit_parameters) {}
  std::string authority_kind;
  std::string kind;  // of the signer
  pki::specimen::Key authority;
  pki::specimen::Key signer;
};

struct Chip {
  explicit Chip(const Keys& keys);

  // Change what you want, then Make().
  pki::specimen::CertificateRequest authority;
  pki::specimen::CertificateRequest signer;
  pki::specimen::SignedDataRequest security_object;
  pki::Digest digest = pki::Digest::kSha256;
  int lds_version = 0;
  std::map<int, std::string> data_groups;  // files
  std::string com;                         // file
  bool embed_signer = true;
  std::string trailing;  // after EF.SOD's element
  void Make();

  std::string authority_der;
  std::string signer_der;
  std::string security_object_file;
  ChipFiles files() const;
  const Keys& keys;
};

// The authority of the chip as an anchor.
std::shared_ptr<const pki::TrustStore> TrustIn(const Chip& chip);
void AddCertificate(std::string_view der, pki::TrustStore::Builder& builder);
void AddCrl(std::string_view der, pki::TrustStore::Builder& builder);

// On 2026-06-15, with a table that knows UTO and D.
PassiveAuthenticationReport Verify(const Chip& chip, const pki::TrustStore& trust,
                                   const pki::DeviationTable* deviations = nullptr);

std::string MakeDataGroup1(std::string_view zone);
// A DG2 with a made-up picture of this size.
std::string MakeDataGroup2(size_t picture_bytes);
std::string MakeCom(const std::vector<int>& data_groups);

}  // namespace gatehouse::emrtd::specimen
