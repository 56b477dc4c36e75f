// gaussian: smoothing by a Gaussian.
#include "ops/filter/sigma.h"
#include "ops/kernel_table.h"

namespace vox {
namespace {

class GaussianSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    sigma_.declare(params, "sigma", 's', "standard deviation");
    truncate_.declare(params);
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType> dtype) const override {
    const std::vector<FirTerm> terms{gaussian_term(sigma_.voxels(input, false), truncate_.checked())};
    return chain_of<Fir>(terms, FirMerge::sum, dtype.value_or(input.dtype));
  }

 private:
  SigmaOption sigma_;
  TruncateOption truncate_;
};

}  // namespace

extern constinit const KernelEntry kGaussianKernel = {
    "gaussian",
    "filter",
    "Smooth by a Gaussian",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<GaussianSpec>(); },
    "The weights of scipy.ndimage's gaussian_filter, in double precision along all axes; rounded once, half "
    "to even, where the output has an integer type. NaN in the neighbourhood gives NaN, in integers 0.",
    "-s 2"};

}  // namespace vox
