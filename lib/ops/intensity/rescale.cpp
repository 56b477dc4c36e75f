#include "ops/intensity/rescale.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/numbers.h"
#include "core/value_map.h"
#include "ops/intensity/known_range.h"
#include "ops/intensity/rescale_rows.h"
#include "ops/intensity/value_table.h"
#include "ops/kernel_table.h"

namespace vox {
Range full_range(DType dtype) {
  return is_float(dtype) ? Range{0, 1} : Range{lowest_of(dtype), highest_of(dtype)};
}

Rescale::Rescale(DType from_dtype, DType to_dtype, const Range& from, const Range& to)
    : to_dtype_(to_dtype), from_(from), to_(to) {
  const double limit = max_finite_of(to_dtype);
  const double least = is_float(to_dtype) ? -limit : lowest_of(to_dtype);
  if (!(to.low <= to.high) || to.low < least || to.high > limit)
    fail_usage("--to " + format_number(to.low) + "," + format_number(to.high) + " is no range of " +
               std::string(dtype_name(to_dtype)));
  if (is_float(from_dtype)) return;
  table_ =
      make_value_table(from_dtype, to_dtype, [&](const std::byte* in, std::byte* out, std::int64_t count) {
        Tally ignored;
        rescale_voxels(from_dtype, in, to_dtype, out, count, from, to, ignored);
      });
}

VolumeMeta Rescale::output_meta(const VolumeMeta& input) const {
  VolumeMeta meta = input;
  meta.dtype = to_dtype_;
  meta.range.reset();
  const double width = from_.high - from_.low;
  if (width > 0 && to_.high > to_.low) {
    const double scale = (to_.high - to_.low) / width;
    carry_value_map(input, scale, to_.low - from_.low * scale, meta);
  } else if (!value_map_is_lost(input)) {
    const ValueMap before = input.value_map.value_or(ValueMap{});
    meta.value_map = ValueMap{0, before.slope * from_.low + before.intercept};
  }
  const auto moved = [&](double value) {
    Tally ignored;
    double result = 0;
    rescale_voxels(DType::float64, reinterpret_cast<const std::byte*>(&value), DType::float64,
                   reinterpret_cast<std::byte*>(&result), 1, from_, to_, ignored);
    if (to_dtype_ == DType::float32) return static_cast<double>(static_cast<float>(result));
    return is_float(to_dtype_) ? result : std::nearbyint(result);
  };
  if (to_dtype_ != DType::float16) meta.range = range_behind(input, to_dtype_, moved);
  return meta;
}

void Rescale::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  for_each_run(in, out, [&](const std::byte* source, std::byte* target, std::int64_t count) {
    if (table_.empty())
      rescale_voxels(in.dtype, source, out.dtype, target, count, from_, to_, tally);
    else
      rescale_by_table(in.dtype, source, out.dtype, target, count, table_.data(), from_, tally);
  });
}

namespace {

class RescaleSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    params.value("dtype", 't', "T", "voxel type of the output", dtype_).default_is("uint8");
    params.value("from", 0, "LO,HI", "the range to stretch", from_).default_is("0,100");
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    return chain_of<Rescale>(input.dtype, dtype_, Range{from_[0], from_[1]}, full_range(dtype_));
  }

 private:
  DType dtype_ = DType::uint8;
  std::array<double, 2> from_ = {0, 100};
};

}  // namespace

extern constinit const KernelEntry kRescaleKernel = {
    "rescale", "intensity", "Stretch one range of intensities onto another",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<RescaleSpec>(); }};

}  // namespace vox
