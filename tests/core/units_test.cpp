#include "core/units.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace vox {
namespace {

TEST(Units, EverySpellingLeadsToTheLongName) {
  for (const char* name : {"um", "\u00b5m", "\u03bcm", "\\u00B5m", "micron", "microns", "micrometer",
                           "Micrometres", "MICROMETER"})
    EXPECT_EQ("micrometer", unit_long_name(name)) << name;
  EXPECT_EQ("millimeter", unit_long_name("mm"));
  EXPECT_EQ("meter", unit_long_name("m"));
  EXPECT_EQ("inch", unit_long_name("\""));
}

TEST(Units, WhatIsNoLengthHasNoName) {
  for (const char* name : {"", "pixel", "voxel", "Mm", "s", "u", "\xb5m"})
    EXPECT_EQ("", unit_long_name(name)) << name;
}

TEST(Units, ShortNamesAndMetres) {
  EXPECT_EQ("um", unit_short_name("micrometer"));
  EXPECT_EQ("parsec", unit_short_name("parsec"));
  EXPECT_DOUBLE_EQ(1e-9, unit_in_metres("nanometer"));
  EXPECT_EQ(0, unit_in_metres("parsec"));
}

TEST(Lengths, AreVoxelsOrPhysical) {
  EXPECT_EQ(3, parse_length("3").value);
  EXPECT_EQ("", parse_length("3").unit);
  EXPECT_DOUBLE_EQ(-0.5, parse_length("-.5").value);
  EXPECT_DOUBLE_EQ(0.001, parse_length("1e-3mm").value);
  EXPECT_EQ("millimeter", parse_length("1e-3mm").unit);
  EXPECT_EQ("micrometer", parse_length("2\u00b5m").unit);
  for (const char* text : {"", "mm", "3 apples", "1..2", "nan", "3e", "--3", "0x3"})
    EXPECT_THROW(parse_length(text), Error) << text;
}

TEST(Lengths, AreConvertedAlongEachAxis) {
  VolumeMeta meta;
  meta.spacing = Vector3{2, 0.5, 0.25};
  meta.unit = "micrometer";
  EXPECT_EQ((Vector3{0.5, 2, 4}), length_in_voxels(parse_length("1um"), meta));
  EXPECT_EQ((Vector3{3, 3, 3}), length_in_voxels(parse_length("3"), meta));
  const Vector3 nanometres = length_in_voxels(parse_length("1000nm"), meta);
  EXPECT_DOUBLE_EQ(0.5, nanometres[0]);
  meta.unit.reset();
  EXPECT_THROW(length_in_voxels(parse_length("1um"), meta), Error);
}

}  // namespace
}  // namespace vox
