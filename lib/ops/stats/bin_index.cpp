#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/stats/bin_index.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "ops/stats/bin_index.h"

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// How far a voxel may lie inside its bin, in bins, for the bin to be certain.
struct Certain {
  float from;
  float to;
};

/// Returns how many voxels from the start were indexed by whole vectors; vectors with a voxel too near to an
/// edge are left to `settle`.
template <class Settle>
std::int64_t index_vectors(const float* values, std::int64_t count, float first, float per_unit,
                           Certain certain, std::uint32_t* out, const Settle& settle) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto first_v = hn::Set(d, first);
  const auto per_unit_v = hn::Set(d, per_unit);
  const auto from = hn::Set(d, certain.from);
  const auto to = hn::Set(d, certain.to);
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto place = hn::Mul(hn::Sub(hn::LoadU(d, values + i), first_v), per_unit_v);
    const auto bin = hn::ConvertTo(di, place);
    const auto within = hn::Sub(place, hn::ConvertTo(d, bin));
    hn::StoreU(bin, di, reinterpret_cast<std::int32_t*>(out) + i);
    if (HWY_UNLIKELY(!hn::AllTrue(d, hn::And(hn::Ge(within, from), hn::Le(within, to)))))
      settle(i, i + lanes);
  }
  return i;
}

void index_floats(const float* values, std::int64_t count, const EqualWidthBins& bins, const float* edges,
                  std::uint32_t* out) {
  const auto first = static_cast<float>(bins.first());
  const auto per_unit = static_cast<float>(bins.per_unit());
  const auto last = static_cast<std::int32_t>(bins.size() - 1);
  const auto settle = [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float place = (values[i] - first) * per_unit;
      std::int32_t bin = std::min(static_cast<std::int32_t>(place), last);
      if (bin > 0 && values[i] < edges[bin]) --bin;
      if (bin < last && values[i] >= edges[bin + 1]) ++bin;
      out[i] = static_cast<std::uint32_t>(bin);
    }
  };
  const auto uncertainty = static_cast<float>(bins.uncertainty());
  const Certain certain{uncertainty, 1 - uncertainty};
  settle(index_vectors(values, count, first, per_unit, certain, out, settle), count);
}

}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(index_floats);

}  // namespace

void bin_indices(const float* values, std::int64_t count, const EqualWidthBins& bins, const float* edges,
                 std::uint32_t* out) {
  // Ranges beyond what float holds leave the fast way.
  if (bins.per_unit() > 0 && bins.per_unit() < 1e38 && bins.edges().back() - bins.first() < 1e38)
    return VOX_SIMD_CALL(index_floats)(values, count, bins, edges, out);
  for (std::int64_t i = 0; i < count; ++i)
    out[i] = static_cast<std::uint32_t>(bins.bin_of(static_cast<double>(values[i])));
}

}  // namespace vox
#endif
