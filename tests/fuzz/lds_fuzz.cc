// Any bytes as any file of the chip. The first byte chooses the file; the reader of that file, its description, and the
// decoder of every picture in it then run. Nothing may crash, hang or allocate without bound.
#include <cstdlib>

#include "libs/emrtd/lds/card_security.h"
#include "libs/emrtd/lds/describe_file.h"
#include "libs/emrtd/lds/image.h"

namespace {

constexpr std::string_view kFiles[] = {"EF.COM",
                                       "DG1",
                                       "DG2",
                                       "DG3",
                                       "DG4",
                                       "DG5",
                                       "DG6",
                                       "DG7",
                                       "DG8",
                                       "DG11",
                                       "DG12",
                                       "DG13",
                                       "DG14",
                                       "DG15",
                                       "DG16",
                                       "SOD",
                                       "",
                                       "EF.CardAccess",
                                       "EF.CardSecurity",
                                       "EF.DIR",
                                       "EF.ATR"};

void Decode(gatehouse::pki::Bytes bytes) {
  using namespace gatehouse::emrtd;
  const auto image = DecodeImage(bytes);
  if (!image.ok()) return;
  const size_t expected =
      static_cast<size_t>(image->width) * static_cast<size_t>(image->height) * static_cast<size_t>(image->channels);
  if (image->pixels.size() != expected || expected > 3 * kMaxImagePixels) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse;
  static const auto& trust = *new std::shared_ptr<const pki::TrustStore>(pki::TrustStore::Builder().Build());
  if (size == 0) return 0;
  const pki::Bytes file(data + 1, size - 1);
  constexpr size_t kCount = std::size(kFiles);
  const size_t choice = data[0] % (kCount + 1);
  if (choice == kCount) {
    Decode(file);
    return 0;
  }
  const emrtd::FileDescription description = emrtd::DescribeFile(kFiles[choice], file);
  for (const emrtd::DescribedPicture& picture : description.pictures) Decode(picture.picture.bytes);
  for (const emrtd::FileFinding& finding : description.findings) {
    if (emrtd::ToWord(finding.defect).empty()) std::abort();
  }
  if (description.file == "EF.CardSecurity") {
    const auto security = emrtd::ReadCardSecurity(file);
    // Against an empty trust store nothing may be established.
    if (security.ok() && emrtd::CheckCardSecurity(*security, *trust, absl::UnixEpoch()).established) std::abort();
  }
  return 0;
}
