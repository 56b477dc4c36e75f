#include "io/nifti_header.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "core/error.h"
#include "core/numbers.h"
#include "io/byte_order.h"

namespace vox {
namespace {

constexpr std::int64_t kFirstMagic = 344;
constexpr std::int64_t kSecondMagic = 4;
constexpr std::int64_t kFlagBytes = 4;       // behind the header: whether extensions follow
constexpr std::int64_t kExtensionHead = 8;   // its size and its code
constexpr std::int64_t kExtensionUnit = 16;  // sizes are multiples of it
constexpr std::int64_t kComment = 6;
constexpr std::int64_t kLargestExtensions = 64 << 20;
constexpr std::string_view kOurs = "{\"voxpipe\":";

/// The double that prints as the float does: 0.65f is meant to be 0.65.
double widened(float value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double wide = value;
  if (std::isfinite(value)) std::from_chars(text.data(), end, wide);
  return wide;
}

/// Where a field stands and how many bytes it has, in each version.
struct Place {
  std::int64_t at = 0;
  std::int64_t size = 0;
};

/// Calls `field` with every field of the header and its places in the two versions: the one description of
/// the layout, for reading and for writing.
template <class Field>
void each_field(NiftiHeader& header, Field&& field) {
  for (std::int64_t i = 0; i < 8; ++i) {
    const auto index = static_cast<std::size_t>(i);
    field(header.dim[index], Place{40 + 2 * i, 2}, Place{16 + 8 * i, 8});
    field(header.pixdim[index], Place{76 + 4 * i, 4}, Place{104 + 8 * i, 8});
  }
  field(header.intent_code, Place{68, 2}, Place{504, 4});
  field(header.datatype, Place{70, 2}, Place{12, 2});
  field(header.bitpix, Place{72, 2}, Place{14, 2});
  field(header.scl_slope, Place{112, 4}, Place{176, 8});
  field(header.scl_inter, Place{116, 4}, Place{184, 8});
  field(header.xyzt_units, Place{123, 1}, Place{500, 4});
  field(header.qform_code, Place{252, 2}, Place{344, 4});
  field(header.sform_code, Place{254, 2}, Place{348, 4});
  for (std::int64_t i = 0; i < 3; ++i) {
    const auto index = static_cast<std::size_t>(i);
    field(header.quatern[index], Place{256 + 4 * i, 4}, Place{352 + 8 * i, 8});
    field(header.qoffset[index], Place{268 + 4 * i, 4}, Place{376 + 8 * i, 8});
    for (std::int64_t k = 0; k < 4; ++k)
      field(header.srow[index][static_cast<std::size_t>(k)], Place{280 + 16 * i + 4 * k, 4},
            Place{400 + 32 * i + 8 * k, 8});
  }
}

/// A number of a few bytes in this machine's order from bytes in the file's.
template <class T>
T number_at(const std::byte* bytes, bool big_endian) {
  std::array<std::byte, sizeof(T)> copy;
  std::copy_n(bytes, sizeof(T), copy.begin());
  if (needs_swap(big_endian)) std::reverse(copy.begin(), copy.end());
  return std::bit_cast<T>(copy);
}

class FieldReader {
 public:
  FieldReader(const std::byte* bytes, const NiftiHeader& header)
      : bytes_(bytes), second_(header.second), big_endian_(header.big_endian) {}

  void operator()(std::int64_t& value, Place first, Place second) const {
    const Place place = second_ ? second : first;
    if (place.size == 1) value = std::to_integer<std::int64_t>(bytes_[place.at]);
    if (place.size == 2) value = number_at<std::int16_t>(bytes_ + place.at, big_endian_);
    if (place.size == 4) value = number_at<std::int32_t>(bytes_ + place.at, big_endian_);
    if (place.size == 8) value = number_at<std::int64_t>(bytes_ + place.at, big_endian_);
  }
  void operator()(double& value, Place first, Place second) const {
    value = second_ ? number_at<double>(bytes_ + second.at, big_endian_)
                    : widened(number_at<float>(bytes_ + first.at, big_endian_));
  }

 private:
  const std::byte* bytes_;
  bool second_;
  bool big_endian_;
};

class FieldWriter {
 public:
  FieldWriter(std::string& bytes, bool second) : bytes_(bytes), second_(second) {}

  void operator()(std::int64_t value, Place first, Place second) const {
    const Place place = second_ ? second : first;
    for (std::int64_t i = 0; i < place.size; ++i)
      bytes_[static_cast<std::size_t>(place.at + i)] = static_cast<char>(value >> 8 * i & 0xff);
  }
  void operator()(double value, Place first, Place second) const {
    const std::int64_t bits =
        second_ ? std::bit_cast<std::int64_t>(value) : std::bit_cast<std::int32_t>(static_cast<float>(value));
    (*this)(bits, first, second);
  }

