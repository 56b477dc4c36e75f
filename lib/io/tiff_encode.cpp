#include "io/tiff_encode.h"

#include <algorithm>

#include "io/tiff_predictor.h"

namespace vox {

TiffStripEncoder::TiffStripEncoder(const TiffPlan& plan)
    : plan_(plan), scratch_([&plan] {
        return std::make_unique<Scratch>(Scratch{TiffEncoder(plan.encoding), GrowingBuffer()});
      }) {}

void TiffStripEncoder::encode(const Box3& box, std::span<std::byte> voxels, Encoded& encoded) const {
  const Pool<Scratch>::Loan scratch(scratch_);
  const VolumeMeta& meta = plan_.meta;
  const std::int64_t row_bytes = meta.row_bytes();
  const std::span<std::byte> row = scratch->row.of_size(row_bytes);
  apply_predictor(plan_.predictor, {meta.dtype, meta.shape.x, 1}, voxels, row);
  encoded.bytes.clear();
  encoded.sizes.clear();
  const Extent3 size = box.shape();
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; y += plan_.rows_per_strip) {
      const std::int64_t rows = std::min(plan_.rows_per_strip, size.y - y);
      const std::size_t before = encoded.bytes.size();
      scratch->encoder.encode(voxels.subspan(static_cast<std::size_t>((z * size.y + y) * row_bytes),
                                             static_cast<std::size_t>(rows * row_bytes)),
                              row_bytes, encoded.bytes);
      encoded.sizes.push_back(static_cast<std::int64_t>(encoded.bytes.size() - before));
    }
  }
}

std::int64_t TiffStripEncoder::scratch_bytes() const {
  const std::int64_t strip = plan_.rows_per_strip * plan_.meta.row_bytes();
  // The encoded strip exists twice for a moment: as the coder wrote it and behind those before it.
  return TiffEncoder::memory_bytes(plan_.encoding, strip) +
         2 * TiffEncoder::largest_output(plan_.encoding, strip) + plan_.meta.row_bytes();
}

void TiffCodedSink::put(const Box3& box, std::span<std::byte> voxels) {
  Encoded encoded;
  encode(box, voxels, encoded);
  put_encoded(box, encoded);
}

SinkTraits tiff_sink_traits(const TiffPlan& plan) {
  if (!plan.coded()) return plain_sink_traits(plan.meta);
  return {.seekable = false,
          .chunk = {1, plan.rows_per_strip, plan.meta.shape.x},
          .encodes = true,
          .scratch_bytes = TiffStripEncoder(plan).scratch_bytes()};
}

}  // namespace vox
