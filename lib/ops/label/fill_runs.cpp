#include "ops/label/fill_runs.h"

#include <algorithm>

namespace vox {
namespace {

template <class T, class C>
void fill(const RunView<C>& runs, std::int64_t rows, std::int64_t width, const std::uint8_t* flags,
          T* voxels) {
  const std::int64_t first = runs.row_begin[0];
  for (std::int64_t row = 0; row < rows; ++row, voxels += width) {
    for (std::int64_t k = runs.row_begin[row] - first; k < runs.row_begin[row + 1] - first; ++k) {
      if (flags[runs.objects[k]] == 0) continue;
      T* begin = voxels + runs.ends[2 * k];
      std::fill(begin, voxels + runs.ends[2 * k + 1], begin[-1]);
    }
  }
}

}  // namespace

template <class C>
void fill_rows(const RunView<C>& runs, std::int64_t rows, std::int64_t width, std::int64_t size,
               const std::uint8_t* flags, std::byte* voxels) {
  const auto as = [&]<class T>(T) { fill(runs, rows, width, flags, reinterpret_cast<T*>(voxels)); };
  if (size == 1) return as(std::uint8_t{});
  if (size == 2) return as(std::uint16_t{});
  if (size == 4) return as(std::uint32_t{});
  as(std::uint64_t{});
}

template void fill_rows(const RunView<std::uint16_t>&, std::int64_t, std::int64_t, std::int64_t,
                        const std::uint8_t*, std::byte*);
template void fill_rows(const RunView<std::uint32_t>&, std::int64_t, std::int64_t, std::int64_t,
                        const std::uint8_t*, std::byte*);

}  // namespace vox
