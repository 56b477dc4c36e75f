#include "vnormalize_find_background.h"

#include <cstring>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/generated_source.h"
#include "ops/stats/mean_projection.h"
#include "ops/stats/range.h"

namespace {

using namespace vox;

std::vector<double> mean_plane(SlabSource& source, Context& context) {
  const VolumeMeta& meta = source.meta();
  Range range = meta.range.value_or(Range{});
  if (MeanProjection::needs_range(meta.dtype) && !meta.range) {
    RangeReducer reducer(meta.dtype);
    context.reduce(source, reducer);
    range = reducer.range().value_or(Range{});
  }
  MeanProjection projection(meta.dtype, meta.shape, range);
  context.reduce(source, projection);
  return projection.means();
}

}  // namespace

BackgroundMask background_of(SlabSource& source, double sigma, Context& context) {
  const Extent3 shape = source.meta().shape;
  constexpr std::int64_t kBytes = 8 + 8 + 1;  // the mean, its smoothed value, the mask
  if (shape.y * shape.x * kBytes > context.resources().memory)
    fail_memory("needs " + format_bytes(shape.y * shape.x * kBytes) + " to smooth a plane of " +
                format_count(shape.y * shape.x) + " means, --memory allows " +
                format_bytes(context.resources().memory));
  const std::vector<double> means = mean_plane(source, context);
  if (context.explaining())
    return {std::vector<std::uint8_t>(static_cast<std::size_t>(shape.y * shape.x)), 0, 0};
  return find_background(means, shape, sigma);
}

std::unique_ptr<SlabSource> mask_source(const BackgroundMask& mask, const VolumeMeta& like,
                                        std::int64_t planes) {
  VolumeMeta meta = with_new_values(like, DType::uint8, Kind::mask);
  meta.shape.z = planes;
  SourceInfo info;
  info.name = "background";
  info.format = "found";
  const std::int64_t width = meta.shape.x;
  return std::make_unique<GeneratedSource>(meta, info, [&mask, width](const Block& out) {
    const Extent3 size = out.shape();
    for (std::int64_t z = 0; z < size.z; ++z)
      for (std::int64_t y = 0; y < size.y; ++y)
        std::memcpy(out.row(z, y), mask.inside.data() + (out.box.begin.y + y) * width + out.box.begin.x,
                    static_cast<std::size_t>(size.x));
  });
}
