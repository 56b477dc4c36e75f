// Runs along x: what labelling keeps of a volume instead of its voxels.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "ops/label/row_bits.h"

namespace vox {

/// The runs of some consecutive rows. `C` holds columns, `N` counts runs and the objects among these rows.
template <class C, class N = std::uint32_t>
struct RunRows {
  using Column = C;
  using Count = N;

  std::vector<N> row_begin{0};        ///< per row its first run, and one entry for the end
  std::vector<C> ends;                ///< per run its first column and the one behind its last
  std::vector<N> objects;             ///< per run the object that it belongs to
  std::vector<std::uint64_t> values;  ///< per run the bits of its voxels' value, where values matter

  std::int64_t rows() const { return static_cast<std::int64_t>(row_begin.size()) - 1; }
  std::int64_t runs() const { return static_cast<std::int64_t>(ends.size() / 2); }
  void clear() {
    row_begin.assign(1, 0);
    ends.clear();
    objects.clear();
    values.clear();
  }
};

/// Rows of up to 65,535 voxels, and of more.
using NarrowRuns = RunRows<std::uint16_t>;
using WideRuns = RunRows<std::uint32_t>;

/// Writes begin and end of every run of set bits to `out`, room for `count` + 2 columns; returns the columns
/// written.
template <class C>
std::int64_t columns_of_bits(const std::uint64_t* words, std::int64_t count, C* out) {
  C* next = out;
  std::uint64_t last = 0;  // the bit before
  for (std::int64_t i = 0; i < bit_words(count); ++i) {
    std::uint64_t edges = words[i] ^ (words[i] << 1 | last);
    last = words[i] >> 63;
    for (; edges != 0; edges &= edges - 1) *next++ = static_cast<C>(i * 64 + std::countr_zero(edges));
  }
  if ((next - out) % 2 != 0) *next++ = static_cast<C>(count);
  return next - out;
}

/// The same for runs of equal values: one begins at every bit of `changes`, and is written when
/// `keep(first column)` says so. Room for 2 * `count` columns.
template <class C, class Keep>
std::int64_t columns_of_values(const std::uint64_t* changes, std::int64_t count, Keep&& keep, C* out) {
  C* next = out;
  bool open = false;
  for (std::int64_t i = 0; i < bit_words(count); ++i) {
    for (std::uint64_t edges = changes[i]; edges != 0; edges &= edges - 1) {
      const std::int64_t column = i * 64 + std::countr_zero(edges);
      if (open) *next++ = static_cast<C>(column);
      open = keep(column);
      if (open) *next++ = static_cast<C>(column);
    }
  }
  if (open) *next++ = static_cast<C>(count);
  return next - out;
}

/// Finds runs row by row. One per thread.
template <class Runs>
class RunFinder {
 public:
  /// `by_value`: neighbours in a row belong to one run only when they are equal, and values are kept.
  RunFinder(DType dtype, std::int64_t width, const Foreground& foreground, bool by_value)
      : dtype_(dtype),
        width_(width),
        foreground_(foreground),
        by_value_(by_value),
        words_(static_cast<std::size_t>(bit_words(width))),
        changes_(by_value ? words_.size() : 0),
        columns_(static_cast<std::size_t>((by_value ? 2 : 1) * width + 2)) {}

  /// Appends the runs of a row of voxels; its objects are not known yet.
  void append(const std::byte* voxels, Runs& runs) {
    if (by_value_)
      append_values(voxels, runs);
    else
      append_bits(voxels, runs);
    runs.row_begin.push_back(static_cast<typename Runs::Count>(runs.ends.size() / 2));
  }

 private:
  void append_bits(const std::byte* voxels, Runs& runs) {
    foreground_bits(dtype_, voxels, width_, foreground_, words_.data());
    append_columns(columns_of_bits(words_.data(), width_, columns_.data()), runs);
  }

  void append_values(const std::byte* voxels, Runs& runs) {
    change_bits(dtype_, voxels, width_, changes_.data());
    // Whether a run is foreground, its first voxel tells.
    const bool plain = !foreground_.interval && !foreground_.inverted;
    if (!plain) foreground_bits(dtype_, voxels, width_, foreground_, words_.data());
    visit_dtype(dtype_, [&]<class T>(Type<T>) {
      const T* values = reinterpret_cast<const T*>(voxels);
      const auto keep = [&](std::int64_t column) {
        return plain ? value_bits(values[column]) != 0
                     : (words_[static_cast<std::size_t>(column / 64)] >> column % 64 & 1) != 0;
      };
      const std::int64_t count = columns_of_values(changes_.data(), width_, keep, columns_.data());
      for (std::int64_t i = 0; i < count; i += 2)
        runs.values.push_back(value_bits(values[columns_[static_cast<std::size_t>(i)]]));
      append_columns(count, runs);
    });
  }

  void append_columns(std::int64_t count, Runs& runs) const {
    runs.ends.insert(runs.ends.end(), columns_.begin(), columns_.begin() + count);
  }

  DType dtype_;
  std::int64_t width_;
  Foreground foreground_;
  bool by_value_;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> changes_;
  std::vector<typename Runs::Column> columns_;
};

}  // namespace vox
