// dog and unsharp: differences of a Gaussian to another, and of a volume to its Gaussian.
#include <cmath>

#include "core/error.h"
#include "ops/filter/sigma.h"
#include "ops/kernel_table.h"

namespace vox {
namespace {

/// A Gaussian that counts `factor` times.
FirTerm weighted_gaussian(const Vector3& sigma, double truncate, double factor) {
  FirTerm term = gaussian_term(sigma, truncate);
  term.taps[2] = scaled(term.taps[2], factor);
  return term;
}

class DogSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    first_.declare(params, "sigma", 's', "standard deviation of the first Gaussian");
    second_.declare(params, "sigma2", 0, "standard deviation of the one that is subtracted");
    truncate_.declare(params);
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType> dtype) const override {
    const double truncate = truncate_.checked();
    const std::vector<FirTerm> terms{gaussian_term(first_.voxels(input, false), truncate),
                                     weighted_gaussian(second_.voxels(input, false), truncate, -1)};
    return chain_of<FirDifference>(terms, FirMerge::sum, dtype.value_or(DType::float32));
  }

 private:
  SigmaOption first_;
  SigmaOption second_;
  TruncateOption truncate_;
};

class UnsharpSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    sigma_.declare(params, "sigma", 's', "standard deviation of the Gaussian");
    params.value("amount", 0, "A", "how strongly to sharpen", amount_);
    truncate_.declare(params);
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType> dtype) const override {
    if (!amount_) fail_usage("--amount is missing; give a number, such as 1");
    if (!std::isfinite(*amount_)) fail_usage("--amount: give a finite number, such as 1");
    FirTerm itself;
    itself.taps[2] = {{1 + *amount_}, false};
    const std::vector<FirTerm> terms{
        itself, weighted_gaussian(sigma_.voxels(input, false), truncate_.checked(), -*amount_)};
    return chain_of<Fir>(terms, FirMerge::sum, dtype.value_or(input.dtype));
  }

 private:
  SigmaOption sigma_;
  std::optional<double> amount_;
  TruncateOption truncate_;
};

}  // namespace

extern constinit const KernelEntry kDogKernel = {
    "dog",
    "filter",
    "Difference of two Gaussians",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<DogSpec>(); },
    "G(S1) - G(S2) with scipy.ndimage's weights; float32. In double precision, rounded once. NaN in the "
    "neighbourhood gives NaN.",
    "-s 1 --sigma2 2"};
extern constinit const KernelEntry kUnsharpKernel = {
    "unsharp",
    "filter",
    "Sharpen: add what a Gaussian takes away",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<UnsharpSpec>(); },
    "v + A (v - G(v)) in double precision; rounded once, half to even, where the output has an integer type, "
    "and saturating. NaN in the neighbourhood gives NaN, in integers 0.",
    "-s 2 --amount 1"};

}  // namespace vox
