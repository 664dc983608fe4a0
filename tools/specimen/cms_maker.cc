#include "tools/specimen/cms_maker.h"

#include <openssl/cms.h>

#include "libs/base/check.h"

namespace gatehouse::specimen {
namespace {

using Cms = std::unique_ptr<CMS_ContentInfo, decltype(&CMS_ContentInfo_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

void SetContentType(CMS_ContentInfo* cms, const char* dotted) {
  ASN1_OBJECT* object = OBJ_txt2obj(dotted, 1);
  GH_CHECK(object != nullptr && CMS_set1_eContentType(cms, object) == 1);
  ASN1_OBJECT_free(object);
}

void AddSigningTime(CMS_SignerInfo* info, absl::Time time) {
  ASN1_TIME* value = ASN1_TIME_set(nullptr, absl::ToTimeT(time));
  GH_CHECK(CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime, value->type, value, -1) == 1);
  ASN1_STRING_free(value);
}

}  // namespace

std::string SignCms(const CmsRequest& request, const Identity& signer) {
  constexpr unsigned kFlags = CMS_BINARY | CMS_PARTIAL;
  const Cms cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, kFlags), CMS_ContentInfo_free);
  GH_CHECK(cms != nullptr);
  SetContentType(cms.get(), request.content_type);

  const unsigned by_key = request.signer_id == SignerId::kKeyIdentifier ? CMS_USE_KEYID : 0;
  CMS_SignerInfo* info = CMS_add1_signer(cms.get(), signer.certificate.get(), signer.key.pkey.get(),
                                         signer.key.digest(), kFlags | CMS_KEY_PARAM | CMS_NOSMIMECAP | by_key);
  GH_CHECK(info != nullptr);
  SetPadding(CMS_SignerInfo_get0_pkey_ctx(info), signer.key, request.padding);
  AddSigningTime(info, request.signing_time);
  for (const auto& certificate : request.further_certificates) {
    GH_CHECK(CMS_add1_cert(cms.get(), certificate.get()) == 1);
  }

  const Bio content(BIO_new_mem_buf(request.content.data(), static_cast<int>(request.content.size())), BIO_free);
  GH_CHECK(CMS_final(cms.get(), content.get(), nullptr, CMS_BINARY) == 1);
  unsigned char* der = nullptr;
  const int size = i2d_CMS_ContentInfo(cms.get(), &der);
  GH_CHECK(size > 0);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

}  // namespace gatehouse::specimen
