#include "ops/filter/bilateral.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "core/error.h"
#include "ops/filter/bilateral_rows.h"
#include "ops/filter/filtered_meta.h"
#include "ops/filter/neighbourhood.h"
#include "ops/kernel_table.h"
#include "ops/scratch.h"

namespace vox {
namespace {

/// log2 of exp(-d^2 / 2 sigma^2).
double exponent_at(std::int64_t distance, double sigma) {
  if (distance == 0) return 0;
  if (sigma == 0) return -std::numeric_limits<double>::infinity();
  const double share = static_cast<double>(distance) / sigma;
  return -0.5 * std::numbers::log2e * share * share;
}

std::vector<double> exponents_along(std::int64_t reach, double sigma) {
  std::vector<double> exponents;
  for (std::int64_t d = -reach; d <= reach; ++d) exponents.push_back(exponent_at(d, sigma));
  return exponents;
}

}  // namespace

Bilateral::Bilateral(const Widths& widths, DType dtype, DType input)
    : reach_(widths.reach),
      exponents_{exponents_along(reach_.z, widths.sigma[0]), exponents_along(reach_.y, widths.sigma[1]),
                 exponents_along(reach_.x, widths.sigma[2])},
      scale_(std::sqrt(0.5 * std::numbers::log2e) / widths.range_sigma),
      dtype_(dtype),
      work_bytes_(size_of(input) <= 2 || input == DType::float32 ? sizeof(float) : sizeof(double)) {}

VolumeMeta Bilateral::output_meta(const VolumeMeta& input) const { return meta_of_means(input, dtype_); }

std::int64_t Bilateral::scratch_bytes(const Extent3& block) const {
  return bilateral_scratch(block, reach_, work_bytes_);
}

void Bilateral::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  apply_on(in, out, tally, nullptr, true);
}

std::int64_t Bilateral::carried_bytes(std::int64_t rows, std::int64_t columns) const {
  return bilateral_carried({1, rows, columns}, reach_, work_bytes_);
}

void Bilateral::apply_on(const ConstBlock& in, const Block& out, Tally& tally, std::byte* carried,
                         bool begins) const {
  std::byte* scratch = thread_scratch(scratch_bytes(out.shape()));
  bilateral_rows(in, out, {reach_, exponents_, scale_}, {scratch, carried, begins}, tally);
}

namespace {

class BilateralSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    params
        .value("sigma", 's', "S",
               "standard deviation in space: Z,Y,X or one for all, in voxels (2) or a unit (5um)", sigma_)
        .default_is("4");
    params.value("range-sigma", 0, "V", "standard deviation of the differences in value", range_sigma_)
        .default_is("50");
    params
        .value("radius", 'r', "R",
               "how far the box reaches: Z,Y,X or one for all, in voxels (2) or a unit (5um)", radius_)
        .default_is("2.5 sigma, rounded up");
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType> dtype) const override {
    if (!(range_sigma_ >= 1e-30 && range_sigma_ <= 1e30))
      fail_usage("--range-sigma: give a number above 0, from 1e-30 to 1e30");
    const Vector3 sigma = lengths_in_voxels(sigma_, input, "--sigma");
    return chain_of<Bilateral>(Bilateral::Widths{sigma, range_sigma_, reach(sigma, input)},
                               dtype.value_or(input.dtype), input.dtype);
  }

 private:
  Extent3 reach(const Vector3& sigma, const VolumeMeta& input) const {
    if (radius_) return reach_in_voxels(*radius_, input, "--radius");
    constexpr double kSlack = 1e-9;  // lengths divided by spacings miss whole numbers
    const auto whole = [&](double s) { return static_cast<std::int64_t>(std::ceil(2.5 * s - kSlack)); };
    return {whole(sigma[0]), whole(sigma[1]), whole(sigma[2])};
  }

  std::array<Length, 3> sigma_{{{4, {}}, {4, {}}, {4, {}}}};
  double range_sigma_ = 50;
  std::optional<std::array<Length, 3>> radius_;
};

}  // namespace

extern constinit const KernelEntry kBilateralKernel = {
    "bilateral",
    "filter",
    "Smooth, but not across edges: a mean weighted by distance and by difference in value",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<BilateralSpec>(); },
    "Weights exp(-d^2/2S^2 - dv^2/2V^2) over the whole box, d the distance in voxels, dv the difference in "
    "value to the centre. In single precision up to 16 bits and for float32, else in double; rounded once, "
    "half to even, where the output has an integer type. NaN and infinities stay (NaN is 0 in integers) and "
    "do not count in the means of others.",
    "-s 1 --range-sigma 100"};

}  // namespace vox
