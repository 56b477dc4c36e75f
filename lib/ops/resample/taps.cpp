#include "ops/resample/taps.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"

namespace vox {
namespace {

double cubic(double t) {
  t = std::abs(t);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

double bspline(double t) {
  t = std::abs(t);
  if (t < 1) return 2.0 / 3 + t * t * (0.5 * t - 1);
  return t < 2 ? (2 - t) * (2 - t) * (2 - t) / 6 : 0;
}

double lanczos(double t) {
  if (t == 0) return 1;
  if (std::abs(t) >= 3 || t == std::nearbyint(t)) return 0;
  const double angle = std::numbers::pi * t;
  return 3 * std::sin(angle) * std::sin(angle / 3) / (angle * angle);
}

double kernel(ResampleMethod method, double t) {
  if (method == ResampleMethod::cubic) return cubic(t);
  if (method == ResampleMethod::bspline) return bspline(t);
  if (method == ResampleMethod::lanczos) return lanczos(t);
  return std::max(0.0, 1 - std::abs(t));
}

double reach(ResampleMethod method) {
  if (method == ResampleMethod::linear) return 1;
  return method == ResampleMethod::lanczos ? 3 : 2;
}

/// Makes a kernel's weights, the first of which stands at `first` from its centre, add up to 1 and keep
/// ramps: what their centre is off is taken away by a difference of triangles.
void straighten(std::vector<double>& weights, double first, double scale) {
  double sum = 0;
  double shift = 0;
  double triangles = 0;
  double centre = 0;
  double spread = 0;
  const auto triangle = [&](double off) { return std::max(0.0, 1 - std::abs(off) / scale); };
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double off = first + static_cast<double>(k);
    sum += weights[k];
    shift += weights[k] * off;
    triangles += triangle(off);
    centre += triangle(off) * off;
    spread += triangle(off) * off * off;
  }
  centre /= triangles;
  spread -= triangles * centre * centre;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double off = first + static_cast<double>(k);
    weights[k] /= sum;
    if (spread > 1e-9) weights[k] -= shift / sum * triangle(off) * (off - centre) / spread;
  }
}

/// Ends of boxes that only rounding keeps from a voxel's face lie on it.
double snapped(double edge) {
  const double whole = std::nearbyint(edge);
  return std::abs(edge - whole) <= 1e-9 ? whole : edge;
}

Interval box_of(const AxisGrid& axis, std::int64_t i) {
  const auto at = static_cast<double>(i);
  // Centres at k + 0.5.
  Interval run{static_cast<std::int64_t>(std::ceil(snapped(at * axis.ratio - 0.5))),
               static_cast<std::int64_t>(std::ceil(snapped((at + 1) * axis.ratio - 0.5)))};
  run = {std::max<std::int64_t>(run.begin, 0), std::min(run.end, axis.in)};
  if (run.begin < run.end) return run;
  const std::int64_t nearest =
      std::clamp<std::int64_t>(static_cast<std::int64_t>((at + 0.5) * axis.ratio), 0, axis.in - 1);
  return {nearest, nearest + 1};
}

}  // namespace

ResampleMethod parse_resample_method(std::string_view name) {
  constexpr std::string_view kNames[] = {"nearest", "linear", "cubic", "bspline", "lanczos", "area", "mode"};
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return static_cast<ResampleMethod>(i);
  fail_usage("unknown method '" + std::string(name) + "'");
}

std::int64_t mirrored(std::int64_t i, std::int64_t n) {
  i %= 2 * n;
  if (i < 0) i += 2 * n;
  return i < n ? i : 2 * n - 1 - i;
}

std::vector<double> spline_start(std::int64_t n) {
  constexpr std::int64_t kReach = 2 * kSplineReach;
  std::vector<double> weights(static_cast<std::size_t>(std::min(n, kReach)));
  double power = 1;
  for (std::int64_t k = 0; k < kReach; ++k, power *= kSplinePole)
    weights[static_cast<std::size_t>(mirrored(-k, n))] += power;
  return weights;
}

