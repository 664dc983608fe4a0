#include "libs/seal/packing.h"

#include <zstd.h>

#include <memory>

#include "libs/base/check.h"
#include "libs/seal/dictionary.h"
#include "libs/seal/seal.h"

namespace gatehouse::seal {
namespace {

// A report takes some 60 microseconds at this level, and little is gained above it.
constexpr int kLevel = 9;

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using CompressionContext = std::unique_ptr<ZSTD_CCtx, Freer<ZSTD_freeCCtx>>;
using DecompressionContext = std::unique_ptr<ZSTD_DCtx, Freer<ZSTD_freeDCtx>>;
using CompressionDictionary = std::unique_ptr<ZSTD_CDict, Freer<ZSTD_freeCDict>>;
using DecompressionDictionary = std::unique_ptr<ZSTD_DDict, Freer<ZSTD_freeDDict>>;

const ZSTD_CDict* CurrentDictionary() {
  static const CompressionDictionary dictionary(
      ZSTD_createCDict(kDictionary40001.data(), kDictionary40001.size(), kLevel));
  GH_CHECK(dictionary != nullptr);
  return dictionary.get();
}

// One line for each dictionary that ever was current. Null: none of ours.
const ZSTD_DDict* FindDictionary(unsigned id) {
  static const DecompressionDictionary first(ZSTD_createDDict(kDictionary40001.data(), kDictionary40001.size()));
  GH_CHECK(first != nullptr);
  return id == ZSTD_getDictID_fromDDict(first.get()) ? first.get() : nullptr;
}

}  // namespace

Packed Pack(std::string_view plaintext) {
  thread_local const CompressionContext context(ZSTD_createCCtx());
  GH_CHECK(context != nullptr);
  Packed packed{.bytes = std::string(ZSTD_compressBound(plaintext.size()), '\0')};
  const size_t size = ZSTD_compress_usingCDict(context.get(), packed.bytes.data(), packed.bytes.size(),
                                               plaintext.data(), plaintext.size(), CurrentDictionary());
  GH_CHECK(!ZSTD_isError(size));
  packed.bytes.resize(size);
  packed.bytes.shrink_to_fit();
  return packed;
}

absl::StatusOr<std::string> Unpack(std::string_view packed) {
  const unsigned long long declared = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (declared == ZSTD_CONTENTSIZE_ERROR || declared == ZSTD_CONTENTSIZE_UNKNOWN) {
    return absl::DataLossError("seal: a packed value does not say how long it is");
  }
  if (declared > kMaxPlaintextBytes) return absl::DataLossError("seal: a packed value is over 64 MiB");
  const ZSTD_DDict* dictionary = FindDictionary(ZSTD_getDictID_fromFrame(packed.data(), packed.size()));
  if (dictionary == nullptr) {
    return absl::DataLossError("seal: a value was packed with a dictionary that this version does not have");
  }
  thread_local const DecompressionContext context(ZSTD_createDCtx());
  GH_CHECK(context != nullptr);
  std::string plaintext(declared, '\0');
  const size_t size = ZSTD_decompress_usingDDict(context.get(), plaintext.data(), plaintext.size(), packed.data(),
                                                 packed.size(), dictionary);
  if (ZSTD_isError(size) || size != declared) return absl::DataLossError("seal: a packed value does not unpack");
  return plaintext;
}

}  // namespace gatehouse::seal
