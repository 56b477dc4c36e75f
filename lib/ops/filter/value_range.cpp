#include "ops/filter/value_range.h"

#include <cmath>

#include "ops/filter/difference.h"
#include "ops/filter/extreme_rows.h"
#include "ops/filter/filtered_meta.h"
#include "ops/filter/neighbourhood.h"
#include "ops/kernel_table.h"
#include "ops/scratch.h"

namespace vox {

VolumeMeta ValueRange::output_meta(const VolumeMeta& input) const {
  return meta_of_voxel_differences(input, [](double slope) { return std::abs(slope); });
}

std::int64_t ValueRange::planes_at_once() const {
  return extreme_planes_at_once(footprint_, Kernel::planes_at_once());
}

std::int64_t ValueRange::scratch_bytes(const Extent3& block) const {
  return extreme_scratch(block, footprint_, dtype_) + voxels(block) * size_of(dtype_);
}

void ValueRange::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  const Extent3 size = out.shape();
  std::byte* scratch = thread_scratch(scratch_bytes(size));
  extreme_rows(Extremum::max, in, out, footprint_, scratch);
  const Block smallest = dense_block(scratch + extreme_scratch(size, footprint_, dtype_), dtype_, out.box);
  extreme_rows(Extremum::min, in, smallest, footprint_, scratch);
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      subtract_voxels(dtype_, out.row(z, y), smallest.row(z, y), out.row(z, y), size.x, tally);
}

namespace {

class ValueRangeSpec : public KernelSpec {
 public:
  void declare(Params& params) override { neighbourhood_.declare(params, {"box", "ball"}); }
  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    return chain_of<ValueRange>(neighbourhood_.footprint(input), input.dtype);
  }

 private:
  Neighbourhood neighbourhood_;
};

}  // namespace

extern constinit const KernelEntry kRangeKernel = {
    "range",
    "filter",
    "Largest minus smallest voxel of the neighbourhood",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<ValueRangeSpec>(); },
    "The type stays; signed integers saturate, and it is said how many did. NaN anywhere in the "
    "neighbourhood gives NaN.",
    "-r 2"};

}  // namespace vox
