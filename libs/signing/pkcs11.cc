#include "libs/signing/pkcs11.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <array>
#include <cstring>
#include <fstream>
#include <mutex>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/pki/oid.h"

namespace gatehouse::signing {
namespace {

using pki::Bytes;

constexpr size_t kMaxSlots = 64;
constexpr size_t kMaxAttributeBytes = 8192;
constexpr size_t kMaxSignatureBytes = 1024;
constexpr size_t kMaxPinBytes = 256;

absl::Status Refused(std::string_view what, CK_RV code) {
  const std::string text = absl::StrCat("token: ", std::string(what), ": ", p11_kit_strerror(code));
  if (code == CKR_PIN_INCORRECT || code == CKR_PIN_LOCKED || code == CKR_PIN_INVALID) {
    return absl::FailedPreconditionError(text);
  }
  return absl::UnavailableError(text);
}

std::string Der(uint8_t tag, std::string_view value) {
  std::string der(1, static_cast<char>(tag));
  if (value.size() < 0x80) {
    der += static_cast<char>(value.size());
  } else {
    der += {static_cast<char>(0x82), static_cast<char>(value.size() >> 8), static_cast<char>(value.size())};
  }
  return der += value;
}

std::string Sequence(std::string_view value) { return Der(0x30, value); }
std::string BitString(const std::string& value) { return Der(0x03, std::string(1, '\0') + value); }
std::string UnsignedInteger(std::string value) {
  if (value.empty() || static_cast<uint8_t>(value[0]) >= 0x80) value.insert(0, 1, '\0');
  return Der(0x02, value);
}
std::string ObjectId(const pki::Oid& oid) { return Der(0x06, pki::AsText(oid.bytes())); }

const pki::Oid& OidOf(pki::Digest digest) {
  static constexpr std::array<pki::Oid, 5> kOids = {pki::oid::kSha1, pki::oid::kSha224, pki::oid::kSha256,
                                                    pki::oid::kSha384, pki::oid::kSha512};
  return kOids[static_cast<size_t>(digest)];
}

struct UriFree {
  void operator()(P11KitUri* uri) const { p11_kit_uri_free(uri); }
};
using UriPtr = std::unique_ptr<P11KitUri, UriFree>;

// A module that was loaded and initialised; finalised with the last that uses it.
class Module {
 public:
  static absl::StatusOr<std::unique_ptr<Module>> Load(const std::string& path) {
    CK_FUNCTION_LIST* functions = p11_kit_module_load(path.c_str(), 0);
    if (functions == nullptr) return absl::NotFoundError(absl::StrCat("token: no PKCS#11 module at ", path));
    const CK_RV code = p11_kit_module_initialize(functions);
    if (code != CKR_OK) {
      p11_kit_module_release(functions);
      return Refused("the module does not start", code);
    }
    return std::unique_ptr<Module>(new Module(functions));
  }
  ~Module() {
    p11_kit_module_finalize(functions_);
    p11_kit_module_release(functions_);
  }
  CK_FUNCTION_LIST* operator->() const { return functions_; }

 private:
  explicit Module(CK_FUNCTION_LIST* functions) : functions_(functions) {}
  CK_FUNCTION_LIST* functions_;
};

class Pkcs11Key final : public pki::SigningKey {
 public:
  Pkcs11Key(std::unique_ptr<Module> module, CK_SESSION_HANDLE session)
      : module_(std::move(module)), session_(session) {}
  ~Pkcs11Key() override { (*module_)->C_CloseSession(session_); }

  const std::vector<uint8_t>& public_key_info() const override { return info_; }
  absl::StatusOr<std::vector<uint8_t>> SignDigest(pki::Digest digest, Bytes value) const override;

  absl::Status LogIn(std::string pin) const {
    const CK_RV code = (*module_)->C_Login(session_, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(pin.data()), pin.size());
    return code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN ? absl::OkStatus() : Refused("log-in", code);
  }
  // The private key that the URI names, and the public one of the same id.
  absl::Status Find(P11KitUri* uri);

 private:
  absl::StatusOr<CK_OBJECT_HANDLE> FindObject(std::vector<CK_ATTRIBUTE> wanted) const;
  absl::StatusOr<std::string> Attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
  absl::Status ReadPublicKey(CK_OBJECT_HANDLE object);

