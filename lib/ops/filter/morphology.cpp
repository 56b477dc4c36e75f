// Erosion, dilation and what is made of them, as chains of kernels: the boundary rule holds again for every
// step.
#include "ops/filter/difference.h"
#include "ops/filter/extreme.h"
#include "ops/filter/neighbourhood.h"
#include "ops/kernel_table.h"

namespace vox {
namespace {

enum class Morphology { erode, dilate, open, close, tophat, bottomhat };

class MorphologySpec : public KernelSpec {
 public:
  explicit MorphologySpec(Morphology what) : what_(what) {}
  void declare(Params& params) override { neighbourhood_.declare(params, {"box", "ball", "cross"}); }

  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    const Footprint footprint = neighbourhood_.footprint(input);
    const bool erodes_first =
        what_ == Morphology::erode || what_ == Morphology::open || what_ == Morphology::tophat;
    const Extremum first = erodes_first ? Extremum::min : Extremum::max;
    KernelChain chain = chain_of<Extreme>(first, footprint, input.dtype);
    if (what_ == Morphology::erode || what_ == Morphology::dilate) return chain;
    const Extremum second = erodes_first ? Extremum::max : Extremum::min;
    chain.push_back(std::make_unique<Extreme>(second, footprint, input.dtype));
    if (what_ == Morphology::tophat)
      chain.push_back(std::make_unique<Difference>(2, Difference::Order::earlier_minus_this));
    if (what_ == Morphology::bottomhat)
      chain.push_back(std::make_unique<Difference>(2, Difference::Order::this_minus_earlier));
    return chain;
  }

 private:
  Morphology what_;
  Neighbourhood neighbourhood_;
};

template <Morphology what>
std::unique_ptr<KernelSpec> make() {
  return std::make_unique<MorphologySpec>(what);
}

}  // namespace

extern constinit const KernelEntry kErodeKernel = {
    "erode",
    "filter",
    "Erode bright regions: the smallest voxel under a flat element",
    make<Morphology::erode>,
    "Grey volumes and masks alike, as scipy.ndimage's grey_erosion. The type stays. NaN under the element "
    "gives NaN.",
    "-r 1 --footprint ball"};
extern constinit const KernelEntry kDilateKernel = {
    "dilate",
    "filter",
    "Dilate bright regions: the largest voxel under a flat element",
    make<Morphology::dilate>,
    "Grey volumes and masks alike, as scipy.ndimage's grey_dilation. The type stays. NaN under the element "
    "gives NaN.",
    "-r 2 --footprint cross"};
extern constinit const KernelEntry kOpenKernel = {
    "open",
    "filter",
    "Remove bright details: erosion, then dilation",
    make<Morphology::open>,
    "In one pass over the volume; as scipy.ndimage's grey_opening. The type stays. NaN spreads by twice the "
    "radius.",
    "-r 2 --footprint ball"};
extern constinit const KernelEntry kCloseKernel = {
    "close",
    "filter",
    "Remove dark details: dilation, then erosion",
    make<Morphology::close>,
    "In one pass over the volume; as scipy.ndimage's grey_closing. The type stays. NaN spreads by twice the "
    "radius.",
    "-r 1"};
extern constinit const KernelEntry kTophatKernel = {
    "tophat",
    "filter",
    "Bright details alone: the volume minus its opening",
    make<Morphology::tophat>,
    "In one pass over the volume; as scipy.ndimage's white_tophat. The type stays; signed integers saturate. "
    "NaN spreads by twice the radius.",
    "-r 2"};
extern constinit const KernelEntry kBottomhatKernel = {
    "bottomhat",
    "filter",
    "Dark details alone: the closing minus the volume",
    make<Morphology::bottomhat>,
    "In one pass over the volume; as scipy.ndimage's black_tophat. The type stays; signed integers saturate. "
    "NaN spreads by twice the radius.",
    "-r 2"};

}  // namespace vox
