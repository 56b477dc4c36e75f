// Reducer: size, place and intensity of every label of a volume, in one pass.
#pragma once

#include <memory>
#include <vector>

#include "ops/label/intensity_sums.h"
#include "ops/label/label_index.h"
#include "ops/label/object_measure.h"
#include "ops/label/runs.h"
#include "ops/reducer.h"

namespace vox {

/// Takes blocks of labels of an integer type and, behind them, of intensities when `intensity` names their
/// type. Label 0 is background. Memory grows with the labels; at most `memory` bytes, or an exit-3 error.
class LabelMeasures final : public Reducer {
 public:
  LabelMeasures(DType labels, std::optional<DType> intensity, std::int64_t width, std::int64_t memory);

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override;

  std::int64_t count() const { return index_.size(); }
  /// Places 0 ... count() - 1 by ascending label.
  std::vector<std::int64_t> by_label() const;
  std::uint64_t label(std::int64_t place) const { return index_.label(place); }
  const ObjectMeasure& measure(std::int64_t place) const {
    return measures_[static_cast<std::size_t>(place)];
  }
  /// REQUIRES: intensities were shown.
  ObjectIntensity intensity(std::int64_t place) const;
  /// Voxels of labels whose intensity is NaN or infinite; they count for size and place alone.
  std::int64_t not_finite() const;

 private:
  void observe_row(const ConstBlock& labels, std::span<const ConstBlock> beside, std::int64_t z,
                   std::int64_t y);
  void make_room();
  void check_memory() const;

  DType dtype_;
  std::optional<DType> intensity_;
  std::int64_t memory_;
  RunFinder<WideRuns> finder_;
  std::int64_t width_;
  WideRuns runs_;
  LabelIndex index_;
  std::vector<ObjectMeasure> measures_;
  std::vector<IntensitySums<WholeSum>> whole_;
  std::vector<IntensitySums<OrderFreeSum>> rounded_;
};

}  // namespace vox
