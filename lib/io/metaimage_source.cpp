#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/error.h"
#include "core/numbers.h"
#include "core/units.h"
#include "io/dense_source.h"
#include "io/gzip.h"
#include "io/metaimage.h"
#include "io/metaimage_types.h"
#include "io/sidecar.h"
#include "io/text_header.h"

namespace vox {
namespace {

constexpr std::string_view kLastKey = "ElementDataFile";
constexpr std::size_t kMostAxes = 10;  // the format's own limit

/// Behind the line that says where the voxels are, which is always the last one.
std::size_t find_header_end(std::string_view text) {
  for (std::size_t at = text.find(kLastKey); at != std::string_view::npos; at = text.find(kLastKey, at + 1)) {
    if (at > 0 && text[at - 1] != '\n') continue;
    const std::size_t newline = text.find('\n', at);
    return newline == std::string_view::npos ? newline : newline + 1;
  }
  return std::string_view::npos;
}

/// The values of a header by their keys.
class MetaImageHeader {
 public:
  explicit MetaImageHeader(ByteSource& bytes) : where_(bytes.name()) {
    const std::string text = take_header(bytes, find_header_end);
    size_ = static_cast<std::int64_t>(text.size());
    for (const std::string& line : header_lines(text)) {
      const std::size_t separator = line.find_first_of("=:");
      if (separator == std::string::npos) continue;
      values_[trimmed(line.substr(0, separator))] = trimmed(line.substr(separator + 1));
    }
    if (!has(std::string(kLastKey)))
      fail_damaged(where_ + ": the header has no " + std::string(kLastKey) + ": the file is cut short");
  }

  std::int64_t size() const { return size_; }
  const std::string& where() const { return where_; }
  bool has(const std::string& key) const { return values_.contains(key); }

  /// The value of the first key that is there; empty when none is.
  std::string value(std::initializer_list<const char*> keys) const {
    for (const char* key : keys)
      if (const auto found = values_.find(key); found != values_.end()) return found->second;
    return {};
  }

  bool is_true(std::initializer_list<const char*> keys) const {
    const std::string text = value(keys);
    return !text.empty() && (text[0] == 'T' || text[0] == 't' || text[0] == '1');
  }

  std::int64_t count(const char* key, std::int64_t missing) const {
    std::int64_t number = missing;
    if (has(key) && !try_parse(value({key}), number)) bad(key, "a whole number");
    return number;
  }

  [[noreturn]] void bad(const std::string& key, const std::string& expected) const {
    fail_damaged(where_ + ": " + key + ": " + expected + " expected, not " +
                 header_quote(value({key.c_str()})));
  }

