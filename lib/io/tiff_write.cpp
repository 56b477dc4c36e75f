#include "io/tiff_write.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "io/tiff_imagej.h"
#include "io/tiff_ome.h"

namespace vox {
namespace {

/// A classic file must stay below 4 GiB; the distance is what others keep, too.
constexpr std::int64_t kClassicLimit = (std::int64_t{1} << 32) - (std::int64_t{1} << 25);
constexpr std::int64_t kStripBytes = 512 << 10;
/// As far as deflate looks back: longer strips take a quarter more time and save 0.1 to 2 % of the file.
constexpr std::int64_t kDeflateStripBytes = 32 << 10;
constexpr std::int64_t kWholePlaneBytes = 1 << 20;
constexpr std::int64_t kLargestCodedRow =
    std::numeric_limits<std::int32_t>::max();  // codecs count in 32 bits
constexpr std::int64_t kMinIsBlack = 1;
constexpr std::int64_t kNoUnit = 1;
constexpr std::int64_t kReducedImage = 1;

void append(std::vector<std::byte>& out, std::uint64_t value, std::int64_t bytes) {
  for (std::int64_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> 8 * i & 0xffu));
}

/// Collects entries in the order of their tags, and the values that do not fit in them.
class DirectoryBuilder {
 public:
  DirectoryBuilder(bool big, std::int64_t at) : big_(big), at_(at) {}

  void integer(TiffTag tag, TiffType type, std::int64_t value) { integers(tag, type, {&value, 1}); }

  void integers(TiffTag tag, TiffType type, std::span<const std::int64_t> values) {
    const std::int64_t size = type == TiffType::word ? 2 : type == TiffType::qword ? 8 : 4;
    std::vector<std::byte> bytes;
    for (std::int64_t value : values) append(bytes, static_cast<std::uint64_t>(value), size);
    add(tag, type, static_cast<std::int64_t>(values.size()), std::move(bytes));
  }

  void text(TiffTag tag, const std::string& value) {
    const auto* begin = reinterpret_cast<const std::byte*>(value.c_str());
    add(tag, TiffType::ascii, static_cast<std::int64_t>(value.size()) + 1, {begin, begin + value.size() + 1});
  }

  void rational(TiffTag tag, const TiffRational& value) {
    std::vector<std::byte> bytes;
    append(bytes, value.numerator, 4);
    append(bytes, value.denominator, 4);
    add(tag, TiffType::rational, 1, std::move(bytes));
  }

  std::vector<std::byte> finish(std::int64_t next) const {
    const std::int64_t inline_bytes = big_ ? 8 : 4;
    const auto count = static_cast<std::int64_t>(entries_.size());
    const std::int64_t table = (big_ ? 8 : 2) + count * (big_ ? 20 : 12) + inline_bytes;
    std::vector<std::byte> out;
    std::vector<std::byte> outside;
    append(out, static_cast<std::uint64_t>(count), big_ ? 8 : 2);
    for (const Entry& entry : entries_) {
      append(out, static_cast<std::uint64_t>(entry.tag), 2);
      append(out, static_cast<std::uint64_t>(entry.type), 2);
      append(out, static_cast<std::uint64_t>(entry.count), inline_bytes);
      if (static_cast<std::int64_t>(entry.bytes.size()) <= inline_bytes) {
        out.insert(out.end(), entry.bytes.begin(), entry.bytes.end());
        out.resize(out.size() + static_cast<std::size_t>(inline_bytes) - entry.bytes.size());
        continue;
      }
      append(out, static_cast<std::uint64_t>(at_ + table) + outside.size(), inline_bytes);
      outside.insert(outside.end(), entry.bytes.begin(), entry.bytes.end());
      if (outside.size() % 2 != 0) outside.push_back({});
    }
    append(out, static_cast<std::uint64_t>(next), inline_bytes);
    out.insert(out.end(), outside.begin(), outside.end());
    return out;
  }

 private:
  struct Entry {
    TiffTag tag;
    TiffType type;
    std::int64_t count;
    std::vector<std::byte> bytes;
  };

  void add(TiffTag tag, TiffType type, std::int64_t count, std::vector<std::byte> bytes) {
    entries_.push_back({tag, type, count, std::move(bytes)});
  }

  bool big_;
  std::int64_t at_;
  std::vector<Entry> entries_;
};

std::int64_t sample_format(DType dtype) { return is_float(dtype) ? 3 : is_signed(dtype) ? 2 : 1; }

void check_sizes(const VolumeMeta& meta, const std::string& path) {
  constexpr std::int64_t kLargestSide = std::numeric_limits<std::uint32_t>::max();
  if (meta.shape.x > kLargestSide || meta.shape.y > kLargestSide)
    fail_usage(path + ": TIFF cannot hold planes of " + std::to_string(meta.shape.y) + " x " +
               std::to_string(meta.shape.x) + " pixels; choose another format");
}

TiffPredictor choose_predictor(const VolumeMeta& meta, const CreateOptions& options, const TiffPlan& plan) {
  if (!options.predictor) return TiffPredictor::none;
  if (!plan.coded())
    fail_usage("--predictor without a compression does nothing; add --compression deflate, lzw or zstd");
  return is_float(meta.dtype) ? TiffPredictor::floating_point : TiffPredictor::horizontal;
}

std::int64_t choose_rows(const VolumeMeta& meta, TiffCodec codec) {
  const bool deflate = codec == TiffCodec::deflate;
  if (codec == TiffCodec::none || (!deflate && meta.plane_bytes() <= kWholePlaneBytes)) return meta.shape.y;
  const std::int64_t bytes = deflate ? kDeflateStripBytes : kStripBytes;
  return std::clamp<std::int64_t>(bytes / meta.row_bytes(), 1, meta.shape.y);
}

}  // namespace

