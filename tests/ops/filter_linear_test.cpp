// Weighted sums, means and variances against the definition, voxel by voxel, in long double.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/filter/box_moments.h"
#include "ops/filter/fir.h"
#include "ops/simd.h"
#include "support/filter_case.h"

namespace vox {
namespace {

using test::filtered;
using test::Volume;

/// All weights of a term, in scan order, counted down with the values of a neighbourhood.
std::vector<long double> weights_of(const FirTerm& term) {
  const auto along = [](const Taps& taps, std::int64_t d) {
    const double weight = taps.weights[static_cast<std::size_t>(std::abs(d))];
    return taps.odd ? (d == 0 ? 0 : d < 0 ? -weight : weight) : weight;
  };
  const auto& [z, y, x] = term.taps;
  std::vector<long double> weights;
  for (std::int64_t a = -z.reach(); a <= z.reach(); ++a)
    for (std::int64_t b = -y.reach(); b <= y.reach(); ++b)
      for (std::int64_t c = -x.reach(); c <= x.reach(); ++c)
        weights.push_back(static_cast<long double>(along(z, a)) * along(y, b) * along(x, c));
  return weights;
}

TEST(Fir, EqualsTheWeightedSumOfEveryTypeAndBoundary) {
  FirTerm term;
  term.taps = {gaussian_taps(0.6, 4, 0), gaussian_taps(0.9, 3, 0), gaussian_taps(1.1, 2, 0)};
  const std::vector<long double> weights = weights_of(term);
  const Vector3 reach{static_cast<double>(term.taps[0].reach()), static_cast<double>(term.taps[1].reach()),
                      static_cast<double>(term.taps[2].reach())};
  const auto weighted = [&](const std::vector<double>& values) {
    long double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += weights[i] * values[i];
    return static_cast<double>(std::nearbyint(sum));
  };
  for (const DType dtype : kAllDTypes) {
    if (is_float(dtype)) continue;
    const Volume in = test::doubles_of_type({4, 6, 21}, dtype, 7);
    const Fir kernel({term}, FirMerge::sum, dtype);
    for (const BoundaryMode mode : test::kBoundaryModes) {
      const Boundary boundary{mode, 90};
      EXPECT_EQ(test::plain_filter(in, Footprint(Shape::box, reach), boundary, weighted).bytes,
                filtered(in, {&kernel}, boundary).bytes)
          << dtype_name(dtype) << " mode " << static_cast<int>(mode);
    }
  }
}

/// The weighted sum rounded to whole numbers, by definition and by the kernel on every vector level.
void expect_weighted_sums(const FirTerm& term, const Extent3& shape, DType dtype) {
  const Volume in = test::wide_numbers(shape, dtype, 17);
  const std::vector<long double> weights = weights_of(term);
  const auto& [z, y, x] = term.taps;
  const Vector3 reach{static_cast<double>(z.reach()), static_cast<double>(y.reach()),
                      static_cast<double>(x.reach())};
  const auto weighted = [&](const std::vector<double>& values) {
    long double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += weights[i] * values[i];
    return static_cast<double>(std::nearbyint(sum));
  };
  const Boundary boundary{BoundaryMode::mirror, 0};
  const Volume expected = test::plain_filter(in, Footprint(Shape::box, reach), boundary, weighted);
  const Fir kernel({term}, FirMerge::sum, dtype);
  for (const std::string& level : simd_levels()) {
    select_simd(level);
    EXPECT_EQ(expected.bytes, filtered(in, {&kernel}, boundary).bytes)
        << dtype_name(dtype) << " " << to_string(shape) << " " << level;
  }
}

TEST(Fir, EveryRemainderOfPlanesRowsColumnsAndStrips) {
  FirTerm term;
  term.taps = {gaussian_taps(0.6, 4, 0), gaussian_taps(0.9, 3, 0), gaussian_taps(1.1, 2, 0)};
  const Taps taps = gaussian_taps(1.7, 3, 0);
  for (const DType dtype : {DType::uint8, DType::uint16, DType::int16, DType::int32}) {
    for (const Extent3 shape : {Extent3{1, 1, 1}, Extent3{2, 3, 3}, Extent3{4, 4, 4}, Extent3{5, 7, 5},
                                Extent3{7, 18, 7}, Extent3{3, 37, 8}, Extent3{5, 2, 1027}}) {
      expect_weighted_sums(term, shape, dtype);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        FirTerm alone;
        alone.taps[axis] = taps;
        expect_weighted_sums(alone, shape, dtype);
      }
    }
  }
}

TEST(Fir, TermsThatShareStepsAddUp) {
  const Volume in = test::doubles_of_type({3, 5, 19}, DType::uint8, 8);
  std::vector<FirTerm> terms(3);
  for (std::size_t axis = 0; axis < 3; ++axis) terms[axis].taps[axis] = {{-2, 1}, false};
  const Fir laplacian(terms, FirMerge::sum, DType::int16);
  FirTerm twice;
  twice.taps[2] = {{3}, false};
  const Fir added({terms[0], terms[1], terms[2], twice}, FirMerge::sum, DType::int16);
  const Volume a = filtered(in, {&laplacian}, {});
  const Volume b = filtered(in, {&added}, {});
  for (std::int64_t x = 0; x < 19; ++x)
    EXPECT_EQ(a.at<std::int16_t>(1, 2, x) + 3 * in.at<std::uint8_t>(1, 2, x), b.at<std::int16_t>(1, 2, x));
}

double mean_of(const std::vector<double>& values) {
  long double sum = 0;
  for (const double value : values) sum += value;
  return static_cast<double>(sum / static_cast<long double>(values.size()));
}

double variance_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  long double sum = 0;
  for (const double value : values) sum += (static_cast<long double>(value) - mean) * (value - mean);
  return static_cast<double>(sum / static_cast<long double>(values.size()));
}

