#include "ops/label/euclidean_distance.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "ops/label/parabolas.h"
#include "ops/scratch.h"
#include "ops/simd.h"

#ifndef VOX_DISTANCE_ONCE
#define VOX_DISTANCE_ONCE
namespace vox {
namespace {

/// Neighbours searched on either side before a row is left to its envelope.
constexpr std::int64_t kReach = 32;
/// Columns that go through their envelopes together: a cache line of each row.
constexpr std::int64_t kColumns = 16;

/// What lies where in the scratch memory of one plane.
template <class T>
struct PlaneScratch {
  /// Between rows of squares, which have margins of kReach values on both sides.
  std::int64_t pitch;
  T* squares;  ///< of the first row, behind its margin
  T* converted;
  T* columns;
  T* line;
  Parabola<T>* parabolas;
  std::uint8_t* far_columns;
  std::int64_t bytes;

  PlaneScratch(std::int64_t ny, std::int64_t nx, std::byte* memory) {
    const std::int64_t width = distance_width(nx);
    pitch = (width + 2 * kReach) | 16;
    bytes = 0;
    const auto take = [&](std::int64_t count, std::int64_t size) {
      std::byte* const place = memory == nullptr ? nullptr : memory + bytes;
      bytes += scratch_row_bytes(count, size);
      return place;
    };
    constexpr auto kSize = static_cast<std::int64_t>(sizeof(T));
    std::byte* const first = take(ny * pitch, kSize);
    squares = memory == nullptr ? nullptr : reinterpret_cast<T*>(first) + kReach;
    converted = reinterpret_cast<T*>(take(kSize == 4 ? 0 : ny * distance_pitch(nx), kSize));
    columns = reinterpret_cast<T*>(take(kColumns * ny, kSize));
    line = reinterpret_cast<T*>(take(width, kSize));
    parabolas = reinterpret_cast<Parabola<T>*>(take(std::max(ny, nx), sizeof(Parabola<T>)));
    far_columns = reinterpret_cast<std::uint8_t*>(take(width, 1));
  }
};

}  // namespace
}  // namespace vox
#endif  // VOX_DISTANCE_ONCE

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/label/euclidean_distance.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
std::int64_t lanes(D d) {
  return static_cast<std::int64_t>(hn::Lanes(d));
}

void advance(const std::uint64_t* bits, std::int64_t nx, std::uint32_t* steps) {
  const hn::ScalableTag<std::uint32_t> d;
  const auto one = hn::Set(d, 1);
  const auto none = hn::Set(d, kNoBackground);
  for (std::int64_t x = 0; x < distance_width(nx); x += lanes(d)) {
    const auto word = static_cast<std::uint32_t>(bits[x / 64] >> (x % 64));
    // The lowest bits, one to a lane.
    const auto bit_of_lane = hn::Shl(one, hn::Iota(d, 0));
    const auto foreground = hn::TestBit(hn::Set(d, word), bit_of_lane);
    const auto before = hn::Load(d, steps + x);
    const auto more = hn::IfThenElse(hn::Eq(before, none), none, hn::Add(before, one));
    hn::Store(hn::IfThenElseZero(foreground, more), d, steps + x);
  }
}

void nearest(const DistanceScale& scale, const std::uint32_t* other, std::int64_t nx, std::uint32_t* steps) {
  const hn::ScalableTag<std::uint32_t> d;
  const auto none = hn::Set(d, kNoBackground);
  const auto step = hn::Set(d, static_cast<std::uint32_t>(scale.steps[0]));
  const auto far = hn::Set(d, static_cast<std::uint32_t>(kFarSquare));
  for (std::int64_t x = 0; x < distance_width(nx); x += lanes(d)) {
    auto least = hn::Min(hn::Load(d, steps + x), hn::Load(d, other + x));
    if (scale.whole) {
      const auto length = hn::Mul(least, step);
      least = hn::IfThenElse(hn::Eq(least, none), far, hn::Mul(length, length));
    }
    hn::Store(least, d, steps + x);
  }
}

/// The squares of 0, 1, ... steps.
template <class T>
struct Weights {
  T of[kReach + 2];

  template <class Step>
  explicit Weights(Step step) {
    for (std::int64_t r = 0; r < kReach + 2; ++r) {
      const Step square = static_cast<Step>(r) * step * (static_cast<Step>(r) * step);
      // Only short rows have squares that do not fit, and they ask for none of them.
      if constexpr (std::is_same_v<T, std::int32_t>)
        of[r] = static_cast<T>(std::min<Step>(square, kFarSquare - 1));
      else
        of[r] = square;
    }
  }
};

