#include "core/roi.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace vox {
namespace {

VolumeMeta volume() {
  VolumeMeta meta;
  meta.shape = {10, 20, 30};
  meta.spacing = Vector3{2, 0.5, 0.5};
  meta.unit = "micrometer";
  meta.origin = Vector3{100, 0, -1};
  return meta;
}

Box3 roi(const char* text) { return parse_roi(text, volume()); }

TEST(Roi, HalfOpenRangesWithEndsLeftOut) {
  EXPECT_EQ((Box3{{2, 0, 5}, {4, 20, 30}}), roi("2:4,:,5:"));
  EXPECT_EQ(whole({10, 20, 30}), roi(":,:,:"));
}

TEST(Roi, NegativeCountsFromTheEndAndOneIndexTakesOnePlane) {
  EXPECT_EQ((Box3{{9, 0, 0}, {10, 20, 28}}), roi("-1,:,:-2"));
  EXPECT_EQ((Box3{{0, 7, 0}, {1, 8, 30}}), roi("0,7,:"));
}

TEST(Roi, DistancesFromTheCornerRoundHalfUpToVoxelEdges) {
  EXPECT_EQ((Box3{{1, 0, 0}, {3, 20, 30}}), roi("2um:6um,:,:"));
  EXPECT_EQ((Box3{{1, 0, 0}, {10, 20, 30}}), roi("1um:,:,:"));
  EXPECT_EQ((Box3{{0, 0, 2}, {10, 20, 30}}), roi(":,:,0.001mm:"));
}

TEST(Roi, WhatIsEmptyOutsideOrNoRegionIsRefused) {
  for (const char* text :
       {"", ":,:", ":,:,:,:", "3:3,:,:", "4:3,:,:", "0:11,:,:", "-11:,:,:", "10,:,:", "1.5:,:,:", "a:b,:,:",
        "9223372036854775807,:,:", "-9223372036854775808,:,:", "1e300mm:,:,:", "99999999999999999999:,:,:"})
    EXPECT_THROW(roi(text), Error) << text;
}

TEST(Roi, WorldCoordinatesTakeVoxelsWhoseCentresLieInside) {
  EXPECT_EQ((Box3{{1, 0, 0}, {2, 20, 30}}), parse_world_roi("102:104,:,:", volume()));
  EXPECT_EQ((Box3{{1, 0, 2}, {10, 20, 30}}), parse_world_roi("100.1:,:,0:", volume()));
  EXPECT_EQ((Box3{{0, 0, 0}, {10, 4, 30}}), parse_world_roi(":,:0.002mm,:", volume()));
  EXPECT_THROW(parse_world_roi("5:6,:,:", volume()), Error);
  EXPECT_THROW(parse_world_roi("100,:,:", volume()), Error);
}

TEST(Roi, WorldCoordinatesNeedAxesAlongTheWorlds) {
  VolumeMeta turned = volume();
  turned.direction = std::array<double, 9>{0, 1, 0, 1, 0, 0, 0, 0, 1};
  EXPECT_THROW(parse_world_roi(":,:,:", turned), Error);
}

}  // namespace
}  // namespace vox
