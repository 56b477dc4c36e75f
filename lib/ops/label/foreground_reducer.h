// The foreground of a volume as bits: what the tools for labels keep of a volume that they must see again.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/extent.h"
#include "ops/label/row_bits.h"
#include "ops/reducer.h"

namespace vox {

/// One pass that hands the bits of every row to `store`, as of `row_bits.h`: 1 where a voxel is not zero (NaN
/// is foreground, -0 is not).
class ForegroundReducer final : public Reducer {
 public:
  /// `first_row`: z * shape.y + y of the first row; the rows that follow it in the volume, bit_words each.
  /// Called by several threads at once, for rows in any order.
  using Store = std::function<void(std::int64_t first_row, std::span<const std::uint64_t> words)>;

  ForegroundReducer(const Extent3& shape, Store store) : shape_(shape), store_(std::move(store)) {}

  std::unique_ptr<Reducer> empty() const override {
    return std::make_unique<ForegroundReducer>(shape_, store_);
  }
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  std::int64_t memory_bytes() const override;

  /// Voxels of the foreground.
  std::int64_t foreground() const { return foreground_; }

 private:
  std::int64_t rows_at_once() const;

  Extent3 shape_;
  Store store_;
  std::int64_t foreground_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace vox
