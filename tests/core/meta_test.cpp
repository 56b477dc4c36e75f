#include "core/meta.h"
#include "core/value_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"

namespace vox {
namespace {

VolumeMeta volume() {
  VolumeMeta meta;
  meta.shape = {10, 20, 30};
  meta.dtype = DType::uint16;
  meta.spacing = Vector3{2, 0.5, 0.25};
  meta.unit = "micrometer";
  return meta;
}

TEST(Meta, SizesInBytes) {
  EXPECT_EQ(6000, volume().voxel_count());
  EXPECT_EQ(60, volume().row_bytes());
  EXPECT_EQ(1200, volume().plane_bytes());
  EXPECT_EQ(12000, volume().bytes());
}

TEST(Meta, ImpossibleVolumesAreDamagedInput) {
  const auto refused = [](auto change) {
    VolumeMeta meta = volume();
    change(meta);
    try {
      check_meta(meta, "scan.raw");
    } catch (const Error& error) {
      return error.kind() == ErrorKind::damaged && std::string(error.what()).starts_with("scan.raw");
    }
    return false;
  };
  EXPECT_NO_THROW(check_meta(volume(), "scan.raw"));
  EXPECT_TRUE(refused([](VolumeMeta& meta) { meta.shape.y = 0; }));
  EXPECT_TRUE(refused([](VolumeMeta& meta) { meta.shape.z = -1; }));
  EXPECT_TRUE(refused([](VolumeMeta& meta) {
    meta.shape = {std::int64_t{1} << 31, std::int64_t{1} << 31, 2};
  }));
  EXPECT_TRUE(refused([](VolumeMeta& meta) { (*meta.spacing)[1] = 0; }));
  EXPECT_TRUE(refused([](VolumeMeta& meta) { (*meta.spacing)[0] = -1; }));
  EXPECT_TRUE(refused([](VolumeMeta& meta) { (*meta.spacing)[2] = std::nan(""); }));
  EXPECT_TRUE(
      refused([](VolumeMeta& meta) { (*meta.spacing)[2] = std::numeric_limits<double>::infinity(); }));
}

TEST(Meta, ACropMovesTheOriginAlongTheAxes) {
  VolumeMeta meta = volume();
  meta.range = Range{0, 9};
  const Box3 box{{1, 2, 4}, {3, 5, 8}};
  VolumeMeta crop = cropped(meta, box);
  EXPECT_EQ((Extent3{2, 3, 4}), crop.shape);
  EXPECT_EQ((Vector3{2, 1, 1}), *crop.origin);
  EXPECT_FALSE(crop.range.has_value());
  meta.origin = Vector3{10, 20, 30};
  // The first axis points along the world's second, the second along its first.
  meta.direction = std::array<double, 9>{0, 1, 0, 1, 0, 0, 0, 0, 1};
  crop = cropped(meta, box);
  EXPECT_EQ((Vector3{11, 22, 31}), *crop.origin);
}

TEST(Meta, AValueMapThatIsLostStaysLost) {
  VolumeMeta fresh;
  VolumeMeta scaled = fresh;
  carry_value_map(fresh, 2, 0, scaled);
  EXPECT_EQ((ValueMap{0.5, 0}), scaled.value_map);
  const VolumeMeta equalized = with_new_values(scaled, DType::float32, Kind::intensity);
  EXPECT_TRUE(value_map_is_lost(equalized));
  VolumeMeta later = equalized;
  carry_value_map(equalized, 2, 0, later);
  EXPECT_FALSE(later.value_map.has_value());
  EXPECT_TRUE(value_map_is_lost(later));
  // What no double can say is no map.
  for (const double scale : {0.0, 1e-320, std::numeric_limits<double>::infinity()}) {
    VolumeMeta out;
    carry_value_map(fresh, scale, 0, out);
    EXPECT_FALSE(out.value_map.has_value()) << scale;
  }
}

TEST(Meta, ValueMapsCompose) {
  // original = 2 * v + 10, then w = 5 * v - 1: original = 0.4 * w + 10.4.
  const ValueMap map = composed_value_map(ValueMap{2, 10}, 5, -1);
  EXPECT_DOUBLE_EQ(0.4, map.slope);
  EXPECT_DOUBLE_EQ(10.4, map.intercept);
  EXPECT_EQ((ValueMap{0.5, 0}), composed_value_map(std::nullopt, 2, 0));
}

TEST(Meta, KindsByName) {
  for (const Kind kind : {Kind::intensity, Kind::labels, Kind::mask})
    EXPECT_EQ(kind, parse_kind(kind_name(kind)));
  EXPECT_THROW(parse_kind("image"), Error);
}

TEST(Extents, ProductsThatDoNotFitAreTold) {
  EXPECT_EQ(std::int64_t{1} << 62, checked_product(std::int64_t{1} << 31, std::int64_t{1} << 31, "it"));
  EXPECT_THROW(checked_product(std::int64_t{1} << 32, std::int64_t{1} << 31, "it"), Error);
  EXPECT_THROW(checked_product(-1, 3, "it"), Error);
  EXPECT_EQ((Box3{{1, 0, 0}, {2, 3, 3}}), intersect({{0, 0, 0}, {2, 3, 3}}, {{1, -1, 0}, {5, 5, 5}}));
}

}  // namespace
}  // namespace vox
