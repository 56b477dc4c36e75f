#include "ops/filter/threshold.h"

#include "core/error.h"
#include "core/exact_number.h"
#include "core/fill_voxels.h"
#include "ops/filter/filtered_meta.h"
#include "ops/filter/threshold_choice.h"
#include "ops/filter/threshold_rows.h"
#include "ops/intensity/fits_type.h"
#include "ops/kernel_table.h"

namespace vox {
Threshold::Threshold(DType dtype, const ValueInterval& interval, bool keep, double inside,
                     long double outside)
    : interval_(interval), keep_(keep), inside_(inside), outside_(outside) {
  check_fits("--outside", outside, keep ? dtype : DType::uint8);
  if (!keep) check_fits("--inside", inside, DType::uint8);
}

VolumeMeta Threshold::output_meta(const VolumeMeta& input) const {
  if (keep_) return meta_of_chosen_voxels(input);
  return with_new_values(input, DType::uint8, Kind::mask);
}

void Threshold::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  static_cast<void>(tally);
  std::byte outside[8] = {};
  fill_voxels(outside, out.dtype, 1, outside_);
  for_each_run(in, out, [&](const std::byte* source, std::byte* target, std::int64_t count) {
    if (keep_)
      threshold_keeping(in.dtype, source, target, count, interval_, outside);
    else
      threshold_to_mask(in.dtype, source, reinterpret_cast<std::uint8_t*>(target), count, interval_,
                        static_cast<std::uint8_t>(inside_), static_cast<std::uint8_t>(outside[0]));
  });
}

namespace {

class ThresholdSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    choice_.declare(params);
    params.flag("keep", 0, "voxels inside keep their values and the volume its type", keep_);
    params.value("inside", 0, "V", "value of voxels inside", inside_).default_is("1").not_with({"keep"});
    params
        .option("outside", 0, "V", "value of voxels outside",
                [this](std::string_view text) { outside_ = parse_exact(text); })
        .default_is("0");
  }

  bool must_look() const override { return choice_.must_look(); }
  void look(const VolumeMeta& input, const std::function<void(Reducer&)>& run_pass) override {
    choice_.look(input, run_pass);
  }

  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    const std::optional<ValueInterval> interval = choice_.interval();
    if (!interval) fail_usage("give one of --above, --below, --range and --otsu");
    return chain_of<Threshold>(input.dtype, *interval, keep_, inside_, outside_);
  }

 private:
  ThresholdChoice choice_;
  bool keep_ = false;
  double inside_ = 1;
  long double outside_ = 0;
};

}  // namespace

extern constinit const KernelEntry kThresholdKernel = {
    "threshold",
    "filter",
    "Tell inside from outside by a threshold",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<ThresholdSpec>(); },
    "A mask of type uint8, or with --keep the voxels inside alone. Otsu's threshold is scikit-image's "
    "threshold_otsu: one bin per value for integers up to 16 bits, 256 bins otherwise; it needs a pass of "
    "its own, and a pipe is spooled. NaN is outside.",
    "--above 20000"};

}  // namespace vox