/// The minimum over neighbours up to `reach` away, of vectors whose neighbours `pair(r)` gives the lesser one
/// of either side.
template <class D, class Pair>
hn::Vec<D> search(D d, hn::Vec<D> least, const hn::TFromD<D>* weights, std::int64_t reach, const Pair& pair) {
  for (std::int64_t r = 1; r <= reach; ++r) {
    const auto weight = hn::Set(d, weights[r]);
    if (hn::AllFalse(d, hn::Gt(least, weight))) break;
    least = hn::Min(least, hn::Add(pair(r), weight));
  }
  return least;
}

/// One plane; T is the type of squared distances.
template <class T>
class Plane {
 public:
  Plane(const DistanceScale& scale, std::int64_t ny, std::int64_t nx, std::byte* plane, std::byte* scratch)
      : scale_(scale), ny_(ny), nx_(nx), plane_(plane), room_(ny, nx, scratch) {}

  void run() {
    if constexpr (kWhole) {
      in_ = reinterpret_cast<const T*>(plane_);
    } else {
      convert();
      in_ = room_.converted;
    }
    along_y();
    along_x();
  }

 private:
  static constexpr bool kWhole = std::is_same_v<T, std::int32_t>;
  static constexpr T kFar = kWhole ? static_cast<T>(kFarSquare) : std::numeric_limits<T>::infinity();
  using D = hn::ScalableTag<T>;

  auto step(std::size_t axis) const {
    if constexpr (kWhole)
      return scale_.steps[axis];
    else
      return scale_.spacing[axis];
  }

  void convert() {
    const auto* steps = reinterpret_cast<const std::uint32_t*>(plane_);
    for (std::int64_t i = 0; i < ny_; ++i)
      for (std::int64_t x = 0; x < distance_width(nx_); ++x) {
        const std::int64_t at = i * pitch_ + x;
        const double length = static_cast<double>(steps[at]) * scale_.spacing[0];
        room_.converted[at] = steps[at] == kNoBackground ? kFar : static_cast<T>(length * length);
      }
  }

  void along_y() {
    const D d;
    const Weights<T> weights(step(1));
    std::memset(room_.far_columns, 0, static_cast<std::size_t>(distance_width(nx_)));
    for (std::int64_t y = 0; y < ny_; ++y) {
      T* const out = room_.squares + y * room_.pitch;
      const std::int64_t reach = std::min(kReach, std::max(y, ny_ - 1 - y));
      // Beyond the plane its last row stands, seen from farther than it is: that changes nothing.
      const T* above[kReach + 1];
      const T* below[kReach + 1];
      for (std::int64_t r = 1; r <= reach; ++r) {
        above[r] = in_ + std::max<std::int64_t>(y - r, 0) * pitch_;
        below[r] = in_ + std::min(y + r, ny_ - 1) * pitch_;
      }
      for (std::int64_t x = 0; x < distance_width(nx_); x += lanes(d)) {
        const auto least = search(
            d, hn::Load(d, in_ + y * pitch_ + x), weights.of, reach,
            [&](std::int64_t r) { return hn::Min(hn::Load(d, above[r] + x), hn::Load(d, below[r] + x)); });
        hn::Store(least, d, out + x);
        if (reach == kReach) note_far(least, weights.of[kReach + 1], x);
      }
      std::fill(out - kReach, out, kFar);
      std::fill(out + nx_, out + distance_width(nx_) + kReach, kFar);
    }
    if (ny_ > kReach)
      for (std::int64_t x = 0; x < nx_; x += kColumns) far_columns(x);
  }

  /// Lanes whose nearest background may lie beyond the reach.
  void note_far(hn::Vec<D> least, T weight, std::int64_t x) {
    const D d;
    if (hn::AllFalse(d, hn::Gt(least, hn::Set(d, weight)))) return;
    HWY_ALIGN T values[hn::MaxLanes(d)];
    hn::Store(least, d, values);
    for (std::int64_t lane = 0; lane < lanes(d); ++lane)
      if (values[lane] > weight) room_.far_columns[x + lane] = 1;
  }

