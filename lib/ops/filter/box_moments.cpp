#include "ops/filter/box_moments.h"

#include <cmath>

#include "ops/filter/box_moments_rows.h"
#include "ops/filter/filtered_meta.h"
#include "ops/filter/neighbourhood.h"
#include "ops/kernel_table.h"
#include "ops/scratch.h"

namespace vox {

VolumeMeta BoxMoments::output_meta(const VolumeMeta& input) const {
  if (moment_ == Moment::mean) return meta_of_means(input, dtype_);
  if (moment_ == Moment::std)
    return meta_of_differences(input, dtype_, [](double slope) { return std::abs(slope); });
  return meta_of_differences(input, dtype_, [](double slope) { return slope * slope; });
}

std::int64_t BoxMoments::scratch_bytes(const Extent3& block) const {
  return box_moments_scratch(block, footprint_.reach(), box_moments_run(moment_, input_));
}

void BoxMoments::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  apply_on(in, out, tally, nullptr, true);
}

std::int64_t BoxMoments::planes_at_once() const {
  return footprint_.shape() == Shape::box && !box_moments_run(moment_, input_) ? kMomentsGroup : 1;
}

std::int64_t BoxMoments::carried_bytes(std::int64_t rows, std::int64_t columns) const {
  if (footprint_.shape() != Shape::box || !box_moments_run(moment_, input_)) return 0;
  return box_moments_carried(rows, columns, footprint_.reach());
}

void BoxMoments::apply_on(const ConstBlock& in, const Block& out, Tally& tally, std::byte* carried,
                          bool begins) const {
  std::byte* scratch = thread_scratch(scratch_bytes(out.shape()));
  box_moments_rows(moment_, in, out, footprint_, scratch, {carried, begins}, tally);
}

namespace {

class MomentSpec : public KernelSpec {
 public:
  explicit MomentSpec(Moment moment) : moment_(moment) {}
  void declare(Params& params) override {
    if (moment_ == Moment::mean)
      neighbourhood_.declare(params, {"box", "ball"});
    else
      neighbourhood_.declare_radius(params);
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType> dtype) const override {
    const DType own = moment_ == Moment::mean ? input.dtype : DType::float32;
    return chain_of<BoxMoments>(moment_, neighbourhood_.footprint(input), dtype.value_or(own), input.dtype);
  }

 private:
  Moment moment_;
  Neighbourhood neighbourhood_;
};

template <Moment moment>
std::unique_ptr<KernelSpec> make() {
  return std::make_unique<MomentSpec>(moment);
}

}  // namespace

extern constinit const KernelEntry kMeanKernel = {
    "mean",
    "filter",
    "Mean of the neighbourhood",
    make<Moment::mean>,
    "Integers up to 32 bits are summed exactly, other types in double precision; rounded once, half to even, "
    "where the output has an integer type. NaN in the neighbourhood gives NaN, in integers 0.",
    "-r 2"};
constexpr const char* kOfDeviations =
    "Of the population, over a box; float32. Integers up to 16 bits are summed exactly, other types in double "
    "precision, which leaves few digits where the deviation is less than a millionth of the mean. NaN in the "
    "neighbourhood gives NaN.";
extern constinit const KernelEntry kVarianceKernel = {
    "variance", "filter", "Variance of the neighbourhood", make<Moment::variance>, kOfDeviations, "-r 2"};
extern constinit const KernelEntry kStdKernel = {
    "std", "filter", "Standard deviation of the neighbourhood", make<Moment::std>, kOfDeviations, "-r 2"};

}  // namespace vox
