#include "ops/label/paint_runs.h"

#include <algorithm>

#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/label/paint_runs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Writes values from the left to the right. Whole vectors: what they write too much is written over by what
/// follows, except near the end.
template <class T>
class Brush {
 public:
  Brush(T* begin, T* end) : next_(begin), end_(end) {}

  void fill_to(T* to, T value) {
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
    std::fill(next_, to, value);
#else
    const hn::ScalableTag<T> d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    const auto values = hn::Set(d, value);
    if (to + lanes <= end_) {
      for (T* at = next_; at < to; at += lanes) hn::StoreU(values, d, at);
    } else {
      std::fill(next_, to, value);
    }
#endif
    next_ = to;
  }

 private:
  T* next_;
  T* end_;
};

template <class T, class C>
void paint(const RunView<C>& runs, std::int64_t rows, std::int64_t width, const T* labels, T* out) {
  Brush<T> brush(out, out + rows * width);
  const std::int64_t first = runs.row_begin[0];
  for (std::int64_t row = 0; row < rows; ++row, out += width) {
    for (std::int64_t k = runs.row_begin[row] - first; k < runs.row_begin[row + 1] - first; ++k) {
      brush.fill_to(out + runs.ends[2 * k], T{0});
      brush.fill_to(out + runs.ends[2 * k + 1], labels[runs.objects[k]]);
    }
    brush.fill_to(out + width, T{0});
  }
}

template <class C>
void paint_by_size(const RunView<C>& runs, std::int64_t rows, std::int64_t width, std::int64_t size,
                   const std::byte* labels, std::byte* out) {
  const auto as = [&]<class T>(T) {
    paint(runs, rows, width, reinterpret_cast<const T*>(labels), reinterpret_cast<T*>(out));
  };
  if (size == 1) return as(std::uint8_t{});
  if (size == 2) return as(std::uint16_t{});
  if (size == 4) return as(std::uint32_t{});
  as(std::uint64_t{});
}

void paint_narrow(const RunView<std::uint16_t>& runs, std::int64_t rows, std::int64_t width,
                  std::int64_t size, const std::byte* labels, std::byte* out) {
  paint_by_size(runs, rows, width, size, labels, out);
}

void paint_wide(const RunView<std::uint32_t>& runs, std::int64_t rows, std::int64_t width, std::int64_t size,
                const std::byte* labels, std::byte* out) {
  paint_by_size(runs, rows, width, size, labels, out);
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(paint_narrow);
VOX_SIMD_TABLE(paint_wide);

}  // namespace

void paint_rows(const RunView<std::uint16_t>& runs, std::int64_t rows, std::int64_t width, std::int64_t size,
                const std::byte* labels, std::byte* out) {
  VOX_SIMD_CALL(paint_narrow)(runs, rows, width, size, labels, out);
}

void paint_rows(const RunView<std::uint32_t>& runs, std::int64_t rows, std::int64_t width, std::int64_t size,
                const std::byte* labels, std::byte* out) {
  VOX_SIMD_CALL(paint_wide)(runs, rows, width, size, labels, out);
}

}  // namespace vox
#endif  // HWY_ONCE
