// The range of a volume, and its smallest value above a threshold.
#pragma once

#include <limits>
#include <memory>

#include "core/dtype.h"
#include "ops/reducer.h"

namespace vox {

/// One pass; over finite voxels. Without any, `low` is infinity and `high` -infinity.
class RangeAbove final : public Reducer {
 public:
  RangeAbove(DType dtype, double threshold) : dtype_(dtype), threshold_(threshold) {}

  std::unique_ptr<Reducer> empty() const override { return std::make_unique<RangeAbove>(dtype_, threshold_); }
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override { return 16 << 10; }

  double low() const { return ends_.low; }
  double high() const { return ends_.high; }
  /// The smallest value above the threshold; infinity when there is none.
  double low_above() const { return ends_.above; }

  struct Ends {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    double above = std::numeric_limits<double>::infinity();
  };

 private:
  DType dtype_;
  double threshold_;
  Ends ends_;
};

}  // namespace vox
