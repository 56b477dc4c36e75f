// Statistics of planes and sections against plain loops, on every vector level.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/simd.h"
#include "ops/stats/mean_projection.h"
#include "ops/stats/percentiles.h"
#include "ops/stats/plane_means.h"
#include "ops/stats/plane_percentiles.h"
#include "ops/stats/range_above.h"
#include "ops/stats/section_histograms.h"
#include "ops/stats/smooth_profile.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::Volume;

/// Runs a test on every vector level, and leaves the best one behind.
template <class Run>
void on_every_level(const Run& run) {
  for (const std::string& level : simd_levels()) {
    select_simd(level);
    SCOPED_TRACE(level);
    run();
  }
}

Volume telling_volume(const Extent3& shape, DType dtype, unsigned seed) {
  Volume volume = test::random_volume(shape, dtype, seed);
  if (!is_float(dtype)) return volume;
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    if constexpr (is_float_type<T>) {
      auto* voxels_out = reinterpret_cast<T*>(volume.bytes.data());
      const auto count = static_cast<std::size_t>(volume.meta.voxel_count());
      const double specials[] = {NAN, INFINITY, -INFINITY, 0.0, -0.0, 1e-6};
      for (std::size_t i = 0; i < count; i += 7) voxels_out[i] = T(specials[i / 7 % 6]);
    }
  });
  return volume;
}

std::vector<double> plane_of(const Volume& volume, std::int64_t z) {
  std::vector<double> values;
  visit_dtype(volume.meta.dtype, [&]<class T>(Type<T>) {
    for (std::int64_t y = 0; y < volume.meta.shape.y; ++y)
      for (std::int64_t x = 0; x < volume.meta.shape.x; ++x)
        values.push_back(as_double(volume.at<T>(z, y, x)));
  });
  return values;
}

double plain_percentile(std::vector<double> values, double percent) {
  if (values.empty()) return NAN;
  std::sort(values.begin(), values.end());
  const PercentilePlace place = percentile_place(percent, static_cast<std::int64_t>(values.size()));
  return interpolate(values[static_cast<std::size_t>(place.below)],
                     values[static_cast<std::size_t>(place.above)], place.weight);
}

/// Shows a volume plane by plane to two reducers in turn, and merges them.
template <class R>
void observe_in_parts(const Volume& volume, R& reducer, const Volume* mask = nullptr) {
  const Extent3 shape = volume.meta.shape;
  const std::unique_ptr<Reducer> parts[] = {reducer.empty(), reducer.empty()};
  for (std::int64_t z = 0; z < shape.z; ++z) {
    const Box3 box{{z, 0, 0}, {z + 1, shape.y, shape.x}};
    std::vector<ConstBlock> blocks;
    for (const Volume* shown : {&volume, mask})
      if (shown != nullptr)
        blocks.push_back(
            dense_block(shown->bytes.data() + z * shown->meta.plane_bytes(), shown->meta.dtype, box));
    parts[z % 2]->observe(blocks);
  }
  for (const auto& part : parts) reducer.merge(*part);
}

TEST(PlanePercentiles, AreThoseOfSortedPlanes) {
  for (const DType dtype : kAllDTypes) {
    SCOPED_TRACE(dtype_name(dtype));
    const Volume volume = telling_volume({3, 19, 83}, dtype, 5);
    Volume mask = test::random_volume({3, 19, 83}, DType::uint8, 6);
    for (std::byte& inside : mask.bytes) inside &= std::byte{1};
    for (const double percent : {0.0, 37.5, 50.0, 99.9, 100.0}) {
      PlanePercentiles found(dtype, volume.meta.shape,
                             {{percent, false, false}, {percent, true, false}, {percent, false, true}});
      observe_in_parts(volume, found, &mask);
      for (std::int64_t z = 0; z < 3; ++z) {
        std::vector<double> wanted[3];
        const std::vector<double> values = plane_of(volume, z);
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (!std::isfinite(values[i])) continue;
          wanted[0].push_back(values[i]);
          if (values[i] > 0) wanted[1].push_back(values[i]);
          if (mask.bytes[static_cast<std::size_t>(z) * values.size() + i] != std::byte{0})
            wanted[2].push_back(values[i]);
        }
        for (std::size_t request = 0; request < 3; ++request) {
          const SectionPercentile& got = found.of(request)[static_cast<std::size_t>(z)];
          EXPECT_EQ(static_cast<std::int64_t>(wanted[request].size()), got.count);
          EXPECT_EQ(plain_percentile(wanted[request], percent), got.value);
        }
      }
    }
  }
}

