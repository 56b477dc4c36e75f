// The exact smallest and largest finite voxel.
#pragma once

#include <optional>

#include "core/dtype.h"
#include "core/meta.h"
#include "ops/reducer.h"

namespace vox {

/// One pass; NaN and infinities are left out. Holds nothing but the two ends.
class RangeReducer final : public Reducer {
 public:
  explicit RangeReducer(DType dtype) : dtype_(dtype) {}

  std::unique_ptr<Reducer> empty() const override { return std::make_unique<RangeReducer>(dtype_); }
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override { return sizeof *this; }

  /// None when no finite voxel was seen.
  std::optional<Range> range() const;

 private:
  DType dtype_;
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

}  // namespace vox
