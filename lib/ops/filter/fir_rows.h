// The loops under linear filters.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "core/block.h"
#include "ops/filter/fir.h"

namespace vox {

/// The order of work for a list of terms: what they have in common stands once.
struct FirPlan {
  struct AlongOne {
    std::size_t axis;
    Taps taps;
  };
  struct AlongY {
    std::size_t z;  ///< the rows it starts from
    Taps taps;
  };
  struct AlongX {
    std::size_t y;
    Taps taps;
  };

  FirPlan(const std::vector<FirTerm>& terms, std::span<const FirOutside> outside_terms);

  Extent3 reach;
  std::vector<AlongOne> along_one;  ///< the terms, if each has one axis; then nothing else
  std::vector<Taps> along_z;
  std::vector<AlongY> along_y;
  std::vector<AlongX> along_x;          ///< one a term
  std::span<const FirOutside> outside;  ///< what is added to the terms, if anything

  /// Planes, rows and columns that are filtered at once: what is loaded serves all of them.
  static constexpr std::int64_t kQuad = 4;
  /// Rows filtered along z of one plane that are kept: a quad is filtered along y, then the next ones take
  /// the places of those that are no longer needed.
  std::int64_t rows_kept() const { return kQuad + 2 * reach.y; }
  /// Columns of a strip: few, so that its rows stay in the cache, but not many less than their neighbours.
  std::int64_t columns_at_once() const { return std::max<std::int64_t>(512, whole_quads(8 * reach.x)); }
  static std::int64_t whole_quads(std::int64_t count) { return (count + kQuad - 1) / kQuad * kQuad; }
  /// Doubles between rows of scratch for a strip of `columns`.
  std::int64_t stride(std::int64_t columns) const;

  /// Bytes of scratch for a block.
  std::int64_t scratch_bytes(const Extent3& block) const;
};

/// Fills `out`; see `Fir`.
void fir_rows(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
              Tally& tally);

}  // namespace vox
