#include "ops/intensity/clamp.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/numbers.h"
#include "ops/intensity/clamp_rows.h"
#include "ops/intensity/convert_rows.h"
#include "ops/intensity/known_range.h"
#include "ops/kernel_table.h"

namespace vox {
namespace {

/// The limit as a value of the type.
double limit_in(DType dtype, double limit) {
  if (!is_float(dtype)) return std::clamp(std::nearbyint(limit), lowest_of(dtype), highest_of(dtype));
  Tally ignored;
  std::byte stored[8] = {};
  double back = 0;
  convert_voxels(DType::float64, reinterpret_cast<const std::byte*>(&limit), dtype, stored, 1, ignored);
  convert_voxels(dtype, stored, DType::float64, reinterpret_cast<std::byte*>(&back), 1, ignored);
  return back;
}

}  // namespace

Clamp::Clamp(DType dtype, double low, double high)
    : low_(limit_in(dtype, low)), high_(limit_in(dtype, high)) {
  const std::string range = format_number(low) + "," + format_number(high);
  if (!(low <= high))
    fail_usage("the range " + range + " is empty: the lower limit must not exceed the upper one");
  if (std::nearbyint(low) > highest_of(dtype) || std::nearbyint(high) < lowest_of(dtype))
    fail_usage("the range " + range + " lies outside of " + std::string(dtype_name(dtype)));
}

VolumeMeta Clamp::output_meta(const VolumeMeta& input) const {
  VolumeMeta meta = input;
  meta.range = range_behind(input, input.dtype, [&](double value) { return std::clamp(value, low_, high_); });
  return meta;
}

void Clamp::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  for_each_run(in, out, [&](const std::byte* source, std::byte* target, std::int64_t count) {
    clamp_voxels(in.dtype, source, target, count, low_, high_, tally);
  });
}

namespace {

class ClampSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    params.value("range", 'r', "LO,HI", "the limits", range_).default_is("0,100");
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    return chain_of<Clamp>(input.dtype, range_[0], range_[1]);
  }

 private:
  std::array<double, 2> range_ = {0, 100};
};

}  // namespace

extern constinit const KernelEntry kClampKernel = {
    "clamp", "intensity", "Clip intensities to a range",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<ClampSpec>(); }};

}  // namespace vox
