// sobel: the magnitude of Sobel's differences.
#include "ops/filter/derivative_spec.h"
#include "ops/filter/fir.h"
#include "ops/kernel_table.h"

namespace vox {
namespace {

class SobelSpec : public DerivativeSpec {
 public:
  void declare(Params&) override {}
  KernelChain build(const VolumeMeta& input, std::optional<DType> dtype) const override {
    std::vector<FirTerm> terms;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      FirTerm term;
      term.taps.fill({{2, 1}, false});
      term.taps[axis] = {{0, 1}, true};
      term.order = {axis, axis == 0 ? 1U : 0U, axis == 2 ? 1U : 2U};
      terms.push_back(term);
    }
    return chain_of<FirDifference>(terms, FirMerge::magnitude, dtype.value_or(DType::float32),
                                   outside(input));
  }
};

}  // namespace

extern constinit const KernelEntry kSobelKernel = {
    "sobel",
    "filter",
    "Edges by Sobel's differences",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<SobelSpec>(); },
    "The square root of the sum of squares of scipy.ndimage's sobel along the three axes; float32, the "
    "spacing is not used. In double precision, rounded once. NaN in the neighbourhood gives NaN.",
    ""};

}  // namespace vox
