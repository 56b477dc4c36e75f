#include "ops/resample/mode_rows.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/pyramid/most_frequent.h"

namespace vox {
namespace {

/// Bit for bit.
template <class T>
bool all_equal(std::span<const std::byte* const> rows, const Interval& run) {
  const std::byte* first = rows.front() + run.begin * static_cast<std::int64_t>(sizeof(T));
  for (const std::byte* row : rows)
    for (std::int64_t x = run.begin; x < run.end; ++x)
      if (std::memcmp(row + x * static_cast<std::int64_t>(sizeof(T)), first, sizeof(T)) != 0) return false;
  return true;
}

template <class T>
void mode_typed(std::span<const std::byte* const> rows, const Taps& columns, T* out) {
  std::vector<T> values;
  for (std::int64_t i = 0; i < columns.out(); ++i) {
    const Interval run = columns.run(i);
    if (all_equal<T>(rows, run)) {
      out[i] = reinterpret_cast<const T*>(rows.front())[run.begin];
      continue;
    }
    values.clear();
    for (const std::byte* row : rows) {
      const T* voxels = reinterpret_cast<const T*>(row);
      values.insert(values.end(), voxels + run.begin, voxels + run.end);
    }
    out[i] = most_frequent(values);
  }
}

}  // namespace

void mode_of_boxes(DType dtype, std::span<const std::byte* const> rows, const Taps& columns, std::byte* out) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    mode_typed(rows, columns, reinterpret_cast<T*>(out));
  });
}

}  // namespace vox
