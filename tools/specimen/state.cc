#include "tools/specimen/state.h"

#include <algorithm>

#include "tools/specimen/seeded_random.h"
#include "tools/specimen/tlv.h"

namespace gatehouse::specimen {
namespace {

constexpr int kYear = 365;
constexpr int kAuthorityYears = 5;  // an authority's key signs this long
constexpr int kDocumentYears = 10;

absl::Time Midnight(absl::CivilDay day) { return absl::FromCivil(day, absl::UTCTimeZone()); }

Period Days(absl::CivilDay begin, int days) { return {Midnight(begin), Midnight(begin + days)}; }

class StateMaker {
 public:
  StateMaker(uint64_t seed, absl::Time at)
      : random_(seed, "state"), at_(at), today_(absl::ToCivilDay(at, absl::UTCTimeZone())) {}

  State Make();

 private:
  // Valid as long as the last document of its last document signer.
  Identity Authority(const std::string& name, KeyKind kind, absl::CivilDay begin) {
    return Issue(AuthorityRequest(Profile::kAuthority, name, begin), MakeKeyPair(kind), nullptr);
  }

  CertificateRequest AuthorityRequest(Profile profile, const std::string& name, absl::CivilDay begin) {
    const int usage_days = kAuthorityYears * kYear;
    return {.profile = profile,
            .common_name = name,
            .serial = Serial(),
            .validity = Days(begin, usage_days + kSigningDays + kDocumentYears * kYear + kYear),
            .private_key_usage = Days(begin, usage_days)};
  }

  Signer DocumentSigner(const Identity& authority, KeyKind kind, int years_ago, Signer signer,
                        absl::CivilDay* last_valid_day = nullptr) {
    signer.first_day = today_ - years_ago * kYear;
    CertificateRequest request{.profile = Profile::kDocumentSigner,
                               .common_name = std::string("Document Signer ") + signer.description,
                               .serial = Serial(),
                               .validity = Days(signer.first_day, kSigningDays + kDocumentYears * kYear + 30),
                               .private_key_usage = Days(signer.first_day, kSigningDays + 1),
                               .padding = signer.padding};
    if (last_valid_day != nullptr) request.validity.end = Midnight(*last_valid_day);
    signer.identity = Issue(request, MakeKeyPair(kind), &authority);
    return signer;
  }

  std::string MasterList(const Identity& authority, std::vector<std::string> certificates);
  File Crl(const std::string& path, const Identity& authority, std::vector<uint64_t> serials);
  uint64_t Serial() { return (random_.Below(uint64_t{1} << 62) | (uint64_t{1} << 62)); }

  SeededRandom random_;
  absl::Time at_;
  absl::CivilDay today_;
};

std::string StateMaker::MasterList(const Identity& authority, std::vector<std::string> certificates) {
  const absl::CivilDay begin = today_ - 60;
  const Identity signer = Issue({.profile = Profile::kMasterListSigner,
                                 .common_name = "Master List Signer Utopia",
                                 .serial = Serial(),
                                 .validity = Days(begin, 2 * kYear),
                                 .private_key_usage = Days(begin, kYear)},
                                MakeKeyPair(KeyKind::kP256), &authority);
  std::sort(certificates.begin(), certificates.end());  // the order DER gives a SET OF
  std::string set;
  for (const std::string& certificate : certificates) set += certificate;
  return SignCms({.content_type = "2.23.136.1.1.2",  // id-icao-cscaMasterList
                  .content = Tlv(0x30, DerInteger(0) + Tlv(0x31, set)),
                  .signing_time = Midnight(today_ - 30),
                  .signer_id = SignerId::kKeyIdentifier,
                  .further_certificates = {authority.certificate}},
                 signer);
}

File StateMaker::Crl(const std::string& path, const Identity& authority, std::vector<uint64_t> serials) {
  return {path, MakeCrl({.number = 17,
                         .validity = Days(today_ - 1, 90),
                         .serials = std::move(serials),
                         .revoked_at = Midnight(today_ - 20)},
                        authority)};
}

State StateMaker::Make() {
  State state{.at = at_, .today = today_};

  const Identity a = Authority("CSCA Utopia A", KeyKind::kRsa3072, today_ - (4 * kYear + 180));
  const Identity b1 = Authority("CSCA Utopia B", KeyKind::kP384, today_ - 7 * kYear);
  const absl::CivilDay rollover = today_ - (2 * kYear + 60);
  const KeyPair new_key = MakeKeyPair(KeyKind::kP384);
  const Identity b2_link = Issue(AuthorityRequest(Profile::kLink, "CSCA Utopia B", rollover), new_key, &b1);
  const Identity c = Authority("CSCA Utopia C", KeyKind::kBrainpoolP384Explicit, today_ - (3 * kYear + 180));
  const Identity x = Authority("CSCA Utopia X", KeyKind::kP256, today_ - 2 * kYear);

  auto& signers = state.signers;
  signers[SignerKind::kRsa] = DocumentSigner(a, KeyKind::kRsa2048, 4, {.description = "RSA"});
  signers[SignerKind::kRsaPss] = DocumentSigner(
      a, KeyKind::kRsa2048, 2, {.description = "RSA-PSS", .padding = Padding::kPss, .lds_version = LdsVersion::k0108});
  signers[SignerKind::kP256] =
      DocumentSigner(b2_link, KeyKind::kP256, 1,
                     {.description = "P-256", .signer_id = SignerId::kKeyIdentifier, .lds_version = LdsVersion::k0108});
  signers[SignerKind::kBrainpool] =
      DocumentSigner(c, KeyKind::kBrainpoolP256Explicit, 3, {.description = "brainpoolP256r1 explicit"});
  signers[SignerKind::kRevoked] = DocumentSigner(a, KeyKind::kP256, 2, {.description = "revoked"});
  absl::CivilDay expired = today_ - 60;
  signers[SignerKind::kExpired] = DocumentSigner(a, KeyKind::kP256, 4, {.description = "expired"}, &expired);
  signers[SignerKind::kUnknown] = DocumentSigner(x, KeyKind::kP256, 1, {.description = "of an unknown authority"});

  uint64_t revoked = 0;
  const X509* revoked_certificate = signers[SignerKind::kRevoked].identity.certificate.get();
  ASN1_INTEGER_get_uint64(&revoked, X509_get0_serialNumber(revoked_certificate));

  const std::vector<std::string> anchors = {ToDer(*a.certificate), ToDer(*b1.certificate), ToDer(*b2_link.certificate),
                                            ToDer(*c.certificate)};
  state.trust = {{"csca-a.der", anchors[0]},
                 {"csca-b.der", anchors[1]},
                 {"csca-b-link.der", anchors[2]},
                 {"csca-c.der", anchors[3]},
                 {"utopia.ml", MasterList(a, anchors)},
                 Crl("utopia.crl", a, {revoked}),
                 Crl("utopia-b.crl", b2_link, {}),
                 Crl("utopia-c.crl", c, {})};
  state.untrusted = {{"csca-x.der", ToDer(*x.certificate)}};
  return state;
}

}  // namespace

State MakeState(uint64_t seed, absl::Time at) { return StateMaker(seed, at).Make(); }

}  // namespace gatehouse::specimen
