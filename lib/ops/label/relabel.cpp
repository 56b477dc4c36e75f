#include "ops/label/relabel.h"

#include <cstring>

#include "ops/label/label_type.h"
#include "ops/label/paint_runs.h"
#include "ops/label/runs.h"

namespace vox {

Relabel::Relabel(DType dtype, LabelIndex index, const std::vector<std::uint64_t>& values)
    : dtype_(dtype), index_(std::move(index)) {
  const auto size = static_cast<std::size_t>(size_of(dtype));
  values_.resize((values.size() + 1) * size);
  for (std::size_t i = 0; i < values.size(); ++i)
    std::memcpy(values_.data() + (i + 1) * size, &values[i], size);
}

VolumeMeta Relabel::output_meta(const VolumeMeta& input) const { return meta_of_labels(input, dtype_); }

std::int64_t Relabel::scratch_bytes(const Extent3& block) const {
  constexpr std::int64_t kRun =
      2 * sizeof(WideRuns::Column) + sizeof(WideRuns::Count) + sizeof(std::uint64_t);
  return 2 * block.x * kRun;
}

void Relabel::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  static_cast<void>(tally);
  const Extent3 size = in.shape();
  RunFinder<WideRuns> finder(dtype_, size.x, {}, true);
  WideRuns runs;
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      runs.clear();
      finder.append(in.row(z, y), runs);
      for (const std::uint64_t label : runs.values)
        runs.objects.push_back(static_cast<WideRuns::Count>(index_.find(label) + 1));
      const RunView<WideRuns::Column> view{runs.row_begin.data(), runs.ends.data(), runs.objects.data()};
      paint_rows(view, 1, size.x, size_of(dtype_), values_.data(), out.row(z, y));
    }
}

}  // namespace vox
