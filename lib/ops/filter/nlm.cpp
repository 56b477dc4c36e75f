#include "ops/filter/nlm.h"

#include <optional>

#include "core/error.h"
#include "ops/filter/filtered_meta.h"
#include "ops/filter/neighbourhood.h"
#include "ops/filter/nlm_rows.h"
#include "ops/kernel_table.h"
#include "ops/scratch.h"

namespace vox {

Nlm::Nlm(const Extent3& patch, const Extent3& search, double strength, DType dtype)
    : patch_(patch), search_(search), strength_(strength), dtype_(dtype) {}

VolumeMeta Nlm::output_meta(const VolumeMeta& input) const { return meta_of_means(input, dtype_); }

Extent3 Nlm::halo() const { return {patch_.z + search_.z, patch_.y + search_.y, patch_.x + search_.x}; }

std::int64_t Nlm::scratch_bytes(const Extent3& block) const { return nlm_scratch(block, patch_, search_); }

void Nlm::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  nlm_rows(in, out, {patch_, search_, strength_}, thread_scratch(scratch_bytes(out.shape())), tally);
}

namespace {

class NlmSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    params
        .value("radius", 'r', "PATCH",
               "how far a patch reaches: Z,Y,X or one for all, in voxels (2) or a unit (5um)", patch_)
        .default_is("1");
    params
        .value("search", 0, "D",
               "how far like patches are looked for: Z,Y,X or one for all, in voxels (2) or a unit (5um)",
               search_)
        .default_is("3");
    params.value(
        "strength", 0, "H",
        "how far patches may differ and still count: about the standard deviation of the noise, or less",
        strength_);
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType> dtype) const override {
    if (!strength_) fail_usage("--strength is missing; give about the standard deviation of the noise");
    if (!(*strength_ >= 1e-30 && *strength_ <= 1e30))
      fail_usage("--strength: give a number above 0, from 1e-30 to 1e30");
    return chain_of<Nlm>(reach_in_voxels(patch_, input, "--radius"),
                         reach_in_voxels(search_, input, "--search"), *strength_,
                         dtype.value_or(input.dtype));
  }

 private:
  std::array<Length, 3> patch_{{{1, {}}, {1, {}}, {1, {}}}};
  std::array<Length, 3> search_{{{3, {}}, {3, {}}, {3, {}}}};
  std::optional<double> strength_;
};

}  // namespace

extern constinit const KernelEntry kNlmKernel = {
    "nlm",
    "filter",
    "Smooth by non-local means: a mean weighted by how alike the patches around voxels are",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<NlmSpec>(); },
    "scikit-image's denoise_nl_means with fast_mode, patch_size 2 PATCH + 1, patch_distance D, h H, sigma 0, "
    "with its approximate exponential; equal to it with --boundary mirror, except that PATCH 0 compares "
    "single voxels. In single precision up to 16 bits and for float32, else in double; rounded once, half to "
    "even, where the output has an integer type. NaN and infinities stay (NaN is 0 in integers) and do not "
    "count in the means of others.",
    "-r 1 --search 2 --strength 1000"};

}  // namespace vox
