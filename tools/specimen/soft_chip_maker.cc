#include "tools/specimen/soft_chip_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/mrz/parse.h"
#include "tools/specimen/cv_certificate_maker.h"
#include "tools/specimen/file.h"
#include "tools/specimen/security_infos_maker.h"
#include "tools/specimen/security_object_maker.h"
#include "tools/specimen/seeded_random.h"
#include "tools/specimen/soft_chip_folder.h"
#include "tools/specimen/state.h"
#include "tools/specimen/tlv.h"
#include "tools/specimen/traveller_maker.h"

namespace gatehouse::specimen {
namespace {

using PKey = std::shared_ptr<EVP_PKEY>;

constexpr int kChipKeyId = 1, kMappingKeyId = 2;

PKey Generate(const char* type, const char* group, bool explicit_parameters) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free);
  GH_CHECK(context != nullptr && EVP_PKEY_keygen_init(context.get()) == 1);
  char encoding[] = "explicit";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(group), 0),
      explicit_parameters ? OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, encoding, 0)
                          : OSSL_PARAM_construct_end(),
      OSSL_PARAM_construct_end()};
  GH_CHECK(EVP_PKEY_CTX_set_params(context.get(), parameters) == 1);
  EVP_PKEY* key = nullptr;
  GH_CHECK(EVP_PKEY_keygen(context.get(), &key) == 1);
  return PKey(key, EVP_PKEY_free);
}

