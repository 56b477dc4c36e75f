#include "io/tiff_imagej.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "io/libtiff_file.h"
#include "io/tiff.h"

namespace vox {
namespace {

VolumeMeta applied(const std::string& description, const TiffResolution& resolution) {
  VolumeMeta meta;
  apply_imagej(parse_imagej(description).value(), resolution, meta);
  return meta;
}

TEST(ImageJ, OnlyItsOwnDescriptionsCount) {
  EXPECT_FALSE(parse_imagej(""));
  EXPECT_FALSE(parse_imagej("{\"shape\": [3, 4, 5]}"));
  EXPECT_TRUE(parse_imagej("ImageJ=1.53t\n"));
}

TEST(ImageJ, SpacingAndUnit) {
  const VolumeMeta meta =
      applied("ImageJ=1.53t\nimages=9\nslices=9\nunit=\\u00B5m\nspacing=2.5\n", {0.5, 0.25, 1});
  EXPECT_EQ((Vector3{2.5, 0.5, 0.25}), meta.spacing);
  EXPECT_EQ("micrometer", meta.unit);
}

TEST(ImageJ, SpellingsOfUnits) {
  for (const char* unit : {"um", "micron", "\\u00B5m", "\\u03bcm", "\xb5m", "\xc2\xb5m", "microns"}) {
    const VolumeMeta meta = applied(std::string("ImageJ=1\nimages=2\nunit=") + unit + "\n", {1, 1, 1});
    EXPECT_EQ("micrometer", meta.unit) << unit;
  }
  EXPECT_EQ("millimeter", applied("ImageJ=1\nimages=2\nunit=mm\n", {2, 2, 1}).unit);
}

TEST(ImageJ, PlaneDistanceThatIsNotThereIsOneInAStackAndUnknownElsewhere) {
  EXPECT_EQ((Vector3{1, 1, 1}), applied("ImageJ=1.53t\nimages=225\nunit=micrometer\n", {1, 1, 1}).spacing);
  EXPECT_FALSE(applied("ImageJ=1.53t\nunit=micrometer\n", {2, 2, 1}).spacing);
}

TEST(ImageJ, PixelsWithoutCalibrationHaveNoSpacing) {
  EXPECT_FALSE(applied("ImageJ=1\nimages=3\n", {0, 0, 2}).spacing);
  EXPECT_FALSE(applied("ImageJ=1\nimages=3\nunit=pixel\n", {1, 1, 1}).spacing);
  EXPECT_FALSE(applied("ImageJ=1\nimages=3\n", {1.0 / 72, 1.0 / 72, 2}).spacing);
}

TEST(ImageJ, WithoutAUnitOfItsOwnInchAndCentimetreAreTheTags) {
  const VolumeMeta meta = applied("ImageJ=1\nimages=3\nspacing=0.5\n", {0.01, 0.02, 3});
  EXPECT_EQ("centimeter", meta.unit);
  EXPECT_EQ((Vector3{0.5, 0.01, 0.02}), meta.spacing);
  EXPECT_EQ("inch", applied("ImageJ=1\nimages=3\n", {0.01, 0.02, 2}).unit);
}

TEST(ImageJ, OriginIsThePixelWhoseCoordinateIsZero) {
  const VolumeMeta meta =
      applied("ImageJ=1\nimages=3\nspacing=2\nunit=mm\nxorigin=10\nzorigin=-1.5\n", {0.5, 0.25, 1});
  EXPECT_EQ((Vector3{3, 0, -2.5}), meta.origin);
}

TEST(ImageJ, StraightLineCalibrationIsTheValueMap) {
  const ValueMap map{0.5, -1000};
  EXPECT_EQ(map, applied("ImageJ=1\ncf=0\nc0=-1000\nc1=0.5\nvunit=HU\n", {}).value_map);
  EXPECT_FALSE(applied("ImageJ=1\ncf=3\nc0=-1000\nc1=0.5\n", {}).value_map);
}

TEST(ImageJ, ResolutionsGiveTheSpacingBack) {
  for (double spacing : {1.0, 0.65, 2.0, 0.1, 1.0 / 3, 3.14159265358979, 1953.125e-3, 12345.678, 1e-4, 7e5}) {
    const TiffRational fraction = tiff_resolution(spacing);
    const double back = static_cast<double>(fraction.denominator) / static_cast<double>(fraction.numerator);
    EXPECT_NEAR(1, back / spacing, 1e-12) << spacing;
  }
  EXPECT_EQ(0.65, static_cast<double>(tiff_resolution(0.65).denominator) /
                      static_cast<double>(tiff_resolution(0.65).numerator));
  EXPECT_EQ(0u, tiff_resolution(1e-12).numerator);
  EXPECT_EQ(0u, tiff_resolution(1e12).numerator);
}

TEST(ImageJ, WhatWeDescribeWeUnderstand) {
  VolumeMeta meta;
  meta.shape = {4, 5, 6};
  meta.dtype = DType::uint16;
  meta.spacing = Vector3{2, 0.65, 0.5};
  meta.unit = "micrometer";
  meta.origin = Vector3{-4, 0, 1};
  meta.value_map = ValueMap{0.25, -7};
  meta.range = Range{3, 900};
  const std::string text = imagej_description(meta, false, true);
  EXPECT_EQ(
      "ImageJ=1.11a\nimages=4\nslices=4\nunit=um\nspacing=2\ncf=0\nc0=-7\nc1=0.25\nvunit=Gray "
      "Value\nloop=false\n"
      "min=3\nmax=900\nxorigin=-2\nzorigin=2\n",
      text);
  const VolumeMeta back = applied(text, {0.65, 0.5, 1});
  EXPECT_EQ(meta.spacing, back.spacing);
  EXPECT_EQ(meta.unit, back.unit);
  EXPECT_EQ(meta.origin, back.origin);
  EXPECT_EQ(meta.value_map, back.value_map);
  EXPECT_FALSE(back.range);  // the range on display need not be the voxels'
}

/// Pages that all hold their own number.
std::string write_numbered(const std::string& description, std::int64_t pages) {
  const std::string path = test_path("numbered.tif");
  LibtiffSpec spec{{pages, 2, 3}, DType::uint8};
  spec.description = description;
  std::vector<std::byte> voxels_of_all;
  for (std::int64_t z = 0; z < pages; ++z)
    voxels_of_all.insert(voxels_of_all.end(), 6, static_cast<std::byte>(z));
  write_libtiff(path, spec, voxels_of_all);
  return path;
}

std::vector<int> page_numbers(const std::string& path, const OpenOptions& options) {
  const auto source = open_tiff(path, options);
  std::vector<std::byte> all(static_cast<std::size_t>(source->meta().bytes()));
  source->read(whole(source->meta().shape), all.data());
  std::vector<int> numbers;
  for (std::size_t at = 0; at < all.size(); at += 6) numbers.push_back(std::to_integer<int>(all[at]));
  return numbers;
}

TEST(ImageJ, ChannelsAndTimePointsMustBeChosen) {
  const std::string path =
      write_numbered("ImageJ=1\nimages=24\nchannels=2\nslices=4\nframes=3\nhyperstack=true\n", 24);
  OpenOptions options;
  try {
    open_tiff(path, options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(ErrorKind::usage), static_cast<int>(error.kind()));
    EXPECT_NE(std::string::npos,
              std::string(error.what()).find("2 channels; choose one with --channel (0 to 1)"));
  }
  options.channel = 1;
  try {
    open_tiff(path, options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string::npos, std::string(error.what()).find("--time (0 to 2)"));
  }
  options.time = 2;
  EXPECT_EQ((std::vector<int>{17, 19, 21, 23}), page_numbers(path, options));
  options.channel = 2;
  EXPECT_THROW(open_tiff(path, options), Error);
}

TEST(ImageJ, ADescriptionThatThePagesContradictIsDamage) {
  const std::string path = write_numbered("ImageJ=1\nimages=24\nchannels=2\nslices=12\n", 7);
  OpenOptions options;
  options.channel = 0;
  EXPECT_THROW(open_tiff(path, options), Error);
}

TEST(ImageJ, OnePageWithAllPlanesBehindIt) {
  // As ImageJ writes beyond 4 GB: one directory, the planes one behind the other.
  const std::string path = test_path("one_directory.tif");
  LibtiffSpec spec{{1, 2, 3}, DType::uint8};
  spec.mode = "wb";
  spec.description = "ImageJ=1.53t\nimages=5\nslices=5\n";
  write_libtiff(path, spec, some_voxels(6, DType::uint8));
  std::vector<char> file = file_bytes(path);
  // The strip moves to the end of the file, and four more planes behind it.
  const auto end = static_cast<std::uint32_t>(file.size());
  const std::vector<char> offset = {static_cast<char>(end >> 24), static_cast<char>(end >> 16 & 0xff),
                                    static_cast<char>(end >> 8 & 0xff), static_cast<char>(end & 0xff)};
  for (std::size_t at = 8; at + 12 < file.size(); ++at) {
    const std::vector<char> strip_offsets = {1, 0x11, 0, 4, 0, 0, 0, 1};
    if (std::equal(strip_offsets.begin(), strip_offsets.end(),
                   file.begin() + static_cast<std::ptrdiff_t>(at)))
      std::copy(offset.begin(), offset.end(), file.begin() + static_cast<std::ptrdiff_t>(at) + 8);
  }
  for (char z = 0; z < 5; ++z) file.insert(file.end(), 6, z);
  write_file(path, file);
  EXPECT_EQ((std::vector<int>{0, 1, 2, 3, 4}), page_numbers(path, {}));
}

}  // namespace
}  // namespace vox