TEST(BoxMoments, MeansOfEveryTypeRadiusAndBoundary) {
  for (const DType dtype : kAllDTypes) {
    if (dtype == DType::float64) continue;  // the reference rounds to float
    const Volume in = test::doubles_of_type({4, 6, 25}, dtype, 9);
    for (const Vector3& radius : {Vector3{1, 1, 1}, Vector3{0, 2, 9}, Vector3{5, 0, 3}}) {
      for (const BoundaryMode mode : test::kBoundaryModes) {
        const Boundary boundary{mode, 90};
        const Footprint footprint(Shape::box, radius);
        const BoxMoments kernel(Moment::mean, footprint, dtype, dtype);
        const auto rounded = [&](const std::vector<double>& values) {
          return is_float(dtype) ? mean_of(values) : std::nearbyint(mean_of(values));
        };
        EXPECT_EQ(test::plain_filter(in, footprint, boundary, rounded).bytes,
                  filtered(in, {&kernel}, boundary).bytes)
            << dtype_name(dtype) << " mode " << static_cast<int>(mode);
      }
    }
  }
}

/// Up to 65535 voxels, beyond, and so few that single precision is enough; values at both ends of the range.
TEST(BoxMoments, OfSmallIntegersAreExactForAnyCount) {
  for (const DType dtype : {DType::uint8, DType::int8, DType::uint16, DType::int16}) {
    const Volume in = test::wide_numbers({3, 5, 43}, dtype, 12);
    Volume wide(in.meta.shape, DType::float32);
    for (std::int64_t i = 0; i < in.meta.voxel_count(); ++i)
      reinterpret_cast<float*>(wide.bytes.data())[i] =
          static_cast<float>(test::value_at(in, i / 215, i / 43 % 5, i % 43));
    const auto variance = [](const std::vector<double>& values) {
      __extension__ using Whole = __int128;
      Whole sum = 0;
      Whole squares = 0;
      for (const double value : values) {
        sum += static_cast<std::int64_t>(value);
        squares += static_cast<std::int64_t>(value * value);
      }
      const auto count = static_cast<Whole>(values.size());
      return static_cast<double>(count * squares - sum * sum) / static_cast<double>(count * count);
    };
    for (const Vector3& radius :
         {Vector3{1, 1, 1}, Vector3{0, 0, 3}, Vector3{3, 4, 11}, Vector3{16, 15, 14}, Vector3{20, 20, 20}}) {
      const Footprint footprint(Shape::box, radius);
      const BoxMoments mean(Moment::mean, footprint, dtype, dtype);
      const BoxMoments spread(Moment::variance, footprint, DType::float32, dtype);
      const auto rounded = [](const std::vector<double>& values) { return std::nearbyint(mean_of(values)); };
      const Boundary boundary{BoundaryMode::reflect, 0};
      EXPECT_EQ(test::plain_filter(in, footprint, boundary, rounded).bytes,
                filtered(in, {&mean}, boundary).bytes)
          << dtype_name(dtype) << " " << footprint.count();
      EXPECT_EQ(test::plain_filter(wide, footprint, boundary, variance).bytes,
                filtered(in, {&spread}, boundary).bytes)
          << dtype_name(dtype) << " " << footprint.count();
    }
  }
}

TEST(BoxMoments, VariancesAndDeviations) {
  for (const DType dtype : kAllDTypes) {
    const Volume in = test::doubles_of_type({4, 6, 25}, dtype, 10);
    const Footprint footprint(Shape::box, {1, 2, 4});
    const BoxMoments variance(Moment::variance, footprint, DType::float64, dtype);
    const BoxMoments deviation(Moment::std, footprint, DType::float64, dtype);
    const Volume got = filtered(in, {&variance}, {});
    const Volume roots = filtered(in, {&deviation}, {});
    Volume wide(in.meta.shape, DType::float32);
    for (std::int64_t i = 0; i < in.meta.voxel_count(); ++i)
      reinterpret_cast<float*>(wide.bytes.data())[i] =
          static_cast<float>(test::value_at(in, i / 150, i / 25 % 6, i % 25));
    const Volume expected = test::plain_filter(wide, footprint, {}, variance_of);
    for (std::int64_t x = 0; x < 25; ++x) {
      EXPECT_NEAR(expected.at<float>(2, 3, x), got.at<double>(2, 3, x), 1e-4) << dtype_name(dtype);
      EXPECT_EQ(std::sqrt(got.at<double>(2, 3, x)), roots.at<double>(2, 3, x)) << dtype_name(dtype);
    }
  }
}

}  // namespace
}  // namespace vox
