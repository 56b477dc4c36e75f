#include "ops/intensity/convert.h"

#include "ops/intensity/convert_rows.h"
#include "ops/intensity/known_range.h"
#include "ops/kernel_table.h"

namespace vox {
namespace {

/// A value as it looks after the conversion.
double converted(double value, DType from, DType to) {
  Tally ignored;
  std::byte stored[8] = {};
  std::byte result[8] = {};
  convert_voxels(DType::float64, reinterpret_cast<const std::byte*>(&value), from, stored, 1, ignored);
  convert_voxels(from, stored, to, result, 1, ignored);
  double back = 0;
  convert_voxels(to, result, DType::float64, reinterpret_cast<std::byte*>(&back), 1, ignored);
  return back;
}

}  // namespace

VolumeMeta Convert::output_meta(const VolumeMeta& input) const {
  VolumeMeta meta = input;
  meta.dtype = to_;
  meta.range = range_behind(input, to_, [&](double value) { return converted(value, input.dtype, to_); });
  return meta;
}

void Convert::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  for_each_run(in, out, [&](const std::byte* source, std::byte* target, std::int64_t count) {
    convert_voxels(in.dtype, source, out.dtype, target, count, tally);
  });
}

namespace {

class ConvertSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    params.value("dtype", 't', "T", "voxel type of the output", dtype_).default_is("float32");
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    static_cast<void>(input);
    return chain_of<Convert>(dtype_);
  }

 private:
  DType dtype_ = DType::float32;
};

}  // namespace

extern constinit const KernelEntry kConvertKernel = {
    "convert", "intensity", "Change the voxel type",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<ConvertSpec>(); }};

}  // namespace vox
