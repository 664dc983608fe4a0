#include "libs/emrtd/specimen_for_tests.h"

#include "libs/base/check.h"
#include "libs/emrtd/lds/data_groups.h"

namespace gatehouse::emrtd::specimen {

using namespace pki::specimen;  // the writers of DER are the vocabulary here

namespace {

constexpr char kZone[] =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

std::span<const std::string_view> Countries(std::string_view state) {
  static constexpr std::string_view kUtopia[] = {"UT"}, kGermany[] = {"DE"};
  if (state == "UTO") return kUtopia;
  if (state == "D") return kGermany;
  return {};
}

std::string Tagged(std::string_view tag_octets, std::string_view value) {
  // The length octets of Element() serve any tag.
  return std::string(tag_octets) + Element(0, value).substr(1);
}

std::string MakeLds(const Chip& chip) {
  std::vector<std::string> digests;
  for (const auto& [number, file] : chip.data_groups) {
    const pki::DigestValue digest = pki::ComputeDigest(chip.digest, pki::AsBytes(file));
    digests.push_back(Sequence({Integer(number), Octets(pki::AsText(digest.bytes()))}));
  }
  const std::string version_info =
      chip.lds_version == 1 ? Sequence({Element(0x13, "0108"), Element(0x13, "040000")}) : "";
  return Sequence({Integer(chip.lds_version), DigestAlgorithm(chip.digest), Sequence(digests), version_info});
}

}  // namespace

std::string MakeDataGroup1(std::string_view zone) { return Element(0x61, Tagged("\x5F\x1F", zone)); }

std::string MakeDataGroup2(size_t picture_bytes) {
  using namespace std::string_literals;
  std::string picture = "\xFF\xD8\xFF\xC0\x00\x11\x08\x01\x40\x00\xF0\x03"s;  // a frame of 240 by 320
  for (size_t i = picture.size(); i < picture_bytes; ++i) picture += static_cast<char>(i * 131 >> 3);
  const auto number = [](size_t value) {
    return std::string{static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
                       static_cast<char>(value)};
  };
  const std::string image_information = "\x01\x00\x00\xF0\x01\x40\x01\x00\x00\x00\x00\x00"s;
  const std::string face = number(32 + picture.size()) + std::string(16, '\0') + image_information + picture;
  const std::string record = "FAC\0"s + "010\0"s + number(14 + face.size()) + "\x00\x01"s + face;
  const std::string instance =
      Tagged("\x7F\x60", Element(0xA1, "\x87\x02\x01\x01\x88\x02\x00\x08"s) + Tagged("\x5F\x2E", record));
  return Element(0x75, Tagged("\x7F\x61", Element(0x02, "\x01") + instance));
}

std::string MakeCom(const std::vector<int>& data_groups) {
  std::string tags;
  for (const int number : data_groups) tags += static_cast<char>(DataGroupTag(number));
  return Element(0x60, Tagged("\x5F\x01", "0107") + Tagged("\x5F\x36", "040000") + Element(0x5C, tags));
}

Chip::Chip(const Keys& chip_keys) : keys(chip_keys) {
  const pki::SignatureAlgorithm authority_algorithm = DefaultAlgorithm(keys.authority_kind);
  authority = {.subject = Name("UT", "CSCA"),
               .not_before = "190101000000Z",
               .not_after = "350101000000Z",
               .subject_key_identifier = "authority key",
               .authority = true,
               .key_usage = 0x06,
               .algorithm = authority_algorithm};
  signer = {.serial = 77,
            .subject_key_identifier = "signer key",
            .authority_key_identifier = "authority key",
            .key_usage = 0x80,
            .algorithm = authority_algorithm};
  security_object.algorithm = DefaultAlgorithm(keys.kind);
  security_object.signer_identifier = IssuerAndSerial(signer.issuer, signer.serial);
  data_groups = {{1, MakeDataGroup1(kZone)}, {2, MakeDataGroup2(64)}};
  com = MakeCom({1, 2});
}

void Chip::Make() {
  authority.key_info = keys.authority.info;
  authority_der = MakeCertificate(authority, keys.authority);
  signer.key_info = keys.signer.info;
  signer_der = MakeCertificate(signer, keys.authority);
  if (embed_signer) security_object.certificates.insert(security_object.certificates.begin(), signer_der);
  security_object.content = MakeLds(*this);
  security_object_file = Element(0x77, MakeSignedData(security_object, keys.signer)) + trailing;
}

ChipFiles Chip::files() const {
  ChipFiles chip{.security_object = pki::AsBytes(security_object_file)};
  if (!com.empty()) chip.com = pki::AsBytes(com);
  for (const auto& [number, file] : data_groups) chip.data_groups.push_back({number, pki::AsBytes(file)});
  return chip;
}

void AddCertificate(std::string_view der, pki::TrustStore::Builder& builder) {
  auto certificate = pki::Certificate::Parse(pki::AsBytes(der));
  GH_CHECK(certificate.ok());
  builder.AddCertificate(*std::move(certificate));
}

void AddCrl(std::string_view der, pki::TrustStore::Builder& builder) {
  auto crl = pki::CertificateRevocationList::Parse(pki::AsBytes(der));
  GH_CHECK(crl.ok());
  builder.AddCrl(*std::move(crl));
}

std::shared_ptr<const pki::TrustStore> TrustIn(const Chip& chip) {
  pki::TrustStore::Builder builder;
  AddCertificate(chip.authority_der, builder);
  return builder.Build();
}

PassiveAuthenticationReport Verify(const Chip& chip, const pki::TrustStore& trust,
                                   const pki::DeviationTable* deviations) {
  return PassiveAuthentication({.files = chip.files(),
                                .trust = &trust,
                                .countries = Countries,
                                .check_time = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone()),
                                .deviations = deviations});
}

}  // namespace gatehouse::emrtd::specimen
