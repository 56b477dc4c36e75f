// Kernel: contrast-limited adaptive histogram equalisation in three dimensions.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ops/intensity/clahe_grid.h"
#include "ops/intensity/clahe_levels.h"
#include "ops/kernel.h"
#include "ops/reducer.h"

namespace vox {

/// Each voxel's bin goes through the maps of the eight tiles around it, which are weighted by the distances
/// to their centres along each axis; beyond the outermost centres the outermost maps hold. So there are no
/// seams. In single precision, in one fixed order. NaN gives NaN.
class ClaheRows {
 public:
  /// `maps`: of all tiles in scan order, a value for each bin.
  ClaheRows(const TileGrid& grid, const ClaheLevels& levels, std::vector<std::uint16_t> maps)
      : grid_(grid), levels_(levels), maps_(std::move(maps)) {}

  /// What one thread needs while it maps rows.
  struct Scratch {
    std::vector<std::uint16_t> bins;
    std::vector<float> tables;
  };
  std::int64_t scratch_bytes(std::int64_t width) const;

  /// The row (z, y) of `width` voxels, 0 to 16383.
  void map(const std::byte* row, std::int64_t z, std::int64_t y, std::int64_t width, Scratch& scratch,
           float* out) const;

 private:
  const TileGrid& grid_;
  const ClaheLevels& levels_;
  std::vector<std::uint16_t> maps_;
};

/// The smallest and the largest result: a pass before the last.
class ClaheExtremes final : public Reducer {
 public:
  explicit ClaheExtremes(const ClaheRows& rows, std::int64_t width) : rows_(rows), width_(width) {}

  std::unique_ptr<Reducer> empty() const override { return std::make_unique<ClaheExtremes>(rows_, width_); }
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override { return rows_.scratch_bytes(width_); }

  /// {0, 0} when there was none.
  Range range() const { return low_ <= high_ ? Range{low_, high_} : Range{}; }

 private:
  const ClaheRows& rows_;
  std::int64_t width_;
  float low_ = 1e9F;
  float high_ = -1e9F;
};

/// Results stretched from `from` to `to` of type `dtype`; integers round half to even, NaN becomes 0 there
/// and is counted. No value map is left.
class Clahe : public Kernel {
 public:
  Clahe(const ClaheRows& rows, const Range& from, const Range& to, DType dtype)
      : rows_(rows), from_(from), to_(to), dtype_(dtype) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  std::int64_t scratch_bytes(const Extent3& block) const override { return rows_.scratch_bytes(block.x); }
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  const ClaheRows& rows_;
  Range from_;
  Range to_;
  DType dtype_;
};

}  // namespace vox
