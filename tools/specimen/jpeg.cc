#include "tools/specimen/jpeg.h"

#include <cstdio>  // jpeglib.h needs it first
#include <cstdlib>

#include <jpeglib.h>

#include "libs/base/check.h"

namespace gatehouse::specimen {

std::string EncodeJpeg(const Picture& picture, int quality) {
  GH_CHECK(picture.rgb.size() == static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height) * 3);
  jpeg_compress_struct jpeg;
  jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);  // ends the process on an error, which for our own picture is a bug
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size);
  jpeg.image_width = static_cast<JDIMENSION>(picture.width);
  jpeg.image_height = static_cast<JDIMENSION>(picture.height);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    const size_t offset = static_cast<size_t>(jpeg.next_scanline) * jpeg.image_width * 3;
    JSAMPROW row = const_cast<JSAMPROW>(picture.rgb.data() + offset);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string bytes(reinterpret_cast<char*>(buffer), size);
  std::free(buffer);
  return bytes;
}

}  // namespace gatehouse::specimen
