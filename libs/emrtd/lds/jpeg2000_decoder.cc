// JPEG 2000 by OpenJPEG. The library is given the bare codestream, after jpeg2000_header.h has found its dimensions
// within the limits: the boxes of JP2 files are read here, so that what was checked is what is decoded.
#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/image_decoders.h"
#include "libs/emrtd/lds/jpeg2000_header.h"

namespace gatehouse::emrtd {
namespace {

struct Source {
  Bytes bytes;
  size_t at = 0;
};

OPJ_SIZE_T ReadSource(void* buffer, OPJ_SIZE_T count, void* user) {
  auto* source = static_cast<Source*>(user);
  const size_t taken = std::min<size_t>(count, source->bytes.size() - source->at);
  if (taken == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(buffer, source->bytes.data() + source->at, taken);
  source->at += taken;
  return taken;
}
OPJ_OFF_T SkipSource(OPJ_OFF_T count, void* user) {
  auto* source = static_cast<Source*>(user);
  if (count < 0) return -1;
  const size_t skipped = std::min<size_t>(static_cast<size_t>(count), source->bytes.size() - source->at);
  source->at += skipped;
  return skipped == static_cast<size_t>(count) ? count : -1;
}
OPJ_BOOL SeekSource(OPJ_OFF_T position, void* user) {
  auto* source = static_cast<Source*>(user);
  if (position < 0 || static_cast<size_t>(position) > source->bytes.size()) return OPJ_FALSE;
  source->at = static_cast<size_t>(position);
  return OPJ_TRUE;
}

void Ignore(const char*, void*) {}
void Count(const char*, void* user) { ++*static_cast<int*>(user); }

template <typename T, auto kDestroy>
struct Destroyer {
  void operator()(T* object) const { kDestroy(object); }
};
using Codec = std::unique_ptr<opj_codec_t, Destroyer<opj_codec_t, opj_destroy_codec>>;
using Stream = std::unique_ptr<opj_stream_t, Destroyer<opj_stream_t, opj_stream_destroy>>;
using Image = std::unique_ptr<opj_image_t, Destroyer<opj_image_t, opj_image_destroy>>;

// The pixel of a component at (x, y) of the picture, brought to eight bits.
uint8_t Sample(const opj_image_comp_t& component, uint32_t x, uint32_t y) {
  const uint32_t column = std::min(x / component.dx, component.w - 1),
                 row = std::min(y / component.dy, component.h - 1);
  int64_t value = component.data[size_t{row} * component.w + column];
  if (component.sgnd) value += int64_t{1} << (component.prec - 1);
  const int64_t largest = (int64_t{1} << component.prec) - 1;
  value = std::clamp<int64_t>(value, 0, largest);
  return static_cast<uint8_t>(largest == 255 ? value : value * 255 / largest);
}

uint8_t ToOctet(double value) { return static_cast<uint8_t>(std::clamp(value + .5, 0.0, 255.0)); }

// ITU-R BT.601, full range.
void LumaChromaToRgb(uint8_t* pixel) {
  const double y = pixel[0], cb = pixel[1] - 128.0, cr = pixel[2] - 128.0;
  pixel[0] = ToOctet(y + 1.402 * cr);
  pixel[1] = ToOctet(y - .344136 * cb - .714136 * cr);
  pixel[2] = ToOctet(y + 1.772 * cb);
}

absl::Status CheckComponents(const opj_image_t& image, int channels) {
  for (int i = 0; i < channels; ++i) {
    const opj_image_comp_t& component = image.comps[i];
    if (component.data == nullptr || component.w == 0 || component.h == 0 || component.dx == 0 || component.dy == 0 ||
        component.prec < 1 || component.prec > 16) {
      return pki::Malformed("JPEG 2000 image", "has a component without pixels");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<DecodedImage> ToPixels(const opj_image_t& image, const Jpeg2000Header& header) {
  // Two components are grey with a mask, four RGB with a mask: the mask is left out.
  const int channels = image.numcomps >= 3 ? 3 : 1;
  GH_RETURN_IF_ERROR(CheckComponents(image, channels));
  DecodedImage decoded{
      .width = static_cast<int>(header.width), .height = static_cast<int>(header.height), .channels = channels};
  decoded.pixels.resize(size_t{header.width} * header.height * static_cast<size_t>(channels));
  uint8_t* pixel = decoded.pixels.data();
  for (uint32_t y = 0; y < header.height; ++y) {
    for (uint32_t x = 0; x < header.width; ++x, pixel += channels) {
      for (int i = 0; i < channels; ++i) pixel[i] = Sample(image.comps[i], x, y);
      if (channels == 3 && header.is_luma_chroma) LumaChromaToRgb(pixel);
    }
  }
  return decoded;
}

}  // namespace

absl::StatusOr<DecodedImage> DecodeJpeg2000(Bytes bytes) {
  GH_ASSIGN_OR_RETURN(const Jpeg2000Header header, ReadJpeg2000Header(bytes));
  GH_RETURN_IF_ERROR(CheckDimensions(header.width, header.height, header.components, bytes.size()));
  if (header.has_palette) return absl::UnimplementedError("JPEG 2000 pictures with a palette are not decoded");

  Source source{.bytes = header.codestream};
  const Stream stream(opj_stream_create(std::min<size_t>(source.bytes.size(), 64 * 1024), OPJ_TRUE));
  const Codec codec(opj_create_decompress(OPJ_CODEC_J2K));
  if (stream == nullptr || codec == nullptr) return absl::ResourceExhaustedError("image: no memory for a decoder");
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), source.bytes.size());
  opj_stream_set_read_function(stream.get(), ReadSource);
  opj_stream_set_skip_function(stream.get(), SkipSource);
  opj_stream_set_seek_function(stream.get(), SeekSource);
  int warnings = 0;
  opj_set_info_handler(codec.get(), Ignore, nullptr);
  opj_set_warning_handler(codec.get(), Count, &warnings);
  opj_set_error_handler(codec.get(), Ignore, nullptr);

  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t* raw = nullptr;
  bool decoded = opj_setup_decoder(codec.get(), &parameters) == OPJ_TRUE &&
                 opj_read_header(stream.get(), codec.get(), &raw) == OPJ_TRUE;
  const Image image(raw);
  decoded = decoded && opj_decode(codec.get(), stream.get(), image.get()) == OPJ_TRUE;
  if (!decoded) return pki::Malformed("JPEG 2000 image", "is refused by the decoder");
  const bool finished = opj_end_decompress(codec.get(), stream.get()) == OPJ_TRUE;
  if (image->numcomps != static_cast<uint32_t>(header.components)) {
    return pki::Malformed("JPEG 2000 image", "has other components than its header says");
  }
  GH_ASSIGN_OR_RETURN(DecodedImage result, ToPixels(*image, header));
  result.damaged = !finished || warnings > 0;
  return result;
}

}  // namespace gatehouse::emrtd
