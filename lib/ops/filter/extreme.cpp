#include "ops/filter/extreme.h"

#include "ops/filter/extreme_rows.h"
#include "ops/filter/filtered_meta.h"
#include "ops/filter/neighbourhood.h"
#include "ops/kernel_table.h"
#include "ops/scratch.h"

namespace vox {

VolumeMeta Extreme::output_meta(const VolumeMeta& input) const { return meta_of_chosen_voxels(input); }

std::int64_t Extreme::planes_at_once() const {
  return extreme_planes_at_once(footprint_, Kernel::planes_at_once());
}

std::int64_t Extreme::scratch_bytes(const Extent3& block) const {
  return extreme_scratch(block, footprint_, dtype_);
}

void Extreme::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  static_cast<void>(tally);
  extreme_rows(which_, in, out, footprint_, thread_scratch(scratch_bytes(out.shape())));
}

namespace {

class ExtremeSpec : public KernelSpec {
 public:
  explicit ExtremeSpec(Extremum which) : which_(which) {}
  void declare(Params& params) override { neighbourhood_.declare(params, {"box", "ball"}); }
  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    return chain_of<Extreme>(which_, neighbourhood_.footprint(input), input.dtype);
  }

 private:
  Extremum which_;
  Neighbourhood neighbourhood_;
};

template <Extremum which>
std::unique_ptr<KernelSpec> make_extreme() {
  return std::make_unique<ExtremeSpec>(which);
}

}  // namespace

extern constinit const KernelEntry kMinKernel = {
    "min",
    "filter",
    "Smallest voxel of the neighbourhood",
    make_extreme<Extremum::min>,
    "scipy.ndimage's minimum_filter. The type stays. NaN anywhere in the neighbourhood gives NaN.",
    "-r 2"};
extern constinit const KernelEntry kMaxKernel = {
    "max",
    "filter",
    "Largest voxel of the neighbourhood",
    make_extreme<Extremum::max>,
    "scipy.ndimage's maximum_filter. The type stays. NaN anywhere in the neighbourhood gives NaN.",
    "-r 1,2,2 --footprint ball"};

}  // namespace vox
