// Any text as a file of the Public Key Directory: records, names, versions, and everything that is found in it put to
// use. The reader must come to the end, and every object it hands over must lie inside the text it read.
#include "libs/pki/pkd_held.h"
#include "libs/pki/trust_material.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse::pki;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const PkdFile file = ReadPkd(text, [](const PkdObject& object) { (void)ClassifyTrustFile(AsBytes(object.der)); });
  (void)CheckFollows(file.versions, 7);
  (void)ParseDn(text.substr(0, 4096));
  (void)ParsePkdName(text.substr(0, 4096));
  (void)PkdHeld::Parse(text.substr(0, 4096));
  PkdVersions versions = file.versions;
  AddFromFileName(text.substr(0, 256), versions);
  PkdHeld held;
  held.Take(versions);
  (void)held.MayTake(file.versions);
  TrustMaterial material = ReadTrustMaterial("file", text);
  ApplyDelta(material, material);
  TrustStore::Builder builder;
  material.AddTo(builder);
  (void)builder.Build();
  return 0;
}