  /// Those of kColumns columns that have far voxels, by their envelopes.
  void far_columns(std::int64_t first) {
    const std::int64_t count = std::min(kColumns, nx_ - first);
    if (std::count(room_.far_columns + first, room_.far_columns + first + count, 0) == count) return;
    for (std::int64_t y = 0; y < ny_; ++y)
      for (std::int64_t i = 0; i < count; ++i) room_.columns[i * ny_ + y] = in_[y * pitch_ + first + i];
    for (std::int64_t i = 0; i < count; ++i)
      if (room_.far_columns[first + i] != 0)
        lower_envelope(room_.columns + i * ny_, ny_, step(1), room_.parabolas);
    for (std::int64_t y = 0; y < ny_; ++y)
      for (std::int64_t i = 0; i < count; ++i)
        if (room_.far_columns[first + i] != 0)
          room_.squares[y * room_.pitch + first + i] = room_.columns[i * ny_ + y];
  }

  void along_x() {
    const D d;
    const Weights<T> weights(step(2));
    const std::int64_t reach = std::min(kReach, nx_ - 1);
    for (std::int64_t y = 0; y < ny_; ++y) {
      T* const row = room_.squares + y * room_.pitch;
      bool far = false;
      for (std::int64_t x = 0; x < distance_width(nx_); x += lanes(d)) {
        const auto least = search(d, hn::LoadU(d, row + x), weights.of, reach, [&](std::int64_t r) {
          return hn::Min(hn::LoadU(d, row + x - r), hn::LoadU(d, row + x + r));
        });
        hn::Store(least, d, room_.line + x);
        far = far || !hn::AllFalse(d, hn::Gt(least, hn::Set(d, weights.of[kReach + 1])));
      }
      if (far && reach < nx_ - 1) {
        std::copy(row, row + nx_, room_.line);
        lower_envelope(room_.line, nx_, step(2), room_.parabolas);
      }
      store_roots(reinterpret_cast<float*>(plane_) + y * pitch_);
    }
  }

  void store_roots(float* out) const {
    const hn::ScalableTag<double> d;
    const hn::Rebind<float, decltype(d)> narrow;
    const auto unit = hn::Set(d, kWhole ? scale_.unit : 1.0);
    const auto far = hn::Set(d, static_cast<double>(kFar));
    const auto infinity = hn::Set(narrow, std::numeric_limits<float>::infinity());
    for (std::int64_t x = 0; x < distance_width(nx_); x += lanes(d)) {
      hn::Vec<decltype(d)> square;
      if constexpr (kWhole)
        square = hn::PromoteTo(d, hn::Load(hn::Rebind<std::int32_t, decltype(d)>(), room_.line + x));
      else
        square = hn::Load(d, room_.line + x);
      const auto root = hn::Mul(hn::Sqrt(square), unit);
      // Not every target demotes an infinity to one.
      const auto marked = hn::DemoteTo(narrow, hn::IfThenElse(hn::Ge(square, far), hn::Set(d, -1.0), root));
      hn::Store(hn::IfThenElse(hn::Lt(marked, hn::Zero(narrow)), infinity, marked), narrow, out + x);
    }
  }

  const DistanceScale& scale_;
  std::int64_t ny_;
  std::int64_t nx_;
  std::int64_t pitch_ = distance_pitch(nx_);
  std::byte* plane_;
  PlaneScratch<T> room_;
  const T* in_ = nullptr;
};

void distance(const DistanceScale& scale, std::int64_t ny, std::int64_t nx, std::byte* plane,
              std::byte* scratch) {
  if (scale.whole)
    Plane<std::int32_t>(scale, ny, nx, plane, scratch).run();
  else
    Plane<double>(scale, ny, nx, plane, scratch).run();
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(advance);
VOX_SIMD_TABLE(nearest);
VOX_SIMD_TABLE(distance);

}  // namespace

void advance_steps(const std::uint64_t* bits, std::int64_t nx, std::uint32_t* steps) {
  VOX_SIMD_CALL(advance)(bits, nx, steps);
}

void nearest_steps(const DistanceScale& scale, const std::uint32_t* other, std::int64_t nx,
                   std::uint32_t* steps) {
  VOX_SIMD_CALL(nearest)(scale, other, nx, steps);
}

void plane_distance(const DistanceScale& scale, std::int64_t ny, std::int64_t nx, std::byte* plane,
                    std::byte* scratch) {
  VOX_SIMD_CALL(distance)(scale, ny, nx, plane, scratch);
}

std::int64_t plane_distance_scratch(const DistanceScale& scale, std::int64_t ny, std::int64_t nx) {
  return scale.whole ? PlaneScratch<std::int32_t>(ny, nx, nullptr).bytes
                     : PlaneScratch<double>(ny, nx, nullptr).bytes;
}

}  // namespace vox
#endif  // HWY_ONCE
