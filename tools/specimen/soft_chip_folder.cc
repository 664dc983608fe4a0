#include "tools/specimen/soft_chip_folder.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/security_infos.h"

namespace gatehouse::specimen {
namespace {

using nlohmann::ordered_json;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

struct NameRow {
  bool master;
  uint16_t id;
  const char* name;
};
constexpr NameRow kNames[] = {{true, 0x011C, "EF.CardAccess"}, {true, 0x011D, "EF.CardSecurity"},
                              {true, 0x2F00, "EF.DIR"},        {true, 0x2F01, "EF.ATR"},
                              {false, 0x011C, "EF.CVCA"},      {false, 0x011D, "EF.SOD"},
                              {false, 0x011E, "EF.COM"}};

constexpr emrtd::Cipher kCiphers[] = {emrtd::Cipher::kTripleDes, emrtd::Cipher::kAes128, emrtd::Cipher::kAes192,
                                      emrtd::Cipher::kAes256};
constexpr const char* kDigests[] = {"SHA1", "SHA224", "SHA256", "SHA384", "SHA512"};

Octets FromHex(const std::string& digits) {
  const std::string octets = absl::HexStringToBytes(digits);
  return Octets(octets.begin(), octets.end());
}

std::optional<Octets> ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return Octets(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

ordered_json KeyJson(const SoftChipAgreementKey& key) {
  ordered_json json;
  json["group"] = key.group->id();
  json["cipher"] = ToWord(key.cipher);
  if (key.key_id) json["key_id"] = *key.key_id;
  json["private_key"] = pki::ToHex(key.pair.private_key.Reveal());
  return json;
}

absl::StatusOr<SoftChipAgreementKey> ReadKey(const ordered_json& json) {
  SoftChipAgreementKey key{.group = access::Group::Find(json.at("group").get<int>())};
  if (key.group == nullptr) return absl::InvalidArgumentError("chip.json: unknown group");
  for (const emrtd::Cipher cipher : kCiphers) {
    if (json.at("cipher").get<std::string>() == ToWord(cipher)) key.cipher = cipher;
  }
  if (json.contains("key_id")) key.key_id = json["key_id"].get<int>();
  GH_ASSIGN_OR_RETURN(key.pair, access::MakeKeyPair(*key.group, FromHex(json.at("private_key").get<std::string>()),
                                                    key.group->generator()));
  return key;
}

std::string KeyPem(EVP_PKEY* key) {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free);
  GH_CHECK(PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::Status ReadActiveAuthentication(const ordered_json& json, SoftChipContents& contents) {
  const std::string pem = json.at("key_pem").get<std::string>();
  const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  contents.active_authentication.reset(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  contents.active_authentication_digest = EVP_get_digestbyname(json.at("digest").get<std::string>().c_str());
  if (contents.active_authentication == nullptr || contents.active_authentication_digest == nullptr) {
    return absl::InvalidArgumentError("chip.json: active_authentication has no key, or an unknown digest");
  }
  return absl::OkStatus();
}

absl::Status ReadSecrets(const ordered_json& json, SoftChipContents& contents) {
  contents.mrz_information = json.value("mrz_information", "");
  contents.can = json.value("can", "");
  contents.bac = json.value("bac", true);
  contents.open = json.value("open", false);
  contents.extended_length = json.value("extended_length", true);
  absl::ParseCivilTime(json.value("today", "2026-01-01"), &contents.today);
  for (const ordered_json& key : json.value("chip_authentication", ordered_json::array())) {
    GH_ASSIGN_OR_RETURN(SoftChipAgreementKey read, ReadKey(key));
    contents.chip_authentication.push_back(std::move(read));
  }
  if (json.contains("mapping")) {
    GH_ASSIGN_OR_RETURN(contents.mapping, ReadKey(json["mapping"]));
  }
  for (const ordered_json& point : json.value("trust_points", ordered_json::array())) {
    contents.trust_points.push_back(FromHex(point.get<std::string>()));
  }
  if (json.contains("active_authentication")) return ReadActiveAuthentication(json["active_authentication"], contents);
  return absl::OkStatus();
}

}  // namespace

std::string SoftChipFileName(bool master, uint16_t id) {
  for (const NameRow& row : kNames) {
    if (row.master == master && row.id == id) return row.name;
  }
  GH_CHECK(!master && id > 0x0100 && id <= 0x0110);
  return absl::StrCat("EF.DG", id - 0x0100);
}

std::string SoftChipSecrets(const SoftChipContents& contents) {
  ordered_json json;
  json["mrz_information"] = contents.mrz_information;
  if (!contents.can.empty()) json["can"] = contents.can;
  json["bac"] = contents.bac;
  json["open"] = contents.open;
  json["extended_length"] = contents.extended_length;
  json["today"] = absl::FormatCivilTime(contents.today);
  json["chip_authentication"] = ordered_json::array();
  for (const SoftChipAgreementKey& key : contents.chip_authentication) {
    json["chip_authentication"].push_back(KeyJson(key));
  }
  if (contents.mapping) json["mapping"] = KeyJson(*contents.mapping);
  if (contents.active_authentication != nullptr) {
    json["active_authentication"]["key_pem"] = KeyPem(contents.active_authentication.get());
    for (const char* name : kDigests) {
      if (EVP_MD_is_a(contents.active_authentication_digest, name)) {
        json["active_authentication"]["digest"] = name;
      }
    }
  }
  json["trust_points"] = ordered_json::array();
  for (const Octets& point : contents.trust_points) json["trust_points"].push_back(pki::ToHex(point));
  return json.dump(1) + "\n";
}

absl::StatusOr<SoftChipContents> ReadSoftChip(const std::filesystem::path& folder) {
  SoftChipContents contents;
  for (const NameRow& row : kNames) {
    auto file = ReadFile(folder / absl::StrCat(row.name, ".bin"));
    if (file) (row.master ? contents.master_files : contents.application_files)[row.id] = *std::move(file);
  }
  for (uint16_t number = 1; number <= 16; ++number) {
    auto file = ReadFile(folder / absl::StrCat("EF.DG", number, ".bin"));
    if (file) contents.application_files[static_cast<uint16_t>(0x0100 + number)] = *std::move(file);
  }
  if (contents.application_files.empty()) {
    return absl::NotFoundError(absl::StrCat(folder.string(), ": holds no file of a chip"));
  }
  const auto secrets = ReadFile(folder / "chip.json");
  if (!secrets) {
    contents.bac = false;
    contents.open = true;
    return contents;
  }
  // A file of ours, of known shape: what is missing or of another type throws.
  try {
    GH_RETURN_IF_ERROR(ReadSecrets(ordered_json::parse(secrets->begin(), secrets->end()), contents));
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(folder.string(), "/chip.json: ", error.what()));
  }
  return contents;
}

}  // namespace gatehouse::specimen
