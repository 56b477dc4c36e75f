#include "cli/picture_file.h"

#include "io/output_file.h"
#include "io/png.h"

namespace vox {
namespace {

void encode_png(const Picture& picture, const TakeBytes& take) {
  write_png(
      picture.width(), picture.height(), [&](std::int64_t y) { return picture.row(y); }, take);
}

PictureOutput output_to(PictureFormat format, ByteSink& out) {
  return {format, [&out](std::span<const std::byte> bytes) { out.write(bytes); }, encode_png};
}

}  // namespace

void write_picture(const std::string& path, PictureFormat format, bool force,
                   const std::function<void(const PictureOutput&)>& draw) {
  if (path == "-") {
    ByteSink out = ByteSink::standard_output();
    return draw(output_to(format, out));
  }
  OutputFile file(path, force);
  draw(output_to(format, file.bytes()));
  file.commit();
}

}  // namespace vox
