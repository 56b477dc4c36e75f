#include "io/volume_io.h"

#include <cmath>
#include <stdexcept>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {

void SlabSource::learn_range(const Range& range) {
  constexpr double kExact = 0x1p53;
  const bool exact = is_float(meta_.dtype) || (std::abs(range.low) < kExact && std::abs(range.high) < kExact);
  if (exact) meta_.range = range;
}

void SlabSink::encode(const Box3& box, std::span<std::byte> voxels, Encoded& encoded) const {
  static_cast<void>(box);
  static_cast<void>(voxels);
  static_cast<void>(encoded);
  throw std::logic_error("this sink does not encode");
}

void SlabSink::put_encoded(const Box3& box, const Encoded& encoded) {
  static_cast<void>(box);
  static_cast<void>(encoded);
  throw std::logic_error("this sink does not encode");
}

void parse_value(std::string_view text, Compression& compression) {
  std::size_t colon = text.find(':');
  const bool names_inner = text.starts_with("blosc:") && text.size() > 6 && (text[6] < '0' || text[6] > '9');
  if (names_inner) colon = text.find(':', 6);
  compression.codec = text.substr(0, colon);
  compression.level.reset();
  if (colon == std::string_view::npos) return;
  std::int64_t level = 0;
  if (!try_parse(text.substr(colon + 1), level) || level < -200 || level > 200)
    fail_usage("'" + std::string(text) + "' is not a compression; write a codec or codec:level, as zstd:3");
  compression.level = static_cast<int>(level);
}

}  // namespace vox
