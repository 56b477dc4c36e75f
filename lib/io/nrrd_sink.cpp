#include <algorithm>

#include "core/error.h"
#include "core/numbers.h"
#include "core/units.h"
#include "io/checksum.h"
#include "io/deflate_sink.h"
#include "io/dense_sink.h"
#include "io/nrrd.h"
#include "io/nrrd_header.h"
#include "io/sidecar.h"
#include "io/text_header.h"

namespace vox {
namespace {

constexpr std::size_t kLongestMeta = 512 << 10;  // half of what readers of ours take as a header

/// Types that NRRD calls otherwise than we do.
constexpr std::pair<DType, std::string_view> kOtherNames[] = {{DType::int64, "long long"},
                                                              {DType::uint64, "unsigned long long"},
                                                              {DType::float32, "float"},
                                                              {DType::float64, "double"}};

std::string type_name(DType dtype) {
  for (const auto& [type, name] : kOtherNames)
    if (type == dtype) return std::string(name);
  return std::string(dtype_name(dtype));
}

std::string vector_text(const std::array<double, 3>& vector) {
  return "(" + format_number(vector[0]) + "," + format_number(vector[1]) + "," + format_number(vector[2]) +
         ")";
}

std::string three_times(const std::string& text) { return text + " " + text + " " + text; }

/// Text in quotes; a line break would begin another field.
bool is_one_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 32; });
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return result + "\"";
}

/// Spacing alone as `spacings`, which claims no more than is known; with an origin or a direction a space.
std::string geometry_text(const VolumeMeta& meta) {
  std::string text;
  const std::string unit = nrrd_fields(meta).unit ? quoted(unit_short_name(*meta.unit)) : "";
  if (!meta.origin && !meta.direction) {
    if (!meta.spacing) return text;
    const Vector3 steps = reversed(*meta.spacing);
    text += "spacings: " + format_number(steps[0]) + " " + format_number(steps[1]) + " " +
            format_number(steps[2]) + "\n";
    return unit.empty() ? text : text + "units: " + three_times(unit) + "\n";
  }
  const Vector3 steps = reversed(meta.spacing.value_or(Vector3{1, 1, 1}));
  HeaderAxes axes = axes_of(meta.direction);
  text += "space directions:";
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (double& component : axes[axis]) component *= steps[axis];
    text += " " + vector_text(axes[axis]);
  }
  text += "\n";
  if (!unit.empty()) text += "space units: " + three_times(unit) + "\n";
  if (meta.origin) text += "space origin: " + vector_text(reversed(*meta.origin)) + "\n";
  return text;
}

std::string escaped(const std::string& text) {
  std::string line;
  for (const char c : text) line += c == '\\' ? std::string("\\\\") : std::string(1, c);
  return line;
}

/// All of the meta, and the checksum that tells whether the header is still as we wrote it.
void append_meta(const VolumeMeta& meta, std::string& header) {
  header += std::string(kNrrdMetaKey) + ":=" + escaped(meta_to_line(meta)) + "\n";
  Crc32c checksum;
  checksum.add(std::as_bytes(std::span(header)));
  header += std::string(kNrrdChecksumKey) + ":=" + checksum.hex() + "\n";
}

std::string header_text(const VolumeMeta& meta, bool gzip, const std::string& data_file) {
  std::string text = "NRRD0005\ntype: " + std::string(type_name(meta.dtype)) + "\ndimension: 3\n";
  // Before all that depends on the space's dimension.
  if (meta.origin || meta.direction) text += "space: left-posterior-superior\n";
  text += "sizes: " + std::to_string(meta.shape.x) + " " + std::to_string(meta.shape.y) + " " +
          std::to_string(meta.shape.z) + "\n";
  text += geometry_text(meta) + "kinds: domain domain domain\nendian: little\nencoding: ";
  text += gzip ? "gzip\n" : "raw\n";
  return data_file.empty() ? text : text + "data file: " + data_file + "\n";
}

}  // namespace

MetaFields nrrd_fields(const VolumeMeta& meta) {
  return {.spacing = true, .unit = meta.unit && is_one_line(*meta.unit), .origin = true, .direction = true};
}

std::string plain_nrrd_header(const VolumeMeta& meta) { return header_text(meta, false, "") + "\n"; }

std::unique_ptr<SlabSink> create_nrrd(const std::string& path, const VolumeMeta& meta,
                                      const CreateOptions& options) {
  if (meta.dtype == DType::float16) fail_usage(path + ": NRRD has no float16; say -t float32");
  const std::optional<int> level = deflate_level(options, "NRRD");
  const bool detached = path.ends_with(".nhdr") || path.ends_with(".NHDR");
  const std::string extension = level ? ".raw.gz" : ".raw";
  DenseOutput output{.path = path};
  if (detached) output.data_path = data_file_path(path, extension);
  output.header = header_text(meta, level.has_value(), detached ? data_file_name(path, extension) : "");
  output.sidecar = meta_to_line(meta).size() > kLongestMeta;
  if (!output.sidecar) append_meta(meta, output.header);
  if (!detached) output.header += "\n";
  if (level) return deflate_sink(output, meta, options, DeflateWrapper::gzip, *level);
  return dense_sink(output, meta, options);
}

}  // namespace vox