Interval spline_rows(const Interval& wanted, std::int64_t n) {
  const std::int64_t end = (wanted.end + kSplineBlock - 1) / kSplineBlock * kSplineBlock;
  return {std::max<std::int64_t>(0, wanted.begin / kSplineBlock * kSplineBlock - kSplineMargin),
          end >= n ? n : std::min(n, end + kSplineMargin)};
}

Taps::Taps(const AxisGrid& axis, ResampleMethod method, bool antialias) {
  const bool widens = antialias && axis.ratio > 1;
  for (std::int64_t i = 0; i < axis.out; ++i) {
    if (method == ResampleMethod::nearest) {
      const auto at = static_cast<std::int64_t>((static_cast<double>(i) + 0.5) * axis.ratio);
      add_run({std::min(at, axis.in - 1), std::min(at, axis.in - 1) + 1});
    } else if (method == ResampleMethod::mode) {
      add_run(box_of(axis, i));
    } else if (method == ResampleMethod::area) {
      add_box(axis, i);
    } else {
      add_kernel(axis, i, method, widens ? axis.ratio : 1);
    }
  }
  std::int64_t end = 0;
  for (const Interval& run : runs_) {
    end = std::max(end, run.end);
    longest_ = std::max(longest_, end - run.begin);
  }
}

Interval Taps::seen_by(const Interval& wanted) const {
  Interval reach = run(wanted.begin);
  for (std::int64_t i = wanted.begin; i < wanted.end; ++i)
    reach = {std::min(reach.begin, run(i).begin), std::max(reach.end, run(i).end)};
  return reach;
}

std::int64_t Taps::memory_bytes() const {
  return static_cast<std::int64_t>(runs_.size() * (sizeof(Interval) + sizeof(std::size_t)) +
                                   weights_.size() * sizeof(double));
}

void Taps::add_run(const Interval& run) {
  runs_.push_back(run);
  first_.push_back(weights_.size());
}

void Taps::add_box(const AxisGrid& axis, std::int64_t i) {
  const double low = std::max(0.0, snapped(static_cast<double>(i) * axis.ratio));
  const double high =
      std::min(static_cast<double>(axis.in), snapped(static_cast<double>(i + 1) * axis.ratio));
  const Interval run{static_cast<std::int64_t>(low), static_cast<std::int64_t>(std::ceil(high))};
  add_run(run);
  for (std::int64_t k = run.begin; k < run.end; ++k) {
    const auto face = static_cast<double>(k);
    weights_.push_back((std::min(high, face + 1) - std::max(low, face)) / (high - low));
  }
}

void Taps::add_kernel(const AxisGrid& axis, std::int64_t i, ResampleMethod method, double scale) {
  const double at = (static_cast<double>(i) + 0.5) * axis.ratio - 0.5;
  const auto begin = static_cast<std::int64_t>(std::ceil(at - reach(method) * scale));
  const auto end = static_cast<std::int64_t>(std::floor(at + reach(method) * scale)) + 1;
  std::vector<double> weights;
  for (std::int64_t k = begin; k < end; ++k)
    weights.push_back(kernel(method, (static_cast<double>(k) - at) / scale));
  if (scale > 1 || method == ResampleMethod::lanczos)
    straighten(weights, static_cast<double>(begin) - at, scale);
  const double gain = method == ResampleMethod::bspline ? 6 : 1;
  Interval inside{axis.in, 0};
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const std::int64_t voxel = mirrored(begin + static_cast<std::int64_t>(k), axis.in);
    if (weights[k] != 0) inside = {std::min(inside.begin, voxel), std::max(inside.end, voxel + 1)};
  }
  add_run(inside);
  const std::size_t first = weights_.size();
  weights_.resize(first + static_cast<std::size_t>(inside.size()));
  for (std::size_t k = 0; k < weights.size(); ++k) {
    if (weights[k] == 0) continue;
    const std::int64_t voxel = mirrored(begin + static_cast<std::int64_t>(k), axis.in);
    weights_[first + static_cast<std::size_t>(voxel - inside.begin)] += gain * weights[k];
  }
}

}  // namespace vox
