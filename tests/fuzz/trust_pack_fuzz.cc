// Any bytes as the body of a trust pack that a known centre has signed: what lies behind the signature is reached too.
#include "libs/pki/specimen_for_tests.h"
#include "libs/pki/trust_pack.h"

namespace {

using namespace gatehouse::pki;

struct Centre {
  Centre() {
    certificate =
        specimen::MakeCertificate({.key_info = key.info, .algorithm = specimen::DefaultAlgorithm("prime256v1")}, key);
    signers.push_back(*Certificate::Parse(AsBytes(certificate)));
  }
  specimen::Key key{"prime256v1"};
  std::string certificate;
  std::vector<CertificatePtr> signers;
};

void AppendText(std::string& out, std::string_view text) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>(text.size() >> (8 * i)));
  out.append(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Centre& centre = *new Centre();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)ReadTrustPack(bytes, centre.signers);
  for (const std::string magic : {"GHTPACK1", "GHTPACK2"}) {
    std::string pack = magic;
    AppendText(pack, centre.certificate);
    AppendText(pack, centre.key.Sign(specimen::DefaultAlgorithm("prime256v1"), magic + std::string(bytes)));
    pack.append(bytes);
    (void)ReadTrustPack(pack, centre.signers);
  }
  return 0;
}
