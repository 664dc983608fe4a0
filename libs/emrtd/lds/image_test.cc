#include "libs/emrtd/lds/image.h"

#include <cstdio>  // jpeglib.h needs it first
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <openjpeg.h>

#include "libs/emrtd/lds/jpeg2000_header.h"
#include "libs/emrtd/lds/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using namespace std::string_literals;
using lds_specimen::Number;
using pki::AsBytes;

// A picture whose every pixel tells where it is.
std::vector<uint8_t> Gradient(int width, int height, int channels) {
  std::vector<uint8_t> pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int i = 0; i < channels; ++i) pixels.push_back(static_cast<uint8_t>(i == 0 ? 2 * x : i == 1 ? 2 * y : 90));
    }
  }
  return pixels;
}

std::string EncodeJpeg(int width, int height, int channels, bool progressive = false) {
  std::vector<uint8_t> pixels = Gradient(width, height, channels);
  jpeg_compress_struct jpeg;
  jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size);
  jpeg.image_width = static_cast<JDIMENSION>(width);
  jpeg.image_height = static_cast<JDIMENSION>(height);
  jpeg.input_components = channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 4 ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = pixels.data() + size_t{jpeg.next_scanline} * static_cast<size_t>(width * channels);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string bytes(reinterpret_cast<char*>(buffer), size);
  std::free(buffer);
  return bytes;
}

OPJ_SIZE_T WriteBytes(void* buffer, OPJ_SIZE_T count, void* user) {
  static_cast<std::string*>(user)->append(static_cast<const char*>(buffer), count);
  return count;
}
OPJ_OFF_T SkipBytes(OPJ_OFF_T count, void* user) {
  static_cast<std::string*>(user)->append(static_cast<size_t>(count), '\0');
  return count;
}

// Lossless, the bare codestream. `tile_side` 0 is one tile.
std::string EncodeJpeg2000(int width, int height, int channels, int tile_side = 0) {
  const std::vector<uint8_t> pixels = Gradient(width, height, channels);
  std::vector<opj_image_cmptparm_t> parameters(static_cast<size_t>(channels));
  for (auto& parameter : parameters) {
    std::memset(&parameter, 0, sizeof parameter);
    parameter.dx = parameter.dy = 1;
    parameter.w = static_cast<OPJ_UINT32>(width);
    parameter.h = static_cast<OPJ_UINT32>(height);
    parameter.prec = 8;
  }
  opj_image_t* image = opj_image_create(static_cast<OPJ_UINT32>(channels), parameters.data(),
                                        channels == 1 ? OPJ_CLRSPC_GRAY : OPJ_CLRSPC_SRGB);
  image->x1 = static_cast<OPJ_UINT32>(width);
  image->y1 = static_cast<OPJ_UINT32>(height);
  for (size_t i = 0; i < pixels.size(); ++i) {
    const size_t step = static_cast<size_t>(channels);
    image->comps[i % step].data[i / step] = pixels[i];
  }
  opj_cparameters_t encoder;
  opj_set_default_encoder_parameters(&encoder);
  encoder.tcp_numlayers = 1;
  encoder.cp_disto_alloc = 1;
  encoder.numresolution = 3;
  if (tile_side > 0) {
    encoder.tile_size_on = OPJ_TRUE;
    encoder.cp_tdx = encoder.cp_tdy = tile_side;
  }
  std::string bytes;
  opj_stream_t* stream = opj_stream_create(1 << 20, OPJ_FALSE);
  opj_stream_set_user_data(stream, &bytes, nullptr);
  opj_stream_set_write_function(stream, WriteBytes);
  opj_stream_set_skip_function(stream, SkipBytes);
  opj_codec_t* codec = opj_create_compress(OPJ_CODEC_J2K);
  EXPECT_TRUE(opj_setup_encoder(codec, &encoder, image));
  EXPECT_TRUE(opj_start_compress(codec, image, stream));
  EXPECT_TRUE(opj_encode(codec, stream));
  EXPECT_TRUE(opj_end_compress(codec, stream));
  opj_destroy_codec(codec);
  opj_stream_destroy(stream);
  opj_image_destroy(image);
  return bytes;
}

std::string Box(const char* type, const std::string& contents) {
  return Number(contents.size() + 8, 4) + type + contents;
}
std::string InJp2(const std::string& codestream, const std::string& header_boxes = "") {
  return Box("jP  ", "\r\n\x87\n") + Box("ftyp", "jp2 \0\0\0\0jp2 "s) + Box("jp2h", header_boxes) +
         Box("jp2c", codestream);
}

TEST(ImageTest, DecodesJpeg) {
  for (const int channels : {1, 3}) {
    for (const bool progressive : {false, true}) {
      const std::string bytes = EncodeJpeg(60, 40, channels, progressive);
      const auto image = DecodeImage(AsBytes(bytes));
      ASSERT_TRUE(image.ok()) << image.status();
      EXPECT_EQ(image->width, 60);
      EXPECT_EQ(image->height, 40);
      EXPECT_EQ(image->channels, channels);
      ASSERT_EQ(image->pixels.size(), size_t{60 * 40} * static_cast<size_t>(channels));
      EXPECT_FALSE(image->damaged);
      // The left edge is dark and the right edge bright, as was drawn.
      EXPECT_LT(image->pixels.front(), 20);
      EXPECT_GT(image->pixels[size_t{59} * static_cast<size_t>(channels)], 100);
    }
  }
  EXPECT_EQ(DecodeImage(AsBytes(EncodeJpeg(8, 8, 4))).status().code(), absl::StatusCode::kUnimplemented);
}

