#include "ops/project/projection.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include "core/error.h"
#include "ops/project/projection_rows.h"

namespace vox {
namespace {

__extension__ typedef __int128 Integer128;
__extension__ typedef unsigned __int128 Wide128;

/// Lines whose voxels are gathered at once for medians: neighbours share cache lines.
constexpr std::int64_t kGathered = 16;
/// Sums of voxels of four bytes fit 64 bits as long as lines are shorter.
constexpr std::int64_t kLongLine = std::int64_t{1} << 31;

LineState state_of(ProjectionMethod method, DType dtype, std::int64_t count, NanRule nan) {
  const std::int64_t bytes = size_of(dtype);
  if (is_float(dtype) && nan == NanRule::leave_out)
    return method == ProjectionMethod::max   ? LineState::known_max
           : method == ProjectionMethod::min ? LineState::known_min
                                             : LineState::known_sum;
  if (method == ProjectionMethod::max) return LineState::max;
  if (method == ProjectionMethod::min) return LineState::min;
  if (method == ProjectionMethod::std)
    return !is_float(dtype) && bytes <= 2 && count < kLongLine ? LineState::squares : LineState::deviations;
  if (is_float(dtype)) return LineState::float_sum;
  return bytes == 8 || count >= kLongLine ? LineState::wide_sum : LineState::sum;
}

bool is_extreme(LineState kind) {
  return kind == LineState::max || kind == LineState::min || kind == LineState::known_max ||
         kind == LineState::known_min;
}

template <class T, class Sum>
Sum load(const std::byte* state, std::int64_t i) {
  T value;
  std::memcpy(&value, state + i * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
  return static_cast<Sum>(value);
}

template <class T>
void store(std::byte* out, std::int64_t i, T value) {
  std::memcpy(out + i * static_cast<std::int64_t>(sizeof(T)), &value, sizeof(T));
}

/// Sums of either sign: in two's complement they add up alike.
template <class Word>
void add_words(const std::byte* other, std::int64_t count, std::byte* state) {
  for (std::int64_t i = 0; i < count; ++i)
    store(state, i, static_cast<Word>(load<Word, Word>(state, i) + load<Word, Word>(other, i)));
}

/// Every NaN becomes the same one; its bits would depend on the order of operands.
double one_nan(double value) { return std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value; }

/// The two parts of a sum; one that overflowed has no rest.
double float_sum(const std::byte* state, std::int64_t width, std::int64_t i) {
  const auto sum = load<double, double>(state, i);
  return std::isfinite(sum) ? sum + load<double, double>(state, width + i) : sum;
}

double squares_std(const std::byte* state, std::int64_t width, std::int64_t i, std::int64_t count) {
  const auto sum = load<std::int64_t, Integer128>(state, i);
  const auto squares = load<std::uint64_t, Integer128>(state, width + i);
  const double n = static_cast<double>(count);
  return std::sqrt(static_cast<double>(squares * count - sum * sum)) / n;
}

double deviations_std(const std::byte* state, std::int64_t width, std::int64_t i, std::int64_t count) {
  const double n = static_cast<double>(count);
  const double sum = load<double, double>(state, width + i);
  const double variance = (load<double, double>(state, 2 * width + i) - sum * (sum / n)) / n;
  return variance < 0 ? 0 : std::sqrt(variance);
}

/// A whole sum as a voxel of type S.
template <class S>
S whole_sum(Integer128 sum) {
  if (sum < std::numeric_limits<S>::min() || sum > std::numeric_limits<S>::max())
    fail(
        "a sum exceeds what 64 bits hold; convert to float64 with vconvert -t float64 first, or take the "
        "mean");
  return static_cast<S>(sum);
}

template <class T>
double median_of(T* values, std::int64_t count) {
  using Value = std::conditional_t<std::is_same_v<T, float16>, float, T>;
  const auto less = [](T a, T b) { return static_cast<Value>(a) < static_cast<Value>(b); };
  if constexpr (is_float_type<T>) {
    for (std::int64_t i = 0; i < count; ++i)
      if (std::isnan(as_double(values[i]))) return std::numeric_limits<double>::quiet_NaN();
  }
  T* const middle = values + count / 2;
  std::nth_element(values, middle, values + count, less);
  if (count % 2 != 0) return as_double(*middle);
  return 0.5 * as_double(*std::max_element(values, middle, less)) + 0.5 * as_double(*middle);
}

}  // namespace

DType projected_dtype(ProjectionMethod method, DType dtype) {
  if (method == ProjectionMethod::max || method == ProjectionMethod::min) return dtype;
  if (method != ProjectionMethod::sum) return DType::float32;
  if (is_float(dtype)) return DType::float64;
  return is_signed(dtype) ? DType::int64 : DType::uint64;
}

VolumeMeta projected_meta(const VolumeMeta& input, ProjectionMethod method, Axis axis) {
  const bool extreme = method == ProjectionMethod::max || method == ProjectionMethod::min;
  VolumeMeta meta = input;
  meta.dtype = projected_dtype(method, input.dtype);
  meta.range.reset();
  if (!extreme) meta.kind = Kind::intensity;
  std::int64_t& size = axis == Axis::z ? meta.shape.z : axis == Axis::y ? meta.shape.y : meta.shape.x;
  const auto count = static_cast<double>(size);
  size = 1;
  if (input.spacing || input.origin) {
    const auto at = static_cast<std::size_t>(axis);
    Vector3 by{0, 0, 0};
    by[at] = 0.5 * (count - 1) * input.spacing.value_or(Vector3{1, 1, 1})[at];
    meta.origin = moved_origin(input, by);
    if (meta.spacing) (*meta.spacing)[at] *= count;
  }
  if (!meta.value_map) return meta;
  if (method == ProjectionMethod::sum) meta.value_map->intercept *= count;
  if (method == ProjectionMethod::std) meta.value_map = ValueMap{std::abs(meta.value_map->slope), 0};
  return meta;
}

Projection::Projection(ProjectionMethod method, DType dtype, std::int64_t count, NanRule nan)
    : method_(method), dtype_(dtype), count_(count), nan_(nan) {}

std::int64_t Projection::state_bytes() const {
  if (needs_whole_lines()) return 0;
  switch (state_of(method_, dtype_, count_, nan_)) {
    case LineState::max:
    case LineState::min:
    case LineState::known_max:
    case LineState::known_min:
      return dtype_ == DType::float16 ? 4 : size_of(dtype_);
    case LineState::sum:
      return 8;
    case LineState::known_sum:
    case LineState::deviations:
      return 24;
    default:
      return 16;
  }
}

void Projection::add(const std::byte* voxels, std::int64_t stride, std::int64_t rows, std::int64_t width,
                     bool first, std::byte* state) const {
  project_rows(state_of(method_, dtype_, count_, nan_), dtype_, voxels, stride, rows, width, first, state);
}

bool Projection::can_merge() const {
  const LineState kind = state_of(method_, dtype_, count_, nan_);
  return !needs_whole_lines() && (is_extreme(kind) || kind == LineState::sum || kind == LineState::wide_sum ||
                                  kind == LineState::squares);
}

void Projection::merge(const std::byte* other, std::int64_t width, std::byte* state) const {
  const LineState kind = state_of(method_, dtype_, count_, nan_);
  // Extremes are a row of voxels like any other.
  if (is_extreme(kind))
    return project_rows(kind, dtype_ == DType::float16 ? DType::float32 : dtype_, other, 0, 1, width, false,
                        state);
  if (kind == LineState::wide_sum) return add_words<Wide128>(other, width, state);
  add_words<std::uint64_t>(other, width * state_bytes() / 8, state);
}

void Projection::finish(const std::byte* state, std::int64_t width, std::byte* out) const {
  const LineState kind = state_of(method_, dtype_, count_, nan_);
  if (is_extreme(kind)) {
    if (dtype_ != DType::float16) {
      std::memcpy(out, state, static_cast<std::size_t>(width * size_of(dtype_)));
      return;
    }
    for (std::int64_t i = 0; i < width; ++i) store(out, i, float16(load<float, float>(state, i)));
    return;
  }
  const bool is_unsigned = !is_float(dtype_) && !is_signed(dtype_);
  const auto sum_of = [&](std::int64_t i) {
    if (kind == LineState::wide_sum) return load<Integer128, Integer128>(state, i);
    return is_unsigned ? load<std::uint64_t, Integer128>(state, i) : load<std::int64_t, Integer128>(state, i);
  };
  const auto as_float = [&](std::int64_t i) -> double {
    if (kind == LineState::squares) return squares_std(state, width, i, count_);
    if (kind == LineState::deviations) return deviations_std(state, width, i, count_);
    if (kind == LineState::known_sum)
      return float_sum(state, width, i) / load<std::int64_t, double>(state, 2 * width + i);
    const double sum =
        kind == LineState::float_sum ? float_sum(state, width, i) : static_cast<double>(sum_of(i));
    return method_ == ProjectionMethod::mean ? sum / static_cast<double>(count_) : sum;
  };
  for (std::int64_t i = 0; i < width; ++i) {
    if (method_ != ProjectionMethod::sum)
      store(out, i, static_cast<float>(one_nan(as_float(i))));
    else if (is_float(dtype_))
      store(out, i, one_nan(as_float(i)));
    else if (is_unsigned)
      store(out, i, whole_sum<std::uint64_t>(sum_of(i)));
    else
      store(out, i, whole_sum<std::int64_t>(sum_of(i)));
  }
}

std::int64_t Projection::whole_lines_bytes(std::int64_t width) const {
  return needs_whole_lines() ? std::min(width, kGathered) * count_ * size_of(dtype_) : width * state_bytes();
}

void Projection::whole_lines(const std::byte* voxels, std::int64_t stride, std::int64_t width, std::byte* out,
                             std::byte* scratch) const {
  if (!needs_whole_lines()) {
    add(voxels, stride, count_, width, true, scratch);
    return finish(scratch, width, out);
  }
  visit_dtype(dtype_, [&](auto type) {
    using T = typename decltype(type)::type;
    T* const lines = reinterpret_cast<T*>(scratch);
    for (std::int64_t x = 0; x < width; x += kGathered) {
      const std::int64_t some = std::min(kGathered, width - x);
      for (std::int64_t i = 0; i < count_; ++i) {
        const T* row = reinterpret_cast<const T*>(voxels + i * stride) + x;
        for (std::int64_t k = 0; k < some; ++k) lines[k * count_ + i] = row[k];
      }
      for (std::int64_t k = 0; k < some; ++k)
        store(out, x + k, static_cast<float>(median_of(lines + k * count_, count_)));
    }
  });
}

}  // namespace vox
