// The spline's prefilter along z, of planes that come one after the other.
#pragma once

#include <cstdint>

#include "core/dtype.h"
#include "engine/plane_ring.h"

namespace vox {

/// Planes go through the recursion forth as they come, and back in blocks at fixed places that begin so many
/// planes further on that what is not known yet lies below single precision: the same values however many
/// planes come at once.
class SplinePlanes {
 public:
  /// `at_once`: planes that come together, at most; `longest`: that are looked at together.
  SplinePlanes(DType dtype, std::int64_t planes, std::int64_t plane_values, std::int64_t at_once,
               std::int64_t longest);
  static std::int64_t bytes(DType dtype, std::int64_t plane_values, std::int64_t at_once,
                            std::int64_t longest);
  /// So many of `planes` must come before those below `end` are filtered.
  static std::int64_t needed(std::int64_t end, std::int64_t planes);

  /// Where plane `z` of work values is to be put.
  std::byte* coming(std::int64_t z) const { return forth_.plane(z); }
  /// Planes below `end` have come.
  void take(std::int64_t end);
  /// Filters one more block of planes, if enough have come.
  bool advance();

  /// Filtered planes, complete below `end()`.
  std::int64_t end() const { return back_end_; }
  const std::byte* plane(std::int64_t z) const { return back_.plane(z); }

 private:
  void go_forth(std::int64_t begin, std::int64_t end);
  void go_back(std::int64_t begin, std::int64_t end, std::int64_t top);

  DType dtype_;
  std::int64_t planes_;
  std::int64_t plane_values_;
  PlaneRing forth_;
  PlaneRing back_;
  std::int64_t come_ = 0;
  std::int64_t forth_end_ = 0;
  std::int64_t back_end_ = 0;
};

}  // namespace vox
