// laplacian and log: the sum of second differences, plain or of a Gaussian.
#include "ops/filter/derivative_spec.h"
#include "ops/filter/sigma.h"
#include "ops/kernel_table.h"

namespace vox {
namespace {

class LaplacianSpec : public DerivativeSpec {
 public:
  explicit LaplacianSpec(bool of_gaussian) : of_gaussian_(of_gaussian) {}

  void declare(Params& params) override {
    if (of_gaussian_) {
      sigma_.declare(params, "sigma", 's', "standard deviation of the Gaussian");
      truncate_.declare(params);
    }
    spacing_.declare(params);
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType> dtype) const override {
    const Vector3 steps = spacing_.steps(input);
    std::vector<FirTerm> terms;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      FirTerm term;
      if (of_gaussian_)
        term = gaussian_term(sigma_.voxels(input, true), truncate_.checked(), axis, 2);
      else
        term.taps[axis] = {{-2, 1}, false};
      Taps& last = term.taps[of_gaussian_ ? 2 : axis];
      last = scaled(last, 1 / (steps[axis] * steps[axis]));
      terms.push_back(term);
    }
    return chain_of<FirDifference>(terms, FirMerge::sum, dtype.value_or(DType::float32), outside(input));
  }

 private:
  bool of_gaussian_;
  SigmaOption sigma_;
  TruncateOption truncate_;
  SpacingOption spacing_;
};

template <bool of_gaussian>
std::unique_ptr<KernelSpec> make() {
  return std::make_unique<LaplacianSpec>(of_gaussian);
}

}  // namespace

extern constinit const KernelEntry kLaplacianKernel = {
    "laplacian",
    "filter",
    "Sum of second differences",
    make<false>,
    "scipy.ndimage's laplace, every axis divided by its squared spacing; float32. In double precision, "
    "rounded once. NaN in the neighbourhood gives NaN.",
    "--no-spacing"};
extern constinit const KernelEntry kLogKernel = {"log",
                                                 "filter",
                                                 "Laplacian of a Gaussian",
                                                 make<true>,
                                                 "scipy.ndimage's gaussian_laplace, every axis divided by "
                                                 "its squared spacing; float32. In double precision, "
                                                 "rounded once. NaN in the neighbourhood gives NaN.",
                                                 "-s 1.5"};

}  // namespace vox
