#include "ops/intensity/clamp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "core/error.h"
#include "core/exact_number.h"
#include "ops/intensity/clamp_rows.h"
#include "ops/intensity/convert_rows.h"
#include "ops/intensity/known_range.h"
#include "ops/kernel_table.h"

namespace vox {
namespace {

/// The smallest and the largest value of an integer type, exactly.
std::array<long double, 2> whole_range(DType dtype) {
  return visit_dtype(dtype, [](auto type) -> std::array<long double, 2> {
    using T = typename decltype(type)::type;
    if constexpr (std::is_integral_v<T>)
      return {std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max()};
    else
      throw std::logic_error("whole_range is of integer types");
  });
}

/// The limit as a value of the type.
long double limit_in(DType dtype, long double limit) {
  if (!is_float(dtype)) {
    const auto [lowest, highest] = whole_range(dtype);
    return std::clamp(std::nearbyint(limit), lowest, highest);
  }
  Tally ignored;
  std::byte stored[8] = {};
  auto value = static_cast<double>(limit);
  convert_voxels(DType::float64, reinterpret_cast<const std::byte*>(&value), dtype, stored, 1, ignored);
  convert_voxels(dtype, stored, DType::float64, reinterpret_cast<std::byte*>(&value), 1, ignored);
  return value;
}

}  // namespace

Clamp::Clamp(DType dtype, long double low, long double high)
    : low_(limit_in(dtype, low)), high_(limit_in(dtype, high)) {
  const std::string range = format_exact(low) + "," + format_exact(high);
  if (!(low <= high))
    fail_usage("the range " + range + " is empty: the lower limit must not exceed the upper one");
  if (std::nearbyint(low) > highest_of(dtype) || std::nearbyint(high) < lowest_of(dtype))
    fail_usage("the range " + range + " lies outside of " + std::string(dtype_name(dtype)));
}

VolumeMeta Clamp::output_meta(const VolumeMeta& input) const {
  VolumeMeta meta = input;
  meta.range = range_behind(input, input.dtype, [&](double value) {
    return static_cast<double>(std::clamp<long double>(value, low_, high_));
  });
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
    params
        .option("range", 'r', "LO,HI", "the limits",
                [this](std::string_view text) { range_ = parse_exact_pair(text); })
        .default_is("0,100");
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    return chain_of<Clamp>(input.dtype, range_[0], range_[1]);
  }

 private:
  std::array<long double, 2> range_ = {0, 100};
};

}  // namespace

extern constinit const KernelEntry kClampKernel = {
    "clamp", "intensity", "Clip intensities to a range",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<ClampSpec>(); }};

}  // namespace vox