 private:
  std::string& bytes_;
  bool second_;
};

/// The one field that is an integer in one version and a float in the other.
std::int64_t read_vox_offset(const std::byte* bytes, const NiftiHeader& header) {
  constexpr double kLargest = 0x1p53;
  if (header.second) return number_at<std::int64_t>(bytes + 168, header.big_endian);
  const auto value = static_cast<double>(number_at<float>(bytes + 108, header.big_endian));
  return value >= 0 && value < kLargest && value == std::floor(value) ? static_cast<std::int64_t>(value) : -1;
}

/// "n+1" where the voxels follow, "ni1" in a header on its own.
bool has_magic(std::span<const std::byte> start, std::int64_t at, char version) {
  if (static_cast<std::int64_t>(start.size()) < at + 4) return false;
  const std::byte* magic = start.data() + at;
  return magic[0] == std::byte{'n'} && (magic[1] == std::byte{'+'} || magic[1] == std::byte{'i'}) &&
         magic[2] == static_cast<std::byte>(version) && magic[3] == std::byte{0};
}

bool has_size(std::span<const std::byte> start, bool second, bool big_endian) {
  return start.size() >= 4 && number_at<std::int32_t>(start.data(), big_endian) == nifti_header_size(second);
}

void take(ByteSource& bytes, std::span<std::byte> out, const char* what) {
  const std::int64_t got = bytes.read(out);
  if (got == static_cast<std::int64_t>(out.size())) return;
  fail_damaged(bytes.name() + ": " + what + ": " + format_count(got) + " of " +
               format_count(static_cast<std::int64_t>(out.size())) + " bytes, the file is cut short");
}

}  // namespace

bool is_nifti(std::span<const std::byte> start) {
  for (const bool big_endian : {false, true}) {
    if (has_size(start, false, big_endian) && has_magic(start, kFirstMagic, '1')) return true;
    if (has_size(start, true, big_endian) && has_magic(start, kSecondMagic, '2')) return true;
  }
  return false;
}

NiftiHeader take_nifti_header(ByteSource& bytes) {
  std::vector<std::byte> raw(static_cast<std::size_t>(nifti_header_size(false)));
  take(bytes, raw, "its header");
  if (!is_nifti(raw)) fail_damaged(bytes.name() + ": does not begin as NIfTI does");
  NiftiHeader header;
  header.second = has_size(raw, true, false) || has_size(raw, true, true);
  header.big_endian = has_size(raw, header.second, true);
  const std::size_t known = raw.size();
  raw.resize(static_cast<std::size_t>(nifti_header_size(header.second)));
  take(bytes, std::span(raw).subspan(known), "its header");
  header.pair =
      raw[static_cast<std::size_t>(header.second ? kSecondMagic : kFirstMagic) + 1] == std::byte{'i'};
  each_field(header, FieldReader(raw.data(), header));
  header.vox_offset = read_vox_offset(raw.data(), header);
  const std::int64_t least = nifti_header_size(header.second) + kFlagBytes;
  if (header.vox_offset == 0) header.vox_offset = least;  // not filled in
  if (header.vox_offset < least && !header.pair)
    fail_damaged(bytes.name() + ": its voxels begin at byte " + format_count(header.vox_offset) +
                 ", within the header; the file is damaged");
  return header;
}

std::string take_nifti_comment(ByteSource& bytes, const NiftiHeader& header, std::int64_t& taken) {
  taken = nifti_header_size(header.second);
  const std::int64_t size = header.vox_offset - taken;
  if (size < kFlagBytes + kExtensionHead || size > kLargestExtensions) return {};
  if (bytes.size() && *bytes.size() < header.vox_offset)
    fail_damaged(bytes.name() +
                 ": its extensions: " + format_count(std::max(*bytes.size() - taken, std::int64_t{0})) +
                 " of " + format_count(size) + " bytes, the file is cut short");
  std::vector<std::byte> raw(static_cast<std::size_t>(size));
  take(bytes, raw, "its extensions");
  taken = header.vox_offset;
  if (raw[0] == std::byte{0}) return {};
  for (std::int64_t at = kFlagBytes; at + kExtensionHead <= size;) {
    const std::byte* head = raw.data() + at;
    const std::int64_t whole = number_at<std::int32_t>(head, header.big_endian);
    if (whole < kExtensionHead || whole > size - at) break;
    const std::string_view text(reinterpret_cast<const char*>(head + kExtensionHead),
                                static_cast<std::size_t>(whole - kExtensionHead));
    if (number_at<std::int32_t>(head + 4, header.big_endian) == kComment && text.starts_with(kOurs))
      return std::string(text.substr(0, text.find('\0')));
    at += whole;
  }
  return {};
}

std::string nifti_start(NiftiHeader& header, const std::string& comment) {
  constexpr std::int64_t kLargestFirstOffset = 1 << 24;  // what a float counts
  const auto text = static_cast<std::int64_t>(comment.size());
  std::int64_t extension = (kExtensionHead + text + kExtensionUnit) / kExtensionUnit * kExtensionUnit;
  if (text == 0 || extension > kLargestExtensions) extension = 0;
  const std::int64_t largest = *std::max_element(header.dim.begin(), header.dim.end());
  header.second = largest > std::numeric_limits<std::int16_t>::max() || extension > kLargestFirstOffset / 2;
  const std::int64_t size = nifti_header_size(header.second);
  header.vox_offset = size + kFlagBytes + extension;
  std::string bytes(static_cast<std::size_t>(header.vox_offset), '\0');
  const FieldWriter write(bytes, header.second);
  each_field(header, write);
  write(size, Place{0, 4}, Place{0, 4});
  if (header.second)
    write(header.vox_offset, Place{}, Place{168, 8});
  else
    write(static_cast<double>(header.vox_offset), Place{108, 4}, Place{});
  bytes.replace(header.second ? 240 : 148, 7, "voxpipe");
  if (header.second)
    bytes.replace(kSecondMagic, 8, std::string_view("n+2\0\r\n\032\n", 8));
  else
    bytes.replace(kFirstMagic, 4, std::string_view("n+1\0", 4));
  if (extension == 0) return bytes;
  bytes[static_cast<std::size_t>(size)] = 1;
  const Place size_place{size + kFlagBytes, 4};
  const Place code_place{size + kFlagBytes + 4, 4};
  write(extension, size_place, size_place);
  write(kComment, code_place, code_place);
  bytes.replace(static_cast<std::size_t>(size + kFlagBytes + kExtensionHead), comment.size(), comment);
  return bytes;
}

}  // namespace vox