  std::unique_ptr<Module> module_;
  CK_SESSION_HANDLE session_;
  CK_OBJECT_HANDLE key_ = 0;
  bool rsa_ = false;
  std::vector<uint8_t> info_;
  mutable std::mutex mutex_;  // a session does one thing at a time
};

absl::StatusOr<CK_OBJECT_HANDLE> Pkcs11Key::FindObject(std::vector<CK_ATTRIBUTE> wanted) const {
  CK_RV code = (*module_)->C_FindObjectsInit(session_, wanted.data(), wanted.size());
  if (code != CKR_OK) return Refused("search", code);
  CK_OBJECT_HANDLE found[2];
  CK_ULONG count = 0;
  code = (*module_)->C_FindObjects(session_, found, 2, &count);
  (*module_)->C_FindObjectsFinal(session_);
  if (code != CKR_OK) return Refused("search", code);
  if (count == 0) return absl::NotFoundError("token: it holds no such key");
  if (count > 1) return absl::InvalidArgumentError("token: more than one key fits: name its id");
  return found[0];
}

absl::StatusOr<std::string> Pkcs11Key::Attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  std::string value(kMaxAttributeBytes, '\0');
  CK_ATTRIBUTE attribute{type, value.data(), value.size()};
  const CK_RV code = (*module_)->C_GetAttributeValue(session_, object, &attribute, 1);
  if (code != CKR_OK) return Refused("reading the key", code);
  value.resize(attribute.ulValueLen);
  return value;
}

absl::Status Pkcs11Key::ReadPublicKey(CK_OBJECT_HANDLE object) {
  std::string info;
  if (rsa_) {
    GH_ASSIGN_OR_RETURN(const std::string modulus, Attribute(object, CKA_MODULUS));
    GH_ASSIGN_OR_RETURN(const std::string exponent, Attribute(object, CKA_PUBLIC_EXPONENT));
    info = Sequence(Sequence(ObjectId(pki::oid::kRsaEncryption) + Der(0x05, "")) +
                    BitString(Sequence(UnsignedInteger(modulus) + UnsignedInteger(exponent))));
  } else {
    GH_ASSIGN_OR_RETURN(const std::string parameters, Attribute(object, CKA_EC_PARAMS));
    GH_ASSIGN_OR_RETURN(const std::string point, Attribute(object, CKA_EC_POINT));
    // The point stands in an OCTET STRING (PKCS#11 2.3.3); some modules leave that out.
    const auto wrapped = pki::ReadOnly(pki::AsBytes(point), pki::tag::kOctetString, pki::Rules::kDer, "point");
    const std::string bare = wrapped.ok() ? std::string(pki::AsText(wrapped->value)) : point;
    info = Sequence(Sequence(ObjectId(pki::oid::kEcPublicKey) + parameters) + BitString(bare));
  }
  info_.assign(info.begin(), info.end());
  return pki::PublicKey::Parse(info_).status();
}

absl::Status Pkcs11Key::Find(P11KitUri* uri) {
  CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY, public_class = CKO_PUBLIC_KEY;
  std::vector<CK_ATTRIBUTE> wanted = {{CKA_CLASS, &private_class, sizeof private_class}};
  for (const CK_ATTRIBUTE_TYPE type : {CKA_LABEL, CKA_ID}) {
    CK_ATTRIBUTE* named = p11_kit_uri_get_attribute(uri, type);
    if (named != nullptr) wanted.push_back(*named);
  }
  if (wanted.size() == 1) return absl::InvalidArgumentError("token: the URI names no key: object= or id=");
  GH_ASSIGN_OR_RETURN(key_, FindObject(wanted));
  GH_ASSIGN_OR_RETURN(const std::string type, Attribute(key_, CKA_KEY_TYPE));
  CK_KEY_TYPE key_type = 0;
  if (type.size() == sizeof key_type) std::memcpy(&key_type, type.data(), sizeof key_type);
  if (key_type != CKK_EC && key_type != CKK_RSA)
    return absl::InvalidArgumentError("token: neither an EC nor an RSA key");
  rsa_ = key_type == CKK_RSA;
  GH_ASSIGN_OR_RETURN(std::string id, Attribute(key_, CKA_ID));
  GH_ASSIGN_OR_RETURN(const CK_OBJECT_HANDLE public_key,
                      FindObject({{CKA_CLASS, &public_class, sizeof public_class}, {CKA_ID, id.data(), id.size()}}));
  return ReadPublicKey(public_key);
}

absl::StatusOr<std::vector<uint8_t>> Pkcs11Key::SignDigest(pki::Digest digest, Bytes value) const {
  std::string input(pki::AsText(value));
  if (rsa_) {
    // DigestInfo ::= SEQUENCE { AlgorithmIdentifier, OCTET STRING }
    input = Sequence(Sequence(ObjectId(OidOf(digest)) + Der(0x05, "")) + Der(0x04, input));
  }
  CK_MECHANISM mechanism{static_cast<CK_MECHANISM_TYPE>(rsa_ ? CKM_RSA_PKCS : CKM_ECDSA), nullptr, 0};
  const std::lock_guard lock(mutex_);
  CK_RV code = (*module_)->C_SignInit(session_, &mechanism, key_);
  if (code != CKR_OK) return Refused("signing", code);
  std::vector<uint8_t> signature(kMaxSignatureBytes);
  CK_ULONG size = signature.size();
  code = (*module_)->C_Sign(session_, reinterpret_cast<CK_BYTE*>(input.data()), input.size(), signature.data(), &size);
  if (code != CKR_OK) return Refused("signing", code);
  signature.resize(size);
  return signature;
}

absl::StatusOr<CK_SLOT_ID> FindSlot(const Module& module, P11KitUri* uri) {
  std::vector<CK_SLOT_ID> slots(kMaxSlots);
  CK_ULONG count = slots.size();
  const CK_RV code = module->C_GetSlotList(CK_TRUE, slots.data(), &count);
  if (code != CKR_OK) return Refused("the list of slots", code);
  for (CK_ULONG i = 0; i < count; ++i) {
    CK_TOKEN_INFO info{};
    if (module->C_GetTokenInfo(slots[i], &info) == CKR_OK && p11_kit_uri_match_token_info(uri, &info) != 0) {
      return slots[i];
    }
  }
  return absl::NotFoundError("token: no such token is in the reader");
}

// The first line of the file.
absl::StatusOr<std::string> ReadPin(std::string path) {
  if (absl::StartsWith(path, "file:")) path.erase(0, 5);
  std::ifstream in(path);
  std::string pin;
  if (!in || !std::getline(in, pin)) return absl::NotFoundError("token: the file of the PIN cannot be read");
  if (pin.size() > kMaxPinBytes) return absl::InvalidArgumentError("token: the PIN is longer than the limit");
  return pin;
}

}  // namespace

