// Which intensities a picture tells apart.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "ops/render/plane_voxels.h"

namespace vox {

/// The intensities from black to white.
struct Window {
  double low = 0;
  double high = 1;
  double gamma = 1;

  /// The shade of a value that is not NaN, 0 to 255: ((value - low) / (high - low), clamped to [0, 1]) ^
  /// gamma * 255 in double precision, rounded half to even. Where high equals low, 255 above and 0 else.
  int shade(double value) const;
};

/// What a user asks of the window.
struct WindowWish {
  std::optional<std::array<double, 2>> range = {};
  std::array<double, 2> percentiles{0.5, 99.5};  ///< exact, NumPy's `linear`, of the finite voxels shown
  bool full = false;                             ///< from the smallest to the largest finite voxel shown
  double gamma = 1;
};

/// Throws usage errors for what cannot be.
void check_window(const WindowWish& wish);

/// The window of planes that are shown together; [0, 1] where they have no finite voxel.
Window choose_window(const WindowWish& wish, std::span<const PlaneVoxels> planes);

/// Finite voxels of a plane in `bins` parts of equal width, from its smallest to its largest one.
struct ShownCounts {
  double low = 0;
  double high = 0;
  std::vector<std::int64_t> counts;
};
ShownCounts count_shown(const PlaneVoxels& plane, std::int64_t bins);

/// As far below as above 0: the largest of the ends that `choose_window` finds.
Window choose_symmetric_window(const WindowWish& wish, std::span<const PlaneVoxels> planes);

}  // namespace vox
