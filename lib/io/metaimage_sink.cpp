#include "core/error.h"
#include "core/numbers.h"
#include "core/units.h"
#include "io/deflate_sink.h"
#include "io/dense_sink.h"
#include "io/metaimage.h"
#include "io/metaimage_types.h"
#include "io/text_header.h"

namespace vox {
namespace {

constexpr std::size_t kSizeDigits = 19;  // of the largest 63-bit number

std::string numbers_text(const std::array<double, 3>& numbers) {
  return format_number(numbers[0]) + " " + format_number(numbers[1]) + " " + format_number(numbers[2]);
}

std::string_view type_name(DType dtype) {
  for (const MetaImageType& type : kMetaImageTypes)
    if (type.dtype == dtype) return type.name;
  return {};
}

/// The format has names for no others; the sidecar holds them.
bool has_unit(const VolumeMeta& meta) {
  return meta.unit == "micrometer" || meta.unit == "millimeter" || meta.unit == "centimeter";
}

std::string geometry_text(const VolumeMeta& meta) {
  std::string text;
  if (meta.direction) {
    const HeaderAxes axes = axes_of(meta.direction);
    text += "TransformMatrix = " + numbers_text(axes[0]) + " " + numbers_text(axes[1]) + " " +
            numbers_text(axes[2]) + "\n";
  }
  if (meta.origin) text += "Offset = " + numbers_text(reversed(*meta.origin)) + "\n";
  if (has_unit(meta)) text += "DistanceUnits = " + unit_short_name(*meta.unit) + "\n";
  if (meta.spacing) text += "ElementSpacing = " + numbers_text(reversed(*meta.spacing)) + "\n";
  return text;
}

/// `stored`: of the compressed voxels; of the same length whatever it is, and 0 at first.
std::string header_text(const VolumeMeta& meta, bool compressed, const std::string& data_file,
                        std::int64_t stored) {
  std::string text = "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n";
  text += compressed ? "CompressedData = True\n" : "CompressedData = False\n";
  if (compressed) {
    std::string size = std::to_string(stored);
    size.resize(kSizeDigits, ' ');
    text += "CompressedDataSize = " + size + "\n";
  }
  text += geometry_text(meta);
  text += "DimSize = " + std::to_string(meta.shape.x) + " " + std::to_string(meta.shape.y) + " " +
          std::to_string(meta.shape.z) + "\nElementType = " + std::string(type_name(meta.dtype)) + "\n";
  return text + "ElementDataFile = " + data_file + "\n";
}

}  // namespace

MetaFields metaimage_fields(const VolumeMeta& meta) {
  return {.spacing = true, .unit = has_unit(meta), .origin = true, .direction = true};
}

std::unique_ptr<SlabSink> create_metaimage(const std::string& path, const VolumeMeta& meta,
                                           const CreateOptions& options) {
  if (meta.dtype == DType::float16) fail_usage(path + ": MetaImage has no float16; say -t float32");
  const std::optional<int> level = deflate_level(options, "MetaImage");
  const bool detached = path.ends_with(".mhd") || path.ends_with(".MHD");
  const std::string extension = level ? ".zraw" : ".raw";
  const std::string data_file = detached ? data_file_name(path, extension) : "LOCAL";
  DenseOutput output{.path = path, .header = header_text(meta, level.has_value(), data_file, 0)};
  if (detached) output.data_path = data_file_path(path, extension);
  if (!level) return dense_sink(output, meta, options);
  output.final_header = [meta, data_file](std::int64_t stored) {
    return header_text(meta, true, data_file, stored);
  };
  return deflate_sink(output, meta, options, DeflateWrapper::zlib, *level);
}

}  // namespace vox
