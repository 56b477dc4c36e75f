#include "ops/filter/rank.h"

#include <cmath>

#include "core/error.h"
#include "ops/filter/filtered_meta.h"
#include "ops/filter/median125_rows.h"
#include "ops/filter/median27_rows.h"
#include "ops/filter/neighbourhood.h"
#include "ops/filter/rank_rows.h"
#include "ops/kernel_table.h"
#include "ops/scratch.h"

namespace vox {

bool Rank::median_of_box(std::int64_t radius) const {
  return footprint_.shape() == Shape::box && footprint_.reach() == Extent3{radius, radius, radius} &&
         rank_ == footprint_.count() / 2;
}

VolumeMeta Rank::output_meta(const VolumeMeta& input) const { return meta_of_chosen_voxels(input); }

std::int64_t Rank::scratch_bytes(const Extent3& block) const {
  if (median_of_box(1)) return median27_scratch(block, dtype_);
  if (median_of_box(2)) return kMedian125Lines * kMedian125Line;
  return rank_scratch(footprint_, dtype_, block);
}

void Rank::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  static_cast<void>(tally);
  std::byte* scratch = thread_scratch(scratch_bytes(out.shape()));
  if (median_of_box(1))
    median27_rows(in, out, scratch);
  else if (median_of_box(2))
    median125_rows(in, out, scratch);
  else
    rank_rows(in, out, footprint_, rank_, scratch);
}

namespace {

class RankSpec : public KernelSpec {
 public:
  explicit RankSpec(bool median) : median_(median) {}

  void declare(Params& params) override {
    neighbourhood_.declare(params, {"box", "ball"});
    if (!median_)
      params.value("percentile", 'p', "P", "from 0, the smallest, to 100, the largest", percentile_);
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    const Footprint footprint = neighbourhood_.footprint(input);
    const std::int64_t count = footprint.count();
    if (median_) return chain_of<Rank>(footprint, count / 2, input.dtype);
    if (!percentile_) fail_usage("--percentile is missing; give a number from 0 to 100");
    if (!(*percentile_ >= 0 && *percentile_ <= 100)) fail_usage("--percentile: give a number from 0 to 100");
    const auto rank = static_cast<std::int64_t>(static_cast<double>(count) * *percentile_ / 100);
    return chain_of<Rank>(footprint, std::min(rank, count - 1), input.dtype);
  }

 private:
  bool median_;
  Neighbourhood neighbourhood_;
  std::optional<double> percentile_;
};

template <bool median>
std::unique_ptr<KernelSpec> make() {
  return std::make_unique<RankSpec>(median);
}

}  // namespace

extern constinit const KernelEntry kMedianKernel = {
    "median",
    "filter",
    "Median of the neighbourhood",
    make<true>,
    "scipy.ndimage's median_filter: the voxel in the middle of the sorted neighbourhood. The type stays. NaN "
    "anywhere in the neighbourhood gives NaN.",
    "-r 1"};
extern constinit const KernelEntry kPercentileKernel = {
    "percentile",
    "filter",
    "Percentile of the neighbourhood",
    make<false>,
    "scipy.ndimage's percentile_filter: of the n sorted voxels of the neighbourhood number int(n P / 100), "
    "at most n - 1, counted from 0; nothing is interpolated. The type stays. NaN anywhere in the "
    "neighbourhood gives NaN.",
    "-r 1 -p 25"};

}  // namespace vox