/// Keys between which the rank is sought come from a sample: of some hundred small planes a few mislead.
TEST(PlanePercentiles, DoNotDependOnASample) {
  for (const DType dtype : {DType::float32, DType::int64})
    for (unsigned seed = 0; seed < 400; ++seed) {
      const Volume volume = test::random_volume({1, 15, 17}, dtype, seed);
      PlanePercentiles found(dtype, volume.meta.shape, {{50, false, false}, {90, false, false}});
      observe_in_parts(volume, found);
      const std::vector<double> values = plane_of(volume, 0);
      EXPECT_EQ(plain_percentile(values, 50), found.of(0)[0].value);
      EXPECT_EQ(plain_percentile(values, 90), found.of(1)[0].value);
    }
}

TEST(PlanePercentiles, OfPlanesOfFewValues) {
  for (const std::int32_t values : {1, 2, 5}) {
    Volume volume({1, 120, 130}, DType::int32);
    auto* voxels = reinterpret_cast<std::int32_t*>(volume.bytes.data());
    for (std::int32_t i = 0; i < 120 * 130; ++i) voxels[i] = i / 7 % values - 2;
    for (const double percent : {0.0, 49.99, 60.0, 100.0}) {
      PlanePercentiles found(DType::int32, volume.meta.shape, {{percent, false, false}});
      observe_in_parts(volume, found);
      EXPECT_EQ(plain_percentile(plane_of(volume, 0), percent), found.of(0)[0].value);
    }
  }
}

TEST(PlanePercentiles, OfNothingAreNan) {
  Volume volume({1, 2, 3}, DType::float32);
  PlanePercentiles found(DType::float32, volume.meta.shape, {{50, true, false}});
  observe_in_parts(volume, found);
  EXPECT_EQ(0, found.of(0)[0].count);
  EXPECT_TRUE(std::isnan(found.of(0)[0].value));
}

TEST(PositiveCount, LeavesOutWhatIsNotFinite) {
  for (const DType dtype : kAllDTypes) {
    const Volume volume = telling_volume({3, 19, 83}, dtype, 5);
    PositiveCount count;
    observe_in_parts(volume, count);
    std::int64_t wanted = 0;
    for (std::int64_t z = 0; z < 3; ++z)
      for (const double value : plane_of(volume, z)) wanted += value > 0 && std::isfinite(value);
    EXPECT_EQ(wanted, count.count()) << dtype_name(dtype);
  }
}

TEST(PlaneMeans, AreTheSameOnEveryLevel) {
  for (const DType dtype : kAllDTypes) {
    SCOPED_TRACE(dtype_name(dtype));
    const Volume volume = telling_volume({3, 5, 1700}, dtype, 8);
    const Volume mask = test::random_volume({3, 5, 1700}, DType::int8, 6);
    std::vector<double> first;
    on_every_level([&] {
      PlaneMeans reducer(3);
      observe_in_parts(volume, reducer, &mask);
      const std::vector<PlaneMean> means = reducer.means();
      for (std::int64_t z = 0; z < 3; ++z) {
        long double sum = 0;
        long double magnitude = 0;
        std::int64_t count = 0;
        const std::vector<double> values = plane_of(volume, z);
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (!std::isfinite(values[i]) ||
              mask.bytes[static_cast<std::size_t>(z) * values.size() + i] == std::byte{0})
            continue;
          sum += values[i];
          magnitude += std::abs(values[i]);
          ++count;
        }
        const PlaneMean& got = means[static_cast<std::size_t>(z)];
        EXPECT_EQ(count, got.count);
        EXPECT_NEAR(static_cast<double>(sum / count), got.mean,
                    static_cast<double>(magnitude / count) * 1e-13);
        if (first.size() < 3)
          first.push_back(got.mean);
        else
          EXPECT_EQ(first[static_cast<std::size_t>(z)], got.mean);
      }
    });
  }
}

