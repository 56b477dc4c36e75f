#include "ops/label/parabolas.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "ops/label/distance_scale.h"

namespace vox {
namespace {

TEST(Parabolas, WholeLinesByDefinition) {
  std::mt19937_64 random(1);
  for (int turn = 0; turn < 3000; ++turn) {
    const std::size_t count = 1 + random() % 90;
    const std::int64_t step = 1 + static_cast<std::int64_t>(random() % 5);
    const std::uint64_t highest = std::uint64_t{1} << (random() % 18);
    std::vector<std::int32_t> line(count);
    for (std::int32_t& value : line)
      value = random() % 3 == 0 ? kFarSquare : static_cast<std::int32_t>(random() % highest);
    std::vector<std::int32_t> expected(count, kFarSquare);
    for (std::size_t x = 0; x < count; ++x)
      for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t away = (static_cast<std::int64_t>(x) - static_cast<std::int64_t>(i)) * step;
        const std::int64_t square = away * away + line[i];
        if (line[i] < kFarSquare && square < expected[x]) expected[x] = static_cast<std::int32_t>(square);
      }
    std::vector<Parabola<std::int32_t>> room(count);
    lower_envelope(line.data(), static_cast<std::int64_t>(count), step, room.data());
    ASSERT_EQ(expected, line) << turn;
  }
}

TEST(Parabolas, RealLinesByDefinition) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  std::mt19937_64 random(2);
  for (int turn = 0; turn < 3000; ++turn) {
    const std::size_t count = 1 + random() % 90;
    const double spacing = std::vector{0.65, 2.0, 1e-7, 3e5, 1.0 / 3}[random() % 5];
    const std::uint64_t highest = std::uint64_t{1} << (random() % 12);
    std::vector<double> line(count);
    for (double& value : line) {
      const double length = static_cast<double>(random() % highest) * spacing;
      value = random() % 3 == 0 ? kFar : length * length;
    }
    std::vector<double> expected(count, kFar);
    for (std::size_t x = 0; x < count; ++x)
      for (std::size_t i = 0; i < count; ++i) {
        const double away = (static_cast<double>(x) - static_cast<double>(i)) * spacing;
        expected[x] = std::min(expected[x], away * away + line[i]);
      }
    std::vector<Parabola<double>> room(count);
    lower_envelope(line.data(), static_cast<std::int64_t>(count), spacing, room.data());
    for (std::size_t x = 0; x < count; ++x) ASSERT_DOUBLE_EQ(expected[x], line[x]) << turn;
  }
}

}  // namespace
}  // namespace vox
