// Fills the arrays of a flood in one pass over volume, mask and markers.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "core/meta.h"
#include "ops/label/watershed.h"
#include "ops/reducer.h"

namespace vox {

/// What comes behind the volume in a pass, in this order.
struct FloodInputs {
  bool mask = false;
  bool markers = false;
  /// The volume holds distances: the flood rises by their negatives, where they are positive.
  bool distances = false;
};

/// Volumes must have the grid's shape. Voxels outside of the mask (where it is 0; NaN is inside) are not free
/// and have no marker. A marker's label is its bits, which is not 0.
class FloodLoader final : public Reducer {
 public:
  /// `volume` and its arrays, which are zero, are there when blocks come.
  FloodLoader(const FloodVolume& volume, const FloodInputs& inputs) : volume_(volume), inputs_(inputs) {}

  std::unique_ptr<Reducer> empty() const override { return std::make_unique<FloodLoader>(volume_, inputs_); }
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  std::int64_t memory_bytes() const override { return volume_.grid->shape().x + 64; }

  /// Of the finite levels that may be flooded, as values; none when there are none.
  std::optional<Range> range() const;

 private:
  template <class T>
  void load_levels(const T* values, std::int64_t first);
  template <class T>
  void load_markers(const T* markers, std::int64_t first);
  void free_row(std::int64_t first);

  const FloodVolume& volume_;
  FloodInputs inputs_;
  std::vector<std::uint8_t> inside_;  ///< of the row at hand
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

}  // namespace vox
