#include <cstring>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/numbers.h"
#include "io/dense_source.h"
#include "io/gzip.h"
#include "io/nrrd.h"
#include "io/nrrd_header.h"
#include "io/sidecar.h"
#include "io/text_header.h"

namespace vox {
namespace {

constexpr std::int64_t kLineWindow = 4096;

/// All spellings that the format allows; a plain "char" has no sign that files agree on.
constexpr std::pair<std::string_view, DType> kTypes[] = {{"signed char", DType::int8},
                                                         {"int8", DType::int8},
                                                         {"int8_t", DType::int8},
                                                         {"uchar", DType::uint8},
                                                         {"unsigned char", DType::uint8},
                                                         {"uint8", DType::uint8},
                                                         {"uint8_t", DType::uint8},
                                                         {"short", DType::int16},
                                                         {"short int", DType::int16},
                                                         {"signed short", DType::int16},
                                                         {"signed short int", DType::int16},
                                                         {"int16", DType::int16},
                                                         {"int16_t", DType::int16},
                                                         {"ushort", DType::uint16},
                                                         {"unsigned short", DType::uint16},
                                                         {"unsigned short int", DType::uint16},
                                                         {"uint16", DType::uint16},
                                                         {"uint16_t", DType::uint16},
                                                         {"int", DType::int32},
                                                         {"signed int", DType::int32},
                                                         {"int32", DType::int32},
                                                         {"int32_t", DType::int32},
                                                         {"uint", DType::uint32},
                                                         {"unsigned int", DType::uint32},
                                                         {"uint32", DType::uint32},
                                                         {"uint32_t", DType::uint32},
                                                         {"longlong", DType::int64},
                                                         {"long long", DType::int64},
                                                         {"long long int", DType::int64},
                                                         {"signed long long", DType::int64},
                                                         {"signed long long int", DType::int64},
                                                         {"int64", DType::int64},
                                                         {"int64_t", DType::int64},
                                                         {"ulonglong", DType::uint64},
                                                         {"unsigned long long", DType::uint64},
                                                         {"unsigned long long int", DType::uint64},
                                                         {"uint64", DType::uint64},
                                                         {"uint64_t", DType::uint64},
                                                         {"float", DType::float32},
                                                         {"double", DType::float64}};

DType dtype_of(const std::string& type, const std::string& where) {
  for (const auto& [name, dtype] : kTypes)
    if (type == name) return dtype;
  fail_usage(where + ": type " + header_quote(type) + " is none that voxpipe knows");
}

bool is_big_endian(const NrrdHeader& header, DType dtype, const std::string& where) {
  const std::string& endian = header.field("endian");
  if (endian == "little" || endian == "big") return endian == "big";
  if (size_of(dtype) > 1 || !endian.empty())
    fail_damaged(where + ": endian: little or big expected, not " + header_quote(endian));
  return false;
}

/// True: gzip; false: raw.
bool is_gzip_encoding(const NrrdHeader& header, const std::string& where) {
  const std::string& encoding = header.field("encoding");
  if (encoding == "raw") return false;
  if (encoding == "gzip" || encoding == "gz") return true;
  fail_usage(where + ": encoding " + header_quote(encoding) +
             ": raw and gzip are read; unu save -f nrrd -e raw makes one of them");
}

/// A count of lines or bytes to skip.
std::int64_t skip_of(const NrrdHeader& header, const std::string& name, std::int64_t least,
                     const std::string& where) {
  const std::string& text = header.field(name);
  std::int64_t count = 0;
  if (text.empty()) return 0;
  if (!try_parse(text, count) || count < least || count > (std::int64_t{1} << 62))
    fail_damaged(where + ": " + name + ": " + header_quote(text) + " is not possible here");
  return count;
}

/// Skips whole lines; gives the bytes that they had.
std::int64_t skip_lines(ByteSource& bytes, std::int64_t lines) {
  std::int64_t skipped = 0;
  while (lines > 0) {
    const auto seen = bytes.peek(kLineWindow);
    if (seen.empty()) fail_damaged(bytes.name() + ": line skip leads behind the end: the file is cut short");
    const void* newline = std::memchr(seen.data(), '\n', seen.size());
    const auto count =
        newline == nullptr
            ? seen.size()
            : static_cast<std::size_t>(static_cast<const std::byte*>(newline) - seen.data()) + 1;
    std::vector<std::byte> waste(count);
    bytes.read(waste);
    skipped += static_cast<std::int64_t>(count);
    if (newline != nullptr) --lines;
  }
  return skipped;
}

/// `byte skip` of raw voxels as an offset from the file's start; below 0 it counts back from the file's end.
void apply_byte_skip(std::int64_t skip, std::int64_t before, const ByteSource& bytes, std::int64_t wanted,
                     DenseLayout& layout) {
  if (skip >= 0) {
    layout.offset = bytes.size() ? std::min(before, *bytes.size()) + std::min(skip, *bytes.size()) : skip;
    return;
  }
  layout.offset = offset_from_end(bytes, wanted, -(skip + 1), before, "byte skip");
  layout.more_may_follow = skip < -1;
}

VolumeMeta meta_of(const NrrdHeader& header, const ByteSource& bytes) {
  const std::string& name = bytes.name();
  VolumeMeta meta;
  const NrrdAxes axes = nrrd_axes(header, name);
  meta.shape = chosen_shape(axes.sizes, axes.chosen);
  meta.dtype = dtype_of(header.field("type"), name);
  read_nrrd_geometry(header, axes, meta);
  check_meta(meta, name);
  const auto ours = header.keys.find(kNrrdMetaKey);
  if (ours != header.keys.end()) apply_embedded(ours->second, header.untouched, name + ": voxpipe", meta);
  if (!bytes.origin().path.empty()) apply_sidecar(bytes.origin().path, meta);
  return meta;
}

}  // namespace

bool is_nrrd(std::span<const std::byte> start) {
  return start.size() >= 8 && std::memcmp(start.data(), "NRRD000", 7) == 0;
}

std::unique_ptr<SlabSource> open_nrrd(ByteSource bytes, const OpenOptions&) {
  const NrrdHeader header = read_nrrd_header(bytes);
  const std::string name = bytes.name();
  const VolumeMeta meta = meta_of(header, bytes);
  const bool gzip = is_gzip_encoding(header, name);
  const std::int64_t byte_skip = skip_of(header, "byte skip", gzip ? 0 : -(std::int64_t{1} << 62), name);
  SourceInfo info = info_of(bytes, "NRRD");
  DenseLayout layout;
  layout.big_endian = is_big_endian(header, meta.dtype, name);
  layout.remedy = "correct its header";
  std::int64_t before = header.bytes;
  const std::string& data_file = header.field("data file");
  if (!data_file.empty()) {
    if (data_file.starts_with("LIST") || data_file.find('%') != std::string::npos)
      fail_usage(name + ": data file " + header_quote(data_file) +
                 ": voxels in several files are not read; unu save -f nrrd joins them");
    bytes = open_data_file(bytes, data_file);
    info.file_bytes = bytes.size();
    before = 0;
    layout.more_may_follow = byte_skip > 0 || header.fields.contains("line skip");
  }
  before += skip_lines(bytes, skip_of(header, "line skip", 0, name));
  if (gzip) {
    info.compression = "gzip";
    layout.offset = byte_skip;
    return dense_source(inflated(std::move(bytes), DeflateWrapper::gzip), meta, info, layout);
  }
  apply_byte_skip(byte_skip, before, bytes, meta.bytes(), layout);
  return dense_source(std::move(bytes), meta, info, layout);
}

}  // namespace vox
