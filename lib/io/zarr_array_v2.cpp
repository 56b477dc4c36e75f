#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "io/zarr_array.h"

namespace vox {
namespace {

/// "<u2", "|b1", ">f4".
void parse_type(const std::string& text, const std::string& where, ZarrArray& array) {
  const auto unknown = [&] {
    fail_usage(where + ": dtype " + text.substr(0, 40) + " is none that voxpipe knows");
  };
  if (text.size() != 3 || (text[0] != '<' && text[0] != '>' && text[0] != '|')) unknown();
  array.big_endian = text[0] == '>';
  if (text.ends_with("b1")) {
    array.boolean = true;
    array.dtype = DType::uint8;
    return;
  }
  const std::string bits = std::to_string((text[2] - '0') * 8);
  const std::string name = (text[1] == 'u'   ? "uint"
                            : text[1] == 'i' ? "int"
                            : text[1] == 'f' ? "float"
                                             : "?") +
                           bits;
  if (!try_parse_dtype(name, array.dtype)) unknown();
}

ZarrCoding parse_compressor(const JsonView& compressor, const std::string& where) {
  const std::string id = compressor["id"].text().value_or("?");
  for (const ZarrCodec codec :
       {ZarrCodec::zstd, ZarrCodec::gzip, ZarrCodec::zlib, ZarrCodec::blosc, ZarrCodec::crc32c}) {
    if (id != zarr_codec_name(codec)) continue;
    ZarrCoding coding;
    coding.codec = codec;
    return coding;
  }
  fail_usage(where + ": compressor " + id.substr(0, 40) +
             " is not read; zstd, blosc, gzip, zlib and none are");
}

}  // namespace

ZarrArray parse_zarr_v2(const JsonView& json, const std::string& where) {
  if (json["zarr_format"].whole() != 2) fail_damaged(where + ": \"zarr_format\" must be 2");
  ZarrArray array;
  array.version = 2;
  array.prefixed = false;
  array.shape = zarr_extents(json["shape"], "shape", 0, where);
  array.outer = array.chunk = zarr_extents(json["chunks"], "chunks", 1, where);
  const auto type = json["dtype"].text();
  if (!type) fail_usage(where + ": dtype: voxels of one number each are read");
  parse_type(*type, where, array);
  array.fill = zarr_fill(json["fill_value"], array.dtype, where);
  array.separator = zarr_choice(json, "dimension_separator", ".", "/", ".", where);
  array.order.resize(array.shape.size());
  std::iota(array.order.begin(), array.order.end(), 0);
  if (zarr_choice(json, "order", "C", "F", "C", where) == "F")
    std::reverse(array.order.begin(), array.order.end());
  if (json["filters"].size() > 0)
    fail_usage(where + ": filters are not read; write the array without, zarr.copy(..., filters=None)");
  if (json["compressor"]) array.codings.push_back(parse_compressor(json["compressor"], where));
  return array;
}

}  // namespace vox
