// Runs become voxels again.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vox {

/// The runs of some rows: run k of row r stands at row_begin[r] - row_begin[0] in `ends` and `objects`.
template <class C>
struct RunView {
  const std::uint32_t* row_begin = nullptr;
  const C* ends = nullptr;
  const std::uint32_t* objects = nullptr;
};

/// Writes `rows` dense rows of `width` voxels of `size` bytes: labels[object] in the runs, 0 elsewhere.
/// `labels` are values of `size` bytes.
void paint_rows(const RunView<std::uint16_t>& runs, std::int64_t rows, std::int64_t width, std::int64_t size,
                const std::byte* labels, std::byte* out);
void paint_rows(const RunView<std::uint32_t>& runs, std::int64_t rows, std::int64_t width, std::int64_t size,
                const std::byte* labels, std::byte* out);

}  // namespace vox
