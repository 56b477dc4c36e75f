#include "ops/intensity/clahe.h"

#include <algorithm>

#include "ops/intensity/clahe_rows.h"
#include "ops/intensity/convert_rows.h"

namespace vox {

std::int64_t ClaheRows::scratch_bytes(std::int64_t width) const {
  return width * 6 + grid_.x.tiles() * (levels_.bins() + 1) * 4;
}

void ClaheRows::map(const std::byte* row, std::int64_t z, std::int64_t y, std::int64_t width,
                    Scratch& scratch, float* out) const {
  const std::int64_t bins = levels_.bins();
  const std::int64_t stride = bins + 1;
  scratch.bins.resize(static_cast<std::size_t>(width));
  scratch.tables.resize(static_cast<std::size_t>(grid_.x.tiles() * stride));
  levels_.find(row, width, scratch.bins.data());
  const TileAxis::Place in_z = grid_.z.place(z);
  const TileAxis::Place in_y = grid_.y.place(y);
  for (std::int64_t tile = 0; tile < grid_.x.tiles(); ++tile) {
    const auto map_of = [&](std::int64_t z_tile, std::int64_t y_tile) {
      return maps_.data() + (z_tile * grid_.tiles_in_layer() + y_tile * grid_.x.tiles() + tile) * bins;
    };
    const FourMaps four{{map_of(in_z.before, in_y.before), map_of(in_z.before, in_y.after),
                         map_of(in_z.after, in_y.before), map_of(in_z.after, in_y.after)},
                        {(1 - in_z.weight) * (1 - in_y.weight), (1 - in_z.weight) * in_y.weight,
                         in_z.weight * (1 - in_y.weight), in_z.weight * in_y.weight}};
    blend_maps(four, bins, scratch.tables.data() + tile * stride);
  }
  const std::int64_t kernel = grid_.x.kernel();
  for (std::int64_t x = 0; x < width;) {
    const std::int64_t within = (x + kernel / 2) % kernel;
    const std::int64_t count = std::min(kernel - within, width - x);
    const TileAxis::Place in_x = grid_.x.place(x);
    blend_voxels(scratch.bins.data() + x, count, scratch.tables.data() + in_x.before * stride,
                 scratch.tables.data() + in_x.after * stride, within, kernel, out + x);
    x += count;
  }
}

void ClaheExtremes::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  ClaheRows::Scratch scratch;
  std::vector<float> row(static_cast<std::size_t>(size.x));
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      rows_.map(block.row(z, y), block.box.begin.z + z, block.box.begin.y + y, size.x, scratch, row.data());
      extremes_of(row.data(), size.x, low_, high_);
    }
}

void ClaheExtremes::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const ClaheExtremes&>(other_reducer);
  low_ = std::min(low_, other.low_);
  high_ = std::max(high_, other.high_);
}

bool ClaheExtremes::exchange(KeptState& state) {
  state.value(low_);
  state.value(high_);
  return true;
}

VolumeMeta Clahe::output_meta(const VolumeMeta& input) const {
  return with_new_values(input, dtype_, Kind::intensity);
}

void Clahe::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  constexpr std::int64_t kPiece = 1024;
  const Extent3 size = out.shape();
  // Results that differ by less are equal but for the rounding of their weights.
  constexpr double kLeastWidth = 1e-2;
  const double width = from_.high - from_.low;
  const double factor = width > kLeastWidth ? (to_.high - to_.low) / width : 0;
  ClaheRows::Scratch scratch;
  std::vector<float> row(static_cast<std::size_t>(size.x));
  double values[kPiece];
  Tally conversion;
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      rows_.map(in.row(z, y), out.box.begin.z + z, out.box.begin.y + y, size.x, scratch, row.data());
      for (std::int64_t x = 0; x < size.x; x += kPiece) {
        const std::int64_t count = std::min(kPiece, size.x - x);
        stretch_results(row.data() + x, count, from_.low, factor, to_.low, values);
        convert_voxels(DType::float64, reinterpret_cast<const std::byte*>(values), dtype_,
                       out.row(z, y) + x * size_of(dtype_), count, conversion);
      }
    }
  tally.nan += conversion.nan;
}

}  // namespace vox
