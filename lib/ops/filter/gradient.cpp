// gradient: the magnitude of the gradient.
#include "core/error.h"
#include "ops/filter/derivative_spec.h"
#include "ops/filter/sigma.h"
#include "ops/kernel_table.h"

namespace vox {
namespace {

class GradientSpec : public DerivativeSpec {
 public:
  void declare(Params& params) override {
    sigma_.declare(params, "sigma", 's', "derivatives of a Gaussian of this standard deviation");
    truncate_.declare(params);
    spacing_.declare(params);
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType> dtype) const override {
    if (truncate_.truncate && !sigma_.given()) fail_usage("--truncate needs --sigma");
    const Vector3 steps = spacing_.steps(input);
    std::vector<FirTerm> terms;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      FirTerm term;
      if (sigma_.given())
        term = gaussian_term(sigma_.voxels(input, true), truncate_.checked(), axis, 1);
      else
        term.taps[axis] = {{0, 0.5}, true};
      Taps& last = term.taps[sigma_.given() ? 2 : axis];
      last = scaled(last, 1 / steps[axis]);
      terms.push_back(term);
    }
    return chain_of<FirDifference>(terms, FirMerge::magnitude, dtype.value_or(DType::float32),
                                   outside(input));
  }

 private:
  SigmaOption sigma_;
  TruncateOption truncate_;
  SpacingOption spacing_;
};

}  // namespace

extern constinit const KernelEntry kGradientKernel = {
    "gradient",
    "filter",
    "Magnitude of the gradient",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<GradientSpec>(); },
    "Of central differences, or with -s of the first derivatives of a Gaussian, divided by the spacing; "
    "float32. In double precision, rounded once. NaN in the neighbourhood gives NaN.",
    "-s 1"};

}  // namespace vox