TEST(ImageTest, DecodesJpeg2000) {
  for (const int channels : {1, 2, 3, 4}) {
    for (const bool in_file : {false, true}) {
      const std::string stream = EncodeJpeg2000(60, 40, channels);
      const std::string bytes = in_file ? InJp2(stream) : stream;
      const auto image = DecodeImage(AsBytes(bytes));
      ASSERT_TRUE(image.ok()) << channels << " " << image.status();
      EXPECT_EQ(image->width, 60);
      EXPECT_EQ(image->channels, channels < 3 ? 1 : 3);
      EXPECT_FALSE(image->damaged);
      if (channels % 2 == 1) {
        EXPECT_EQ(image->pixels, Gradient(60, 40, channels));
      }
    }
  }
  const auto tiled = DecodeImage(AsBytes(EncodeJpeg2000(60, 40, 3, 32)));
  ASSERT_TRUE(tiled.ok()) << tiled.status();
  EXPECT_EQ(tiled->pixels, Gradient(60, 40, 3));
}

TEST(ImageTest, RefusesBombsBeforeDecodingThem) {
  // A frame of 65000 by 65000 pixels in a JPEG of some bytes.
  std::string jpeg = EncodeJpeg(60, 40, 3);
  const size_t frame = jpeg.find("\xFF\xC0");
  jpeg.replace(frame + 5, 4, Number(65000, 2) + Number(65000, 2));
  EXPECT_EQ(DecodeImage(AsBytes(jpeg)).status().code(), absl::StatusCode::kResourceExhausted);
  // 2000 by 2000 pixels would be allowed, of 600 bytes they are not.
  jpeg.replace(frame + 5, 4, Number(2000, 2) + Number(2000, 2));
  EXPECT_EQ(DecodeImage(AsBytes(jpeg)).status().code(), absl::StatusCode::kResourceExhausted);
  // JPEG 2000: SIZ holds the corners of picture and tiles at fixed places.
  const std::string stream = EncodeJpeg2000(60, 40, 1);
  std::string wide = stream;
  wide.replace(8, 8, Number(60000, 4) + Number(60000, 4));
  EXPECT_FALSE(DecodeImage(AsBytes(wide)).ok());
  std::string tiles = stream;
  tiles.replace(24, 8, Number(1, 4) + Number(1, 4));
  EXPECT_EQ(DecodeImage(AsBytes(tiles)).status().code(), absl::StatusCode::kResourceExhausted);
  std::string layers = stream;
  const size_t style = layers.find("\xFF\x52");
  layers.replace(style + 6, 2, Number(60000, 2));
  EXPECT_EQ(DecodeImage(AsBytes(layers)).status().code(), absl::StatusCode::kResourceExhausted);
  std::string levels = stream;
  levels[style + 9] = 32;
  EXPECT_EQ(DecodeImage(AsBytes(levels)).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(ImageTest, ADecoyBeforeTheCodestreamIsNotWhatIsChecked) {
  // The dimensions that count are those of the codestream that is decoded, not of the first that looks like one.
  std::string bomb = EncodeJpeg2000(60, 40, 1);
  const std::string corner = Number(20000, 4) + Number(2000, 4);
  bomb.replace(8, 8, corner).replace(24, 8, corner);
  const std::string decoy = Box("jP  ", "\r\n\x87\n") + Box("uuid", EncodeJpeg2000(8, 8, 1)) + Box("jp2c", bomb);
  EXPECT_EQ(RecognisePicture(AsBytes(decoy)).width, 20000);
  EXPECT_EQ(DecodeImage(AsBytes(decoy)).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(ImageTest, RefusesAPaletteAndSaysSo) {
  const std::string bytes = InJp2(EncodeJpeg2000(8, 8, 1), Box("pclr", "\0\1\1\7\0"s));
  EXPECT_EQ(DecodeImage(AsBytes(bytes)).status().code(), absl::StatusCode::kUnimplemented);
}

TEST(ImageTest, ATruncationIsAnErrorOrMarkedAsDamage) {
  for (const std::string& bytes :
       {EncodeJpeg(60, 40, 3), EncodeJpeg(60, 40, 3, true), InJp2(EncodeJpeg2000(60, 40, 3))}) {
    for (size_t size = 0; size + 2 < bytes.size(); size += 7) {
      const auto image = DecodeImage(AsBytes(bytes.substr(0, size)));
      EXPECT_TRUE(!image.ok() || image->damaged) << size;
    }
  }
}

TEST(ImageTest, RecognisesWhatItDoesNotDecode) {
  for (const std::string& bytes :
       {lds_specimen::MakeWsqStub(), "\x89PNG\r\n\x1A\n"s + std::string(16, '\0'), "P5 1 1 255 x"s, "nothing"s, ""s}) {
    EXPECT_EQ(DecodeImage(AsBytes(bytes)).status().code(), absl::StatusCode::kUnimplemented);
  }
}

}  // namespace
}  // namespace gatehouse::emrtd
