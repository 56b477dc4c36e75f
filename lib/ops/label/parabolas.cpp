#include "ops/label/parabolas.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/label/distance_scale.h"

namespace vox {
namespace {

/// Squared distances in whole steps.
struct WholeLine {
  using Value = std::int32_t;
  std::int64_t square;  ///< of one step

  static bool is_parabola(Value value) { return value < kFarSquare; }
  /// The first voxel where the parabola of `q` lies below that of `v`, which stands before it.
  std::int64_t first(std::int64_t v, Value at_v, std::int64_t q, Value at_q) const {
    const std::int64_t above = square * (q * q - v * v) + at_q - at_v;
    const std::int64_t below = 2 * square * (q - v);
    const std::int64_t quotient = above / below;
    return quotient - (above % below < 0 ? 1 : 0) + 1;
  }
  Value at(const Parabola<Value>& parabola, std::int64_t x) const {
    const std::int64_t away = x - parabola.at;
    return static_cast<Value>(square * away * away + parabola.value);
  }
};

struct RealLine {
  using Value = double;
  double spacing;
  double limit;  ///< beyond the line

  static bool is_parabola(Value value) { return value < std::numeric_limits<double>::infinity(); }
  std::int64_t first(std::int64_t v, Value at_v, std::int64_t q, Value at_q) const {
    const double square = spacing * spacing;
    const double crossing =
        (static_cast<double>(q + v) + (at_q - at_v) / (square * static_cast<double>(q - v))) / 2;
    return static_cast<std::int64_t>(std::floor(std::clamp(crossing, -1.0, limit))) + 1;
  }
  Value at(const Parabola<Value>& parabola, std::int64_t x) const {
    const double away = static_cast<double>(x - parabola.at) * spacing;
    return away * away + parabola.value;
  }
};

/// Puts the parabolas that are lowest somewhere in order; returns how many.
template <class Line>
std::int64_t envelope(const Line& line, const typename Line::Value* values, std::int64_t count,
                      Parabola<typename Line::Value>* room) {
  std::int64_t used = 0;
  for (std::int64_t q = 0; q < count; ++q) {
    if (!Line::is_parabola(values[q])) continue;
    std::int64_t start = 0;
    while (used > 0) {
      const auto& top = room[used - 1];
      start = std::max<std::int64_t>(0, line.first(top.at, top.value, q, values[q]));
      if (start > top.start) break;
      --used;
    }
    if (used == 0) start = 0;
    if (start < count) room[used++] = {q, start, values[q]};
  }
  return used;
}

template <class Line>
void replace(const Line& line, typename Line::Value* values, std::int64_t count,
             Parabola<typename Line::Value>* room) {
  const std::int64_t used = envelope(line, values, count, room);
  for (std::int64_t k = 0; k < used; ++k) {
    const std::int64_t end = k + 1 < used ? room[k + 1].start : count;
    for (std::int64_t x = room[k].start; x < end; ++x) {
      values[x] = line.at(room[k], x);
      if constexpr (std::is_same_v<typename Line::Value, double>) {
        // A rounded crossing may be one voxel off; the neighbours know.
        if (k > 0) values[x] = std::min(values[x], line.at(room[k - 1], x));
        if (k + 1 < used) values[x] = std::min(values[x], line.at(room[k + 1], x));
      }
    }
  }
}

}  // namespace

void lower_envelope(std::int32_t* line, std::int64_t count, std::int64_t step, Parabola<std::int32_t>* room) {
  replace(WholeLine{step * step}, line, count, room);
}

void lower_envelope(double* line, std::int64_t count, double spacing, Parabola<double>* room) {
  replace(RealLine{spacing, static_cast<double>(count)}, line, count, room);
}

}  // namespace vox
