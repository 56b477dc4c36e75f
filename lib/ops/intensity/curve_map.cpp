#include "ops/intensity/curve_map.h"

#include <algorithm>
#include <cstring>

#include "ops/intensity/convert_rows.h"
#include "ops/intensity/curve_rows.h"
#include "ops/intensity/value_table.h"
#include "ops/stats/segment_sums.h"

namespace vox {
namespace {

constexpr std::int64_t kPiece = 1024;  // doubles that stay in the first-level cache

/// Puts back the voxels that stay where a double cannot hold all their digits.
void restore_wide(DType dtype, const std::byte* in, std::byte* out, std::int64_t count, double stays_up_to) {
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    if constexpr (std::is_integral_v<T> && sizeof(T) == 8)
      for (std::int64_t i = 0; i < count; ++i)
        if (as_double(reinterpret_cast<const T*>(in)[i]) <= stays_up_to)
          reinterpret_cast<T*>(out)[i] = reinterpret_cast<const T*>(in)[i];
  });
}

}  // namespace

CurveMap::CurveMap(DType from, DType to, Curves curves) : from_(from), to_(to), curves_(std::move(curves)) {
  if (curves_.knots == 1) {
    // A level curve, as two knots.
    std::vector<double> doubled;
    for (const double value : curves_.values) doubled.insert(doubled.end(), 2, value);
    curves_.values = std::move(doubled);
    curves_.knots = 2;
  }
  if (is_float(from) || !curves_.curve_of_plane.empty()) return;
  table_ = make_value_table(from, to, [&](const std::byte* in, std::byte* out, std::int64_t count) {
    Tally ignored;
    bend(in, out, count, 0, ignored);
  });
}

VolumeMeta CurveMap::output_meta(const VolumeMeta& input) const {
  return with_new_values(input, to_, Kind::intensity);
}

void CurveMap::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  if (!table_.empty())
    return for_each_run(in, out, [&](const std::byte* source, std::byte* target, std::int64_t count) {
      look_up_voxels(from_, source, to_, target, count, table_.data());
    });
  const Extent3 size = out.shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      bend(in.row(z, y), out.row(z, y), size.x, out.box.begin.z + z, tally);
}

void CurveMap::bend(const std::byte* in, std::byte* out, std::int64_t count, std::int64_t z,
                    Tally& tally) const {
  const std::int32_t number =
      curves_.curve_of_plane.empty() ? 0 : curves_.curve_of_plane[static_cast<std::size_t>(z)];
  Tally conversion;
  if (number < 0) {
    convert_voxels(from_, in, to_, out, count, conversion);
    tally.nan += conversion.nan;
    return;
  }
  const CurveView curve{curves_.first, 1 / curves_.step, static_cast<double>(curves_.knots - 1),
                        curves_.stays_up_to, curves_.values.data() + number * curves_.knots};
  if (from_ == DType::float32 && to_ == DType::float32)
    return bend_values(reinterpret_cast<const float*>(in), count, curve, reinterpret_cast<float*>(out));
  double values[kPiece];
  for (std::int64_t done = 0; done < count; done += kPiece) {
    const std::int64_t size = std::min(kPiece, count - done);
    to_doubles(in + done * size_of(from_), from_, size, values);
    bend_values(values, size, curve, values);
    convert_voxels(DType::float64, reinterpret_cast<const std::byte*>(values), to_, out + done * size_of(to_),
                   size, conversion);
  }
  tally.nan += conversion.nan;
  tally.saturated += conversion.saturated;
  if (from_ == to_) restore_wide(from_, in, out, count, curves_.stays_up_to);
}

}  // namespace vox