 private:
  std::string where_;
  std::int64_t size_ = 0;
  std::map<std::string, std::string> values_;
};

std::vector<std::int64_t> sizes_of(const MetaImageHeader& header) {
  std::vector<std::int64_t> sizes;
  for (const std::string& word : header_words(header.value({"DimSize"}))) {
    std::int64_t size = 0;
    if (!try_parse(word, size) || size < 1) header.bad("DimSize", "sizes");
    sizes.push_back(size);
  }
  if (sizes.empty() || sizes.size() > kMostAxes ||
      header.count("NDims", 0) != static_cast<std::int64_t>(sizes.size()))
    header.bad("DimSize", "as many sizes as NDims says, 1 to 10,");
  return sizes;
}

DType dtype_of(const MetaImageHeader& header) {
  const std::string name = header.value({"ElementType"});
  for (const MetaImageType& type : kMetaImageTypes)
    if (name == type.name) return type.dtype;
  fail_usage(header.where() + ": ElementType " + header_quote(name) + " is none that voxpipe reads");
}

/// Spacing, origin and direction of the chosen axes, where they are stated and make sense.
void read_geometry(const MetaImageHeader& header, std::size_t axes, const std::vector<std::size_t>& chosen,
                   VolumeMeta& meta) {
  const auto steps = header_numbers(header.value({"ElementSpacing", "ElementSize"}));
  const auto offset = header_numbers(header.value({"Origin", "Offset", "Position"}));
  const auto matrix = header_numbers(header.value({"TransformMatrix", "Rotation", "Orientation"}));
  Vector3 spacing{1, 1, 1}, origin{};
  HeaderAxes directions{};
  double shortest = 1;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (steps.size() == axes) spacing[i] = steps[chosen[i]];
    if (offset.size() == axes) origin[i] = offset[chosen[i]];
    if (matrix.size() != axes * axes) continue;
    double length = 0;
    for (std::size_t k = 0; k < chosen.size(); ++k)
      length = std::hypot(length, directions[i][k] = matrix[chosen[i] * axes + chosen[k]]);
    for (double& component : directions[i]) component /= std::abs(length - 1) < 1e-12 ? 1 : length;
    shortest = std::min(shortest, length);
  }
  if (steps.size() == axes && is_spacing(spacing)) meta.spacing = reversed(spacing);
  const bool finite = std::all_of(origin.begin(), origin.end(), [](double v) { return std::isfinite(v); });
  if (offset.size() == axes && finite) meta.origin = reversed(origin);
  if (chosen.size() == 2) directions[2] = cross(directions[0], directions[1]);
  if (matrix.size() == axes * axes && shortest > 0) meta.direction = direction_of(directions);
  const std::string unit = header.value({"DistanceUnits"});
  if (!unit.empty() && unit != "?") meta.unit = unit_long_name(unit).empty() ? unit : unit_long_name(unit);
}

VolumeMeta meta_of(const MetaImageHeader& header, const ByteSource& bytes) {
  if (header.has("ObjectType") && header.value({"ObjectType"}) != "Image")
    fail_usage(header.where() + ": is a MetaIO file of " + header_quote(header.value({"ObjectType"})) +
               ", not of an image");
  if (header.has("BinaryData") && !header.is_true({"BinaryData"}))
    fail_usage(header.where() + ": BinaryData is False: voxels written as text are not read");
  const std::int64_t channels = header.count("ElementNumberOfChannels", 1);
  if (channels != 1)
    fail_usage(header.where() + ": ElementNumberOfChannels is " + std::to_string(channels) +
               "; volumes of one value a voxel are read");
  VolumeMeta meta;
  const std::vector<std::int64_t> sizes = sizes_of(header);
  std::vector<std::size_t> chosen(sizes.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  choose_axes(sizes, chosen, header.where());
  meta.shape = chosen_shape(sizes, chosen);
  meta.dtype = dtype_of(header);
  read_geometry(header, sizes.size(), chosen, meta);
  check_meta(meta, header.where());
  if (!bytes.origin().path.empty()) apply_sidecar(bytes.origin().path, meta);
  return meta;
}

/// Opens the file of voxels that the header names; false when they follow the header.
bool open_voxels(const MetaImageHeader& header, ByteSource& bytes) {
  const std::string name = header.value({kLastKey.data()});
  if (name == "LOCAL" || name == "Local" || name == "local") return false;
  if (name.starts_with("LIST") || name.find('%') != std::string::npos)
    fail_usage(header.where() + ": ElementDataFile " + header_quote(name) +
               ": voxels in several files are not read; name them as slices, or join them with ITK");
  bytes = open_data_file(bytes, name);
  return true;
}

void skip(ByteSource& bytes, std::int64_t count) {
  std::vector<std::byte> waste(64 << 10);
  for (std::int64_t done = 0; done < count;) {
    const auto part = std::span(waste).first(static_cast<std::size_t>(
        std::min<std::int64_t>(count - done, static_cast<std::int64_t>(waste.size()))));
    const std::int64_t got = bytes.read(part);
    if (got == 0) fail_damaged(bytes.name() + ": HeaderSize leads behind the end: the file is cut short");
    done += got;
  }
}

}  // namespace

bool is_metaimage(std::span<const std::byte> start) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  for (const std::string_view key : {"ObjectType", "NDims", "Comment"})
    if (text.starts_with(key) && text.size() > key.size())
      return text[key.size()] == ' ' || text[key.size()] == '=' || text[key.size()] == ':';
  return false;
}

std::unique_ptr<SlabSource> open_metaimage(ByteSource bytes, const OpenOptions&) {
  const MetaImageHeader header(bytes);
  const VolumeMeta meta = meta_of(header, bytes);
  SourceInfo info = info_of(bytes, "MetaImage");
  const bool apart = open_voxels(header, bytes);
  if (apart) info.file_bytes = bytes.size();
  const std::int64_t before = apart ? 0 : header.size();
  const std::int64_t header_size = header.count("HeaderSize", 0);
  if (header_size < -1 || (header_size > 0 && header_size < before))
    header.bad("HeaderSize", "a size, or -1");
  DenseLayout layout;
  layout.big_endian = header.is_true({"BinaryDataByteOrderMSB", "ElementByteOrderMSB"});
  layout.remedy = "correct its header";
  layout.more_may_follow = apart && header_size > 0;
  if (header.is_true({"CompressedData"})) {
    if (header_size < 0) header.bad("HeaderSize", "of compressed voxels a size");
    skip(bytes, std::max<std::int64_t>(0, header_size - before));
    const auto wrapper = is_gzip(bytes.peek(3)) ? DeflateWrapper::gzip : DeflateWrapper::zlib;
    info.compression = wrapper == DeflateWrapper::gzip ? "gzip" : "zlib";
    return dense_source(inflated(std::move(bytes), wrapper), meta, info, layout);
  }
  if (header_size < 0) {
    layout.offset = offset_from_end(bytes, meta.bytes(), 0, before, "HeaderSize");
  } else {
    layout.offset = std::max(before, header_size);
    if (!bytes.size()) layout.offset -= before;
  }
  return dense_source(std::move(bytes), meta, info, layout);
}

}  // namespace vox
