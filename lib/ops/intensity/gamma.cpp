#include "ops/intensity/gamma.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/value_map.h"
#include "ops/intensity/convert_rows.h"
#include "ops/intensity/value_table.h"
#include "ops/kernel_table.h"
#include "ops/stats/segment_sums.h"

namespace vox {
namespace {

constexpr std::int64_t kPiece = 1024;  // doubles that stay in the first-level cache
constexpr std::uint8_t kClipped = 1;
constexpr std::uint8_t kSaturated = 2;

}  // namespace

Gamma::Gamma(DType dtype, const Range& range, double exponent, double gain)
    : dtype_(dtype), range_(range), exponent_(exponent), gain_(gain) {
  if (is_float(dtype)) return;
  const auto loss_of_one = [&](const std::byte* in, std::byte* out) {
    Tally tally;
    correct(dtype, in, out, 1, tally);
    return static_cast<std::uint8_t>((tally.clipped_low > 0 ? kClipped : 0) |
                                     (tally.saturated > 0 ? kSaturated : 0));
  };
  const std::int64_t size = size_of(dtype);
  table_ = make_value_table(dtype, dtype, [&](const std::byte* in, std::byte* out, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) losses_.push_back(loss_of_one(in + i * size, out + i * size));
  });
  if (std::all_of(losses_.begin(), losses_.end(), [](std::uint8_t loss) { return loss == 0; }))
    losses_.clear();
}

Range Gamma::type_range(DType dtype) { return {0, highest_of(dtype)}; }

VolumeMeta Gamma::output_meta(const VolumeMeta& input) const {
  VolumeMeta meta = with_new_values(input, input.dtype, Kind::intensity);
  if (exponent_ == 1) carry_value_map(input, gain_, range_.low - gain_ * range_.low, meta);
  return meta;
}

void Gamma::correct(DType dtype, const std::byte* in, std::byte* out, std::int64_t count,
                    Tally& tally) const {
  double values[kPiece];
  const double width = range_.high - range_.low;
  const std::int64_t size = size_of(dtype);
  Tally conversion;
  for (std::int64_t done = 0; done < count; done += kPiece) {
    const std::int64_t piece = std::min(kPiece, count - done);
    to_doubles(in + done * size, dtype, piece, values);
    for (std::int64_t i = 0; i < piece; ++i) {
      tally.clipped_low += values[i] < range_.low ? 1 : 0;
      const double above = values[i] < range_.low ? 0 : values[i] - range_.low;
      if (std::isnan(above)) continue;
      values[i] = width > 0 ? gain_ * std::pow(above / width, exponent_) * width + range_.low
                            : above + range_.low;  // of one finite value, and infinities
    }
    convert_voxels(DType::float64, reinterpret_cast<const std::byte*>(values), dtype, out + done * size,
                   piece, conversion);
  }
  // Rounding is what a gamma does.
  tally.saturated += conversion.saturated;
}

void Gamma::count_losses(const std::byte* in, std::int64_t count, Tally& tally) const {
  const auto count_by = [&](const auto* voxels) {
    for (std::int64_t i = 0; i < count; ++i) {
      tally.clipped_low += losses_[voxels[i]] & kClipped;
      tally.saturated += losses_[voxels[i]] / kSaturated;
    }
  };
  if (size_of(dtype_) == 1)
    count_by(reinterpret_cast<const std::uint8_t*>(in));
  else
    count_by(reinterpret_cast<const std::uint16_t*>(in));
}

void Gamma::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  for_each_run(in, out, [&](const std::byte* source, std::byte* target, std::int64_t count) {
    if (table_.empty()) return correct(in.dtype, source, target, count, tally);
    look_up_voxels(in.dtype, source, out.dtype, target, count, table_.data());
    if (!losses_.empty()) count_losses(source, count, tally);
  });
}

namespace {

class GammaSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    params.value("gamma", 0, "G", "the exponent", exponent_).default_is("0.5");
    params.value("gain", 0, "A", "a factor behind the power", gain_).default_is("1");
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    const Range range = is_float(input.dtype) ? Range{0, 100} : Gamma::type_range(input.dtype);
    return chain_of<Gamma>(input.dtype, range, exponent_, gain_);
  }

 private:
  double exponent_ = 0.5;
  double gain_ = 1;
};

}  // namespace

extern constinit const KernelEntry kGammaKernel = {
    "gamma", "intensity", "Raise intensities to a power",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<GammaSpec>(); }};

}  // namespace vox
