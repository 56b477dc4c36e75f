// Filtering along y and x by squares of four rows and columns, included by `fir_rows.cpp` for each vector
// target. No include guard: see there.
//
// Neighbours along x would be loaded across cache lines. Therefore the four rows that are filtered along y at
// once are stored column by column; along x, four columns are then filtered in the same way.

/// Stores value `j` of quad `i` at `to[j * step + i]`.
HWY_INLINE void store_across(const Sums<Quad<double>>* quads, double* to, std::int64_t step) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  const QuadTag d;
  const auto even01 = hn::InterleaveLower(d, quads[0].part[0], quads[1].part[0]);
  const auto odd01 = hn::InterleaveUpper(d, quads[0].part[0], quads[1].part[0]);
  const auto even23 = hn::InterleaveLower(d, quads[2].part[0], quads[3].part[0]);
  const auto odd23 = hn::InterleaveUpper(d, quads[2].part[0], quads[3].part[0]);
  hn::StoreU(hn::ConcatLowerLower(d, even23, even01), d, to);
  hn::StoreU(hn::ConcatLowerLower(d, odd23, odd01), d, to + step);
  hn::StoreU(hn::ConcatUpperUpper(d, even23, even01), d, to + 2 * step);
  hn::StoreU(hn::ConcatUpperUpper(d, odd23, odd01), d, to + 3 * step);
#else
  double values[kQuad];
  for (std::int64_t i = 0; i < kQuad; ++i) {
    quads[i].store(values);
    for (std::int64_t j = 0; j < kQuad; ++j) to[j * step + i] = values[j];
  }
#endif
}

/// Four rows of doubles filtered along y; the results column by column.
inline void weigh_rows(const Listed<double>& rows, const Taps& taps, std::int64_t n, double* columns) {
  const auto weigh_all = [&]<bool kOdd>(std::bool_constant<kOdd>) {
    for (std::int64_t i = 0; i < n; i += kQuad) {
      Sums<Quad<double>> sums[kQuad];
      weigh<kOdd, kQuad>(rows, i, taps.weights, sums);
      store_across(sums, columns + i * kQuad, kQuad);
    }
  };
  if (taps.odd)
    weigh_all(std::true_type());
  else
    weigh_all(std::false_type());
}

/// The terms of four rows merged, from columns to rows `step` apart.
template <bool kMagnitude>
void merge_columns(const std::vector<LastStep<Strided<double>>>& terms, std::int64_t n, double* rows,
                   std::int64_t step) {
  for (std::int64_t i = 0; i < n; i += kQuad) {
    Sums<Quad<double>> merged[kQuad];
    merge_terms<kMagnitude, kQuad>(terms, i * kQuad, merged);
    store_across(merged, rows + i, step);
  }
}