std::string PublicKeyInfo(EVP_PKEY* key) {
  uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  GH_CHECK(size > 0);
  std::string info(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return info;
}

// A static key of the chip and the public half as DG14 or EF.CardSecurity spells it out.
struct AgreementKey {
  SoftChipAgreementKey key;
  std::string public_key_info;
};
AgreementKey MakeAgreementKey(const access::Group& group, emrtd::Cipher cipher, int key_id) {
  const std::string name(group.name());
  const PKey pkey = Generate(group.elliptic() ? "EC" : "DHX", name.c_str(), group.elliptic());
  BIGNUM* number = nullptr;
  GH_CHECK(EVP_PKEY_get_bn_param(pkey.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1);
  Octets scalar(static_cast<size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, scalar.data());
  BN_clear_free(number);
  auto pair = access::MakeKeyPair(group, std::move(scalar), group.generator());
  GH_CHECK(pair.ok());
  return {{.group = &group, .cipher = cipher, .key_id = key_id, .pair = *std::move(pair)}, PublicKeyInfo(pkey.get())};
}

Octets ToOctets(const std::string& text) { return access::Copy(pki::AsBytes(text)); }

// The one traveller the document is of, and the signer of it.
struct Document {
  Traveller traveller;
  const Signer* signer = nullptr;
  std::string dg1, dg2;
};
Document MakeDocument(const State& state, uint64_t seed) {
  TravellerMaker maker(state, {}, {.seed = seed});
  Document document{.traveller = maker.Make({.number = 1})};
  for (const auto& [kind, signer] : state.signers) {
    if (document.traveller.expected["signer"] == signer.description) document.signer = &signer;
  }
  GH_CHECK(document.signer != nullptr);
  for (const File& file : document.traveller.files) {
    if (file.path == "EF.DG1.bin") document.dg1 = file.bytes;
    if (file.path == "EF.DG2.bin") document.dg2 = file.bytes;
  }
  return document;
}

std::string MrzInformationOf(const TravelDocument& document) {
  const auto day = [](absl::CivilDay date) {
    return absl::FormatTime("%y%m%d", absl::FromCivil(date, absl::UTCTimeZone()), absl::UTCTimeZone());
  };
  return access::MrzInformation(document.number, day(document.holder.birth_date), day(document.expiry_date));
}

// The terminal of a border post and what is above it.
struct Terminal {
  std::string trust_point;
  std::vector<File> files;
};
Terminal MakeTerminal(absl::CivilDay today) {
  const PKey authority = Generate("EC", "brainpoolP256r1", false), verifier = Generate("EC", "brainpoolP256r1", false),
             terminal = Generate("EC", "brainpoolP256r1", false);
  const absl::CivilDay begin = today - 30, end = today + 300;
  Terminal made;
  made.trust_point = MakeCvCertificate(
      {.key = authority.get(), .domain_parameters = true, .effective = begin, .expiration = end}, {authority.get()});
  const std::string verifier_file = MakeCvCertificate({.holder = "UTDVBORDER00001",
                                                       .key = verifier.get(),
                                                       .rights = kCvDomesticVerifier | kCvReadsFingerprints,
                                                       .effective = begin,
                                                       .expiration = end},
                                                      {authority.get()});
  const std::string terminal_file = MakeCvCertificate({.authority = "UTDVBORDER00001",
                                                       .holder = "UTIS000100001",
                                                       .key = terminal.get(),
                                                       .rights = kCvTerminal | kCvReadsFingerprints,
                                                       .effective = begin,
                                                       .expiration = end},
                                                      {verifier.get()});
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  GH_CHECK(PEM_write_bio_PrivateKey(out.get(), terminal.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* pem = nullptr;
  const long size = BIO_get_mem_data(out.get(), &pem);
  made.files = {{"chain-1.cvcert", verifier_file},
                {"chain-2.cvcert", terminal_file},
                {"terminal.pem", std::string(pem, static_cast<size_t>(size))}};
  return made;
}

class ChipMaker {
 public:
  ChipMaker(const SoftChipOptions& options, const Document& document)
      : options_(options), document_(document), group_(*access::Group::Find(options.group)) {}

  SoftChipContents Make(const Terminal& terminal);
  // Other keys of the same kinds: all a copier can put there.
  SoftChipContents WithOtherKeys(SoftChipContents contents) const;

 private:
  void AddPace(SoftChipContents& contents, std::vector<std::string>& infos);
  void AddActiveAuthentication(SoftChipContents& contents, std::vector<std::string>& infos);
  PKey MakeActiveAuthenticationKey() const;

  const SoftChipOptions& options_;
  const Document& document_;
  const access::Group& group_;
};

void ChipMaker::AddPace(SoftChipContents& contents, std::vector<std::string>& infos) {
  if (!options_.pace) return;
  std::vector<std::string> pace = {MakePaceInfo(*options_.pace, group_.elliptic(), options_.cipher, options_.group)};
  if (options_.several_pace) {
    pace.push_back(MakePaceInfo(emrtd::PaceMapping::kGeneric, true, emrtd::Cipher::kAes128, 12));
  }
  infos.insert(infos.end(), pace.begin(), pace.end());
  contents.can = "500540";
  contents.master_files[0x011C] = ToOctets(MakeSecurityInfos(pace));
  if (*options_.pace != emrtd::PaceMapping::kChipAuthentication) return;
  const AgreementKey mapping = MakeAgreementKey(group_, options_.cipher, kMappingKeyId);
  contents.mapping = mapping.key;
  std::vector<std::string> signed_infos = pace;
  signed_infos.push_back(MakeChipAuthenticationPublicKeyInfo(true, mapping.public_key_info, kMappingKeyId));
  const absl::Time issued = absl::FromCivil(document_.traveller.document.issue_date, absl::UTCTimeZone());
  contents.master_files[0x011D] = ToOctets(SignCms({.content_type = "0.4.0.127.0.7.3.2.1",  // id-SecurityObject
                                                    .content = MakeSecurityInfos(signed_infos),
                                                    .signing_time = issued + absl::Hours(9),
                                                    .padding = document_.signer->padding},
                                                   document_.signer->identity));
}

PKey ChipMaker::MakeActiveAuthenticationKey() const {
  if (options_.active_authentication == ActiveAuthenticationKind::kEcdsa) {
    return Generate("EC", "brainpoolP256r1", true);
  }
  return MakeKeyPair(KeyKind::kRsa2048).pkey;
}

void ChipMaker::AddActiveAuthentication(SoftChipContents& contents, std::vector<std::string>& infos) {
  if (options_.active_authentication == ActiveAuthenticationKind::kNone) return;
  contents.active_authentication = MakeActiveAuthenticationKey();
  contents.application_files[0x010F] = ToOctets(Tlv(0x6F, PublicKeyInfo(contents.active_authentication.get())));
  if (options_.active_authentication == ActiveAuthenticationKind::kEcdsa) {
    infos.push_back(MakeActiveAuthenticationInfo("0.4.0.127.0.7.1.1.4.1.3"));  // ecdsa-plain-SHA256
  }
}

SoftChipContents ChipMaker::Make(const Terminal& terminal) {
  SoftChipContents contents{.mrz_information = MrzInformationOf(document_.traveller.document),
                            .bac = options_.bac,
                            .today = absl::ToCivilDay(options_.at, absl::UTCTimeZone()),
                            .extended_length = options_.extended_length};
  std::vector<std::string> infos;
  auto& files = contents.application_files;
  files[0x0101] = ToOctets(document_.dg1);
  files[0x0102] = ToOctets(document_.dg2);
  AddPace(contents, infos);
  AddActiveAuthentication(contents, infos);
  if (options_.chip_authentication) {
    const AgreementKey key = MakeAgreementKey(group_, options_.chip_authentication_cipher, kChipKeyId);
    contents.chip_authentication.push_back(key.key);
    infos.push_back(MakeChipAuthenticationInfo(group_.elliptic(), options_.chip_authentication_cipher, kChipKeyId));
    infos.push_back(MakeChipAuthenticationPublicKeyInfo(group_.elliptic(), key.public_key_info, kChipKeyId));
  }
  if (options_.fingerprints) {
    infos.push_back(MakeTerminalAuthenticationInfo());
    contents.trust_points = {ToOctets(terminal.trust_point)};
    // No finger inside, but the file whose reading the terminal must earn.
    files[0x0103] = ToOctets(Tlv(0x63, Tlv(0x7F61, Tlv(0x02, std::string(1, '\0'))) + Tlv(0x53, std::string(32, 'R'))));
    Octets cvca = ToOctets(Tlv(0x42, "UTCVCA00001"));
    cvca.resize(36);
    files[0x011C] = std::move(cvca);
  }
  if (!infos.empty()) files[0x010E] = ToOctets(Tlv(0x6E, MakeSecurityInfos(infos)));

  std::map<int, std::string> groups;
  std::string tags;
  constexpr const char* kTags[] = {"\x61", "\x75", "\x63", "", "", "", "", "", "", "", "", "", "", "\x6E", "\x6F"};
  for (const auto& [id, file] : files) {
    if (id > 0x0110) continue;
    groups[id - 0x0100] = std::string(pki::AsText(file));
    tags += kTags[id - 0x0101];
  }
  files[0x011E] = ToOctets(Tlv(0x60, Tlv(0x5F01, "0107") + Tlv(0x5F36, "040000") + Tlv(0x5C, tags)));
  const absl::Time issued = absl::FromCivil(document_.traveller.document.issue_date, absl::UTCTimeZone());
  files[0x011D] = ToOctets(MakeSecurityObject({.data_groups = groups,
                                               .signing_time = issued + absl::Hours(9),
                                               .signer_id = document_.signer->signer_id,
                                               .padding = document_.signer->padding},
                                              document_.signer->identity));
  return contents;
}

SoftChipContents ChipMaker::WithOtherKeys(SoftChipContents contents) const {
  for (SoftChipAgreementKey& key : contents.chip_authentication) {
    key = MakeAgreementKey(group_, key.cipher, *key.key_id).key;
  }
  if (contents.mapping) contents.mapping = MakeAgreementKey(group_, options_.cipher, kMappingKeyId).key;
  if (contents.active_authentication != nullptr) contents.active_authentication = MakeActiveAuthenticationKey();
  return contents;
}

absl::Status Write(const std::filesystem::path& folder, const SoftChipContents& contents, const File& mrz) {
  std::vector<File> files = {mrz, {"chip.json", SoftChipSecrets(contents)}};
  for (const auto& [id, file] : contents.master_files) {
    files.push_back({SoftChipFileName(true, id) + ".bin", std::string(pki::AsText(file))});
  }
  for (const auto& [id, file] : contents.application_files) {
    files.push_back({SoftChipFileName(false, id) + ".bin", std::string(pki::AsText(file))});
  }
  return WriteFiles(folder, files);
}

absl::Status CheckOptions(const SoftChipOptions& options) {
  const access::Group* group = access::Group::Find(options.group);
  if (group == nullptr) return absl::InvalidArgumentError("there is no such group of standardised parameters");
  if (options.pace == emrtd::PaceMapping::kChipAuthentication &&
      (!group->elliptic() || options.cipher == emrtd::Cipher::kTripleDes)) {
    return absl::InvalidArgumentError("PACE-CAM needs a curve and AES");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeSoftChip(const SoftChipOptions& options, const std::filesystem::path& folder) {
  GH_RETURN_IF_ERROR(CheckOptions(options));
  const SeededCrypto seeded_crypto(options.seed);
  const State state = MakeState(options.seed, options.at);
  const Document document = MakeDocument(state, options.seed);
  const Terminal terminal = MakeTerminal(state.today);
  ChipMaker maker(options, document);
  const SoftChipContents chip = maker.Make(terminal);
  SoftChipContents without_keys = chip;
  without_keys.chip_authentication.clear();
  without_keys.mapping.reset();
  without_keys.active_authentication.reset();
  const auto mrz = std::find_if(document.traveller.files.begin(), document.traveller.files.end(),
                                [](const File& file) { return file.path == "mrz.txt"; });
  GH_CHECK(mrz != document.traveller.files.end());
  GH_RETURN_IF_ERROR(WriteFiles(folder / "trust", state.trust));
  GH_RETURN_IF_ERROR(WriteFiles(folder / "terminal", terminal.files));
  GH_RETURN_IF_ERROR(Write(folder / "chip", chip, *mrz));
  GH_RETURN_IF_ERROR(Write(folder / "clone", maker.WithOtherKeys(chip), *mrz));
  return Write(folder / "clone-without-keys", without_keys, *mrz);
}

}  // namespace gatehouse::specimen
