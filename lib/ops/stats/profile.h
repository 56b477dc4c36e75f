// Moments of every plane along an axis.
#pragma once

#include <vector>

#include "ops/stats/moments.h"

namespace vox {

/// Throws a usage error that lists the axes.
void parse_value(std::string_view text, Axis& axis);

/// Takes moments plane by plane, over finite voxels inside the mask blocks[1] if there is one. Memory grows
/// with the length of the axis.
class ProfileReducer final : public Reducer {
 public:
  ProfileReducer(Axis axis, const Extent3& shape, const SegmentSource& source);

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t row_multiple() const override { return axis_ == Axis::x ? kRows : 1; }
  std::int64_t memory_bytes() const override;

  /// One entry for each plane, in order.
  std::vector<Moments> moments() const;

 private:
  /// Rows whose voxels are added column by column before the sum is made independent of order.
  static constexpr std::int64_t kRows = 16;
  /// Sums of one column over kRows rows.
  struct Column {
    SegmentSums sums;
    std::int64_t count = 0;
  };

  void observe_columns(std::span<const ConstBlock> blocks);
  void add_row(std::span<const ConstBlock> blocks, std::int64_t z, std::int64_t y);
  void flush_columns();

  Axis axis_;
  Extent3 shape_;
  SegmentSource source_;
  std::vector<MomentSums> planes_;
  std::vector<Column> columns_;  ///< axis x only
};

}  // namespace vox