TiffPlan plan_tiff(const std::string& path, const VolumeMeta& meta, const CreateOptions& options,
                   TiffStyle style) {
  check_sizes(meta, path);
  TiffPlan plan;
  plan.meta = meta;
  const bool one_image = style == TiffStyle::slice;
  plan.planes = one_image ? 1 : meta.shape.z;
  const Compression compression = options.compression.value_or(Compression{});
  plan.encoding = tiff_encoding(compression.codec, compression.level);
  if (plan.coded() && meta.row_bytes() > kLargestCodedRow)
    fail_usage(path + ": rows of " + std::to_string(meta.shape.x) +
               " voxels cannot be compressed in TIFF; use --compression none");
  plan.predictor = choose_predictor(meta, options, plan);
  plan.rows_per_strip = choose_rows(meta, plan.encoding.codec);
  plan.description = style == TiffStyle::ome ? ome_description(meta, path)
                                             : imagej_description(meta, one_image, !plan.coded());
  if (meta.spacing) {
    plan.y_resolution = tiff_resolution((*meta.spacing)[1]);
    plan.x_resolution = tiff_resolution((*meta.spacing)[2]);
  }
  const std::int64_t strip =
      TiffEncoder::largest_output(plan.encoding, plan.rows_per_strip * meta.row_bytes());
  const std::int64_t plane = strip * plan.chunks_per_plane() + tiff_directory_bytes(plan, false);
  plan.big = exceeds_classic_tiff(plane, plan.planes);
  return plan;
}

bool exceeds_classic_tiff(std::int64_t plane, std::int64_t planes) { return plane > kClassicLimit / planes; }

std::vector<std::byte> tiff_header(const TiffPlan& plan, std::int64_t first_directory) {
  std::vector<std::byte> out = {std::byte{'I'}, std::byte{'I'}};
  append(out, plan.big ? 43 : 42, 2);
  if (plan.big) append(out, 8, 4);
  append(out, static_cast<std::uint64_t>(first_directory), plan.big ? 8 : 4);
  return out;
}

std::vector<std::byte> tiff_directory(const TiffPlan& plan, bool first, std::int64_t at, std::int64_t next,
                                      std::span<const std::int64_t> offsets,
                                      std::span<const std::int64_t> sizes,
                                      std::span<const std::int64_t> levels) {
  const TiffType offset_type = plan.big ? TiffType::qword : TiffType::dword;
  const VolumeMeta& meta = plan.meta;
  DirectoryBuilder builder(plan.big, at);
  if (plan.reduced) builder.integer(TiffTag::new_subfile_type, TiffType::dword, kReducedImage);
  builder.integer(TiffTag::image_width, TiffType::dword, meta.shape.x);
  builder.integer(TiffTag::image_length, TiffType::dword, meta.shape.y);
  builder.integer(TiffTag::bits_per_sample, TiffType::word, 8 * size_of(meta.dtype));
  builder.integer(TiffTag::compression, TiffType::word, static_cast<std::int64_t>(plan.encoding.codec));
  builder.integer(TiffTag::photometric, TiffType::word, kMinIsBlack);
  if (first) builder.text(TiffTag::image_description, plan.description);
  if (!plan.tiled()) builder.integers(TiffTag::strip_offsets, offset_type, offsets);
  builder.integer(TiffTag::samples_per_pixel, TiffType::word, 1);
  if (!plan.tiled()) {
    builder.integer(TiffTag::rows_per_strip, TiffType::dword, plan.rows_per_strip);
    builder.integers(TiffTag::strip_byte_counts, offset_type, sizes);
  }
  if (plan.x_resolution.numerator != 0 && plan.y_resolution.numerator != 0) {
    builder.rational(TiffTag::x_resolution, plan.x_resolution);
    builder.rational(TiffTag::y_resolution, plan.y_resolution);
    builder.integer(TiffTag::resolution_unit, TiffType::word, kNoUnit);
  }
  if (first) builder.text(TiffTag::software, "voxpipe");
  if (plan.predictor != TiffPredictor::none)
    builder.integer(TiffTag::predictor, TiffType::word, static_cast<std::int64_t>(plan.predictor));
  if (plan.tiled()) {
    builder.integer(TiffTag::tile_width, TiffType::dword, plan.tile_width);
    builder.integer(TiffTag::tile_length, TiffType::dword, plan.tile_height);
    builder.integers(TiffTag::tile_offsets, offset_type, offsets);
    builder.integers(TiffTag::tile_byte_counts, offset_type, sizes);
  }
  if (!levels.empty()) builder.integers(TiffTag::sub_ifds, offset_type, levels);
  builder.integer(TiffTag::sample_format, TiffType::word, sample_format(meta.dtype));
  return builder.finish(next);
}

std::int64_t tiff_directory_bytes(const TiffPlan& plan, bool first) {
  const std::vector<std::int64_t> nothing(static_cast<std::size_t>(plan.chunks_per_plane()));
  return static_cast<std::int64_t>(tiff_directory(plan, first, 0, 0, nothing, nothing).size());
}

}  // namespace vox
