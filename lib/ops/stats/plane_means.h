// The mean of every plane in one pass, whatever the type and the range.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "ops/reducer.h"
#include "ops/stats/order_free_sum.h"

namespace vox {

struct PlaneMean {
  std::int64_t count = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();  ///< NaN when count is 0
};

/// Over finite voxels inside the mask blocks[1] if there is one. Voxels are summed in double precision in a
/// fixed order within segments of rows, and those sums without regard to order. Memory grows with the planes.
class PlaneMeans final : public Reducer {
 public:
  explicit PlaneMeans(std::int64_t planes) : sums_(static_cast<std::size_t>(planes)) {}

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override;

  std::vector<PlaneMean> means() const;

 private:
  struct Sum {
    std::int64_t count = 0;
    OrderFreeSum sum;
  };
  std::vector<Sum> sums_;
};

}  // namespace vox
