// JPEG by libjpeg-turbo. The library reports errors by longjmp, which runs no destructor: so every function below that
// calls it after setjmp has only trivial locals, writes into memory that its caller owns, and is called from
// JpegDecoder, whose destructor releases the library's memory.
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it first

#include <jpeglib.h>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/image_decoders.h"

namespace gatehouse::emrtd {
namespace {

constexpr size_t kMaxJpegMemory = 96 * 1024 * 1024;

// What the callbacks of the library find again.
struct ErrorState {
  jpeg_error_mgr manager;  // first: the library's pointer is cast back to this
  std::jmp_buf jump;
  int code = 0;
};

[[noreturn]] void OnError(j_common_ptr info) {
  auto* state = reinterpret_cast<ErrorState*>(info->err);
  state->code = state->manager.msg_code;
  std::longjmp(state->jump, 1);
}
// A message below zero is a warning: counted, so that the picture is marked as damaged, and never printed.
void OnMessage(j_common_ptr info, int level) {
  if (level < 0) ++info->err->num_warnings;
}
void OnOutput(j_common_ptr) {}

// A progressive picture may have any number of scans, each costing a pass over all its coefficients.
void OnProgress(j_common_ptr info) {
  if (!info->is_decompressor) return;
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMaxJpegScans) OnError(info);
}

class JpegDecoder {
 public:
  JpegDecoder() {
    info_.err = jpeg_std_error(&errors_.manager);
    errors_.manager.error_exit = OnError;
    errors_.manager.emit_message = OnMessage;
    errors_.manager.output_message = OnOutput;
    progress_.progress_monitor = OnProgress;
  }
  ~JpegDecoder() {
    if (created_) jpeg_destroy_decompress(&info_);
  }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  // False on an error of the library.
  bool ReadHeader(const uint8_t* bytes, size_t size) {
    if (setjmp(errors_.jump) != 0) return false;
    jpeg_create_decompress(&info_);
    created_ = true;
    info_.progress = &progress_;
    info_.mem->max_memory_to_use = static_cast<long>(kMaxJpegMemory);
    jpeg_mem_src(&info_, bytes, static_cast<unsigned long>(size));
    return jpeg_read_header(&info_, TRUE) == JPEG_HEADER_OK;
  }

  // Rows into `pixels`, which has room for all of them.
  bool ReadPixels(uint8_t* pixels, size_t row_bytes) {
    if (setjmp(errors_.jump) != 0) return false;
    info_.out_color_space = channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = pixels + row_bytes * info_.output_scanline;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  const jpeg_decompress_struct& info() const { return info_; }
  int channels() const { return info_.num_components == 1 ? 1 : 3; }
  bool damaged() const { return errors_.manager.num_warnings > 0; }
  int error_code() const { return errors_.code; }

 private:
  ErrorState errors_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
  bool created_ = false;
};

absl::Status Refused(const JpegDecoder& decoder) {
  return pki::Malformed("JPEG image", absl::StrCat("is refused by the decoder (", decoder.error_code(), ")"));
}

}  // namespace

absl::StatusOr<DecodedImage> DecodeJpeg(Bytes bytes) {
  JpegDecoder decoder;
  if (!decoder.ReadHeader(bytes.data(), bytes.size())) return Refused(decoder);
  const jpeg_decompress_struct& info = decoder.info();
  GH_RETURN_IF_ERROR(CheckDimensions(info.image_width, info.image_height, info.num_components, bytes.size()));
  if (info.num_components != 1 && info.num_components != 3) {
    return absl::UnimplementedError("JPEG pictures of two or four components are not decoded");
  }
  DecodedImage image{.width = static_cast<int>(info.image_width),
                     .height = static_cast<int>(info.image_height),
                     .channels = decoder.channels()};
  const size_t row_bytes = size_t{info.image_width} * static_cast<size_t>(image.channels);
  image.pixels.resize(row_bytes * info.image_height);
  if (!decoder.ReadPixels(image.pixels.data(), row_bytes)) return Refused(decoder);
  image.damaged = decoder.damaged();
  return image;
}

}  // namespace gatehouse::emrtd
