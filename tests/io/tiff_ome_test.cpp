#include "io/tiff_ome.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "io/libtiff_file.h"
#include "io/tiff.h"

namespace vox {
namespace {

std::string ome(const std::string& attributes) {
  return R"(<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">)"
         R"(<Image ID="Image:0" Name="PixelsSizeC=9"><Pixels ID="Pixels:0" )" +
         attributes + R"(><Channel ID="Channel:0:0"/></Pixels></Image></OME>)";
}

TEST(Ome, OtherDescriptionsAreNotIts) {
  EXPECT_FALSE(parse_ome(""));
  EXPECT_FALSE(parse_ome("ImageJ=1.53t\n"));
  EXPECT_FALSE(parse_ome("<OME><Image/></OME>"));
  EXPECT_TRUE(parse_ome(ome("SizeC='1'")));
}

TEST(Ome, SizesAndOrder) {
  const auto facts = parse_ome(ome(R"(DimensionOrder="XYZTC" SizeZ="4" SizeT="3" SizeC="2")")).value();
  EXPECT_EQ(2, facts.channels);
  EXPECT_EQ(3, facts.frames);
  EXPECT_EQ("ZTC", facts.page_order);
  EXPECT_EQ(1, parse_ome(ome(R"(SizeC="-2")"))->channels);
}

TEST(Ome, SpacingNeedsAllAxesAndIsInTheUnitOfX) {
  const auto micro = parse_ome(ome(R"(PhysicalSizeX="0.5" PhysicalSizeY="0.65" PhysicalSizeZ="2")")).value();
  EXPECT_EQ((Vector3{2, 0.65, 0.5}), micro.spacing);
  EXPECT_EQ("micrometer", micro.unit);
  EXPECT_FALSE(parse_ome(ome(R"(PhysicalSizeX="0.5" PhysicalSizeY="0.65")"))->spacing);
  const auto mixed =
      parse_ome(ome("PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"\xc2\xb5m\" PhysicalSizeY=\"0.5\" "
                    "PhysicalSizeZ=\"1500\" PhysicalSizeZUnit=\"nm\""))
          .value();
  EXPECT_NEAR(1.5, (*mixed.spacing)[0], 1e-12);
  EXPECT_EQ("micrometer", mixed.unit);
  EXPECT_EQ(
      "",
      parse_ome(
          ome(R"(PhysicalSizeX="1" PhysicalSizeXUnit="pixel" PhysicalSizeY="1" PhysicalSizeYUnit="pixel" PhysicalSizeZ="1" PhysicalSizeZUnit="pixel")"))
          ->unit);
}

TEST(Ome, ChannelsAndTimePointsAreChosenInItsOrder) {
  const std::string path = test_path("planes.ome.tif");
  LibtiffSpec spec{{24, 2, 3}, DType::uint8};
  spec.description = ome(R"(DimensionOrder="XYZCT" SizeX="3" SizeY="2" SizeZ="4" SizeC="2" SizeT="3")");
  std::vector<std::byte> all;
  for (std::int64_t z = 0; z < 24; ++z) all.insert(all.end(), 6, static_cast<std::byte>(z));
  write_libtiff(path, spec, all);
  EXPECT_THROW(open_tiff(path, {}), Error);
  OpenOptions options;
  options.channel = 1;
  options.time = 2;
  const auto source = open_tiff(path, options);
  std::vector<std::byte> got(static_cast<std::size_t>(source->meta().bytes()));
  source->read(whole(source->meta().shape), got.data());
  // Page = z + 4 (channel + 2 time).
  EXPECT_TRUE((std::vector<std::byte>(all.begin() + 20 * 6, all.end())) == got);
}

}  // namespace
}  // namespace vox