TEST(MeanProjection, IsTheMeanOfFiniteVoxels) {
  for (const DType dtype : kAllDTypes) {
    SCOPED_TRACE(dtype_name(dtype));
    const Volume volume = telling_volume({9, 4, 37}, dtype, 3);
    RangeAbove range(dtype, 0);
    observe_in_parts(volume, range);
    on_every_level([&] {
      MeanProjection projection(dtype, volume.meta.shape, {range.low(), range.high()});
      observe_in_parts(volume, projection);
      const std::vector<double> means = projection.means();
      const double largest = std::max(std::abs(range.low()), std::abs(range.high()));
      for (std::size_t i = 0; i < means.size(); ++i) {
        long double sum = 0;
        int count = 0;
        for (std::int64_t z = 0; z < 9; ++z) {
          const double value = plane_of(volume, z)[i];
          if (!std::isfinite(value)) continue;
          sum += value;
          ++count;
        }
        EXPECT_NEAR(count == 0 ? 0.0 : static_cast<double>(sum / count), means[i], largest * 1e-14);
      }
    });
  }
}

TEST(RangeAbove, FindsTheSmallestAboveTheThreshold) {
  for (const DType dtype : kAllDTypes) {
    const Volume volume = telling_volume({2, 5, 301}, dtype, 4);
    std::vector<double> finite;
    for (std::int64_t z = 0; z < 2; ++z)
      for (const double value : plane_of(volume, z))
        if (std::isfinite(value)) finite.push_back(value);
    std::sort(finite.begin(), finite.end());
    const double threshold = finite[finite.size() / 3];
    on_every_level([&] {
      RangeAbove range(dtype, threshold);
      observe_in_parts(volume, range);
      EXPECT_EQ(finite.front(), range.low());
      EXPECT_EQ(finite.back(), range.high());
      EXPECT_EQ(*std::upper_bound(finite.begin(), finite.end(), threshold), range.low_above());
    });
  }
}

TEST(SectionHistograms, CountAsNumpyDoes) {
  for (const DType dtype : {DType::uint8, DType::int16, DType::float32, DType::float64}) {
    SCOPED_TRACE(dtype_name(dtype));
    const Volume volume = telling_volume({5, 7, 301}, dtype, 4);
    const SectionBins bins{2, 3, 60, 19};
    const std::vector<Interval> sections{{0, 2}, {2, 2}, {2, 5}};
    on_every_level([&] {
      SectionHistograms histograms(dtype, bins, sections);
      observe_in_parts(volume, histograms);
      for (std::size_t section = 0; section < sections.size(); ++section) {
        std::vector<std::int64_t> wanted(19);
        std::int64_t above = 0;
        for (std::int64_t z = sections[section].begin; z < sections[section].end; ++z)
          for (const double value : plane_of(volume, z)) {
            if (!(value > 2) || !std::isfinite(value)) continue;
            ++above;
            if (value < 3 || value > 60) continue;
            std::size_t bin = 0;
            while (bin < 18 && value >= 3 + static_cast<double>(bin + 1) * (57.0 / 19)) ++bin;
            ++wanted[bin];
          }
        const auto counts = histograms.counts(section);
        EXPECT_EQ(wanted, std::vector<std::int64_t>(counts.begin(), counts.end()));
        EXPECT_EQ(above, histograms.above(section));
      }
    });
  }
}

TEST(SmoothProfile, ReflectsTheEnds) {
  const std::vector<double> values{1, 5, 2};
  EXPECT_EQ(values, smooth_profile(values, 0));
  // A Gaussian of sigma 0.25 reaches one place: weights 1 and exp(-8), normalised.
  const double side = std::exp(-8.0) / (1 + 2 * std::exp(-8.0));
  const std::vector<double> smooth = smooth_profile(values, 0.25);
  EXPECT_NEAR(1 * (1 - side) + 5 * side, smooth[0], 1e-12);
  EXPECT_NEAR(5 * (1 - 2 * side) + 3 * side, smooth[1], 1e-12);
  EXPECT_EQ(1, reflected(-2, 3));
  EXPECT_EQ(2, reflected(3, 3));
  EXPECT_EQ(0, reflected(-7, 3));
}

TEST(SmoothProfile, LeavesOutWhatIsNotValid) {
  const std::vector<double> values{4, NAN, 4, NAN, NAN, NAN, NAN};
  const std::vector<std::uint8_t> valid{1, 0, 1, 0, 0, 0, 0};
  const std::vector<double> smooth = smooth_valid(values, valid, 0.5);
  for (const std::size_t place : {0u, 1u, 2u, 3u, 4u}) EXPECT_DOUBLE_EQ(4, smooth[place]);
  EXPECT_EQ(0, smooth[5]);
  EXPECT_EQ(0, smooth[6]);
  EXPECT_EQ(2.5, median_of({4, 1, 2, 3}));
}

}  // namespace
}  // namespace vox
