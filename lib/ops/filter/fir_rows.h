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

  /// Filtered along z and along y at once.
  static constexpr std::int64_t kPlanes = 4;
  static constexpr std::int64_t kRows = 4;
  /// Rows between two moves of those that are needed again: a multiple of `kRows`.
  std::int64_t rows_at_once() const { return std::max<std::int64_t>(16, (2 * reach.y + 3) / 4 * 4); }

  /// Bytes of scratch for a block.
  std::int64_t scratch_bytes(const Extent3& block) const;
};

/// Fills `out`; see `Fir`.
void fir_rows(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
              Tally& tally);

}  // namespace vox