absl::StatusOr<std::unique_ptr<pki::SigningKey>> OpenPkcs11Key(const std::string& text) {
  const UriPtr uri(p11_kit_uri_new());
  if (p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get()) != P11_KIT_URI_OK) {
    return absl::InvalidArgumentError("token: the pkcs11: URI is broken");
  }
  if (p11_kit_uri_get_pin_value(uri.get()) != nullptr) {
    return absl::InvalidArgumentError("token: no pin-value: name a file with the PIN by pin-source");
  }
  const char* module_path = p11_kit_uri_get_module_path(uri.get());
  if (module_path == nullptr) return absl::InvalidArgumentError("token: the URI names no module-path");
  GH_ASSIGN_OR_RETURN(std::unique_ptr<Module> module, Module::Load(module_path));
  GH_ASSIGN_OR_RETURN(const CK_SLOT_ID slot, FindSlot(*module, uri.get()));
  CK_SESSION_HANDLE session = 0;
  const CK_RV code = (*module)->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
  if (code != CKR_OK) return Refused("opening it", code);
  auto key = std::make_unique<Pkcs11Key>(std::move(module), session);
  const char* pin_source = p11_kit_uri_get_pin_source(uri.get());
  if (pin_source != nullptr) {
    GH_ASSIGN_OR_RETURN(std::string pin, ReadPin(pin_source));
    GH_RETURN_IF_ERROR(key->LogIn(std::move(pin)));
  }
  GH_RETURN_IF_ERROR(key->Find(uri.get()));
  return key;
}

}  // namespace gatehouse::signing
