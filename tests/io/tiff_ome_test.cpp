#include "io/tiff_ome.h"

#include <gtest/gtest.h>

#include <array>

#include "core/error.h"
#include "io/libtiff_file.h"
#include "io/sidecar.h"
#include "io/tiff.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

std::string ome(const std::string& attributes, const std::string& children = "",
                const std::string& root = "") {
  return R"(<?xml version="1.0" encoding="UTF-8"?><!-- a comment --><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06")" +
         root + R"(><Image ID="Image:0" Name="PixelsSizeC=9"><Pixels ID="Pixels:0" )" + attributes +
         R"(><Channel ID="Channel:0:0"/>)" + children + "</Pixels></Image></OME>";
}

OmeContext context(std::int64_t directories = 1, std::int64_t samples = 1) {
  return {"/data/planes.ome.tif", samples, directories};
}

std::optional<OmeFacts> parsed(const std::string& xml) { return parse_ome(xml, context()); }

std::string error_of(const std::string& xml, ErrorKind kind, std::int64_t directories = 1) {
  try {
    const auto facts = parse_ome(xml, context(directories));
    ome_directories(facts.value(), context(directories), 0, 0);
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(kind), static_cast<int>(error.kind())) << error.what();
    EXPECT_EQ(0u, std::string(error.what()).find("/data/planes.ome.tif: ")) << error.what();
    return error.what();
  }
  return "no error";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Ome, OtherDescriptionsAreNotIts) {
  EXPECT_FALSE(parsed(""));
  EXPECT_FALSE(parsed("ImageJ=1.53t\n"));
  EXPECT_FALSE(parsed("<TiffSpec/>"));
  EXPECT_FALSE(parsed("<OME><Image/></OME>"));
  EXPECT_TRUE(parsed(ome("SizeC='1'")));
  EXPECT_TRUE(parsed("<ome:OME xmlns:ome='x'><ome:Image><ome:Pixels SizeC='2'/></ome:Image></ome:OME>"));
}

TEST(Ome, SizesAndOrder) {
  const auto facts = parsed(ome(R"(DimensionOrder="XYZTC" SizeZ="4" SizeT="3" SizeC="2")")).value();
  EXPECT_EQ(2, facts.channels);
  EXPECT_EQ(3, facts.frames);
  EXPECT_EQ(4, facts.slices);
  EXPECT_EQ("ZTC", facts.page_order);
  EXPECT_TRUE(has(error_of(ome(R"(SizeC="-2")"), ErrorKind::damaged), "SizeC is \"-2\""));
  EXPECT_TRUE(has(error_of(ome(R"(SizeZ="0")"), ErrorKind::damaged), "SizeZ is 0"));
  EXPECT_TRUE(has(error_of(ome(R"(DimensionOrder="XYZ&#10;T")"), ErrorKind::damaged), "\"XYZ\\nT\""));
  EXPECT_TRUE(
      has(error_of(ome("SizeZ='9000000000' SizeC='9000000000' SizeT='9'"), ErrorKind::damaged), "OME"));
}

TEST(Ome, SpacingNeedsAllAxesAndIsInTheUnitOfX) {
  const auto micro = parsed(ome(R"(PhysicalSizeX="0.5" PhysicalSizeY="0.65" PhysicalSizeZ="2")")).value();
  EXPECT_EQ((Vector3{2, 0.65, 0.5}), micro.spacing);
  EXPECT_EQ("micrometer", micro.unit);
  EXPECT_FALSE(parsed(ome(R"(PhysicalSizeX="0.5" PhysicalSizeY="0.65")"))->spacing);
  const auto mixed = parsed(ome("PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"\xc2\xb5m\" PhysicalSizeY=\"0.5\" "
                                "PhysicalSizeZ=\"1500\" PhysicalSizeZUnit=\"nm\""))
                         .value();
  EXPECT_NEAR(1.5, (*mixed.spacing)[0], 1e-12);
  EXPECT_EQ("micrometer", mixed.unit);
}

std::string sizes_in(const std::string& unit) {
  std::string text;
  for (const char* axis : {"X", "Y", "Z"})
    text += std::string(" PhysicalSize") + axis + "='2' PhysicalSize" + axis + "Unit='" + unit + "'";
  return text;
}

TEST(Ome, SpellingsOfUnits) {
  for (const char* unit : {"\xc2\xb5m", "\xce\xbcm", "&#181;m", "&#xB5;m", "um", "\\u00B5m", "micron"})
    EXPECT_EQ("micrometer", parsed(ome(sizes_in(unit)))->unit) << unit;
  EXPECT_EQ("angstrom", parsed(ome(sizes_in("\xc3\x85")))->unit);
  for (const char* unit : {"pixel", "reference frame", ""}) {
    EXPECT_EQ("", parsed(ome(sizes_in(unit)))->unit) << unit;
    EXPECT_EQ((Vector3{2, 2, 2}), parsed(ome(sizes_in(unit)))->spacing) << unit;
  }
}

TEST(Ome, SizesThatAreNoneAreNotKnown) {
  for (const char* size : {"0", "-1", "inf", "NaN", "1e999", "", "wide"})
    EXPECT_FALSE(
        parsed(ome(std::string("PhysicalSizeX='1' PhysicalSizeY='1' PhysicalSizeZ='") + size + "'"))->spacing)
        << size;
}

TEST(Ome, OriginIsThePositionOfTheFirstPlane) {
  const auto position = [](const std::string& unit) {
    std::string plane = "<Plane TheZ='0' TheC='0' TheT='0'";
    for (const char* axis : {"X", "Y", "Z"})
      plane += std::string(" Position") + axis + "='-1.5' Position" + axis + "Unit='" + unit + "'";
    return parsed(ome(sizes_in("nm"),
                      "<TiffData/><Plane TheZ='1' TheC='0' TheT='0' PositionX='7'/>" + plane + "/>"))
        ->origin;
  };
  EXPECT_EQ((Vector3{-1.5, -1.5, -1.5}), position("nm"));
  EXPECT_NEAR(-1500, (*position("\xc2\xb5m"))[1], 1e-9);
  EXPECT_FALSE(position("reference frame"));
}

/// The directories of a file of 24, for channel 1 and time point 2 of 2 x 3, 4 planes.
std::vector<std::int64_t> places(const std::string& order, const std::string& children) {
  const std::string xml =
      ome("DimensionOrder='XY" + order + "' SizeX='3' SizeY='2' SizeZ='4' SizeC='2' SizeT='3'", children);
  return ome_directories(parse_ome(xml, context(24)).value(), context(24), 1, 2);
}

TEST(Ome, EveryOrderOfDimensions) {
  for (const std::string order : {"ZCT", "ZTC", "CZT", "CTZ", "TZC", "TCZ"}) {
    std::vector<std::int64_t> expected;
    for (std::int64_t z = 0; z < 4; ++z) {
      std::int64_t page = 0;
      std::int64_t step = 1;
      for (const char dimension : order) {
        page += step * (dimension == 'Z' ? z : dimension == 'C' ? 1 : 2);
        step *= dimension == 'Z' ? 4 : dimension == 'C' ? 2 : 3;
      }
      expected.push_back(page);
    }
    for (const char* children :
         {"", "<TiffData/>", "<TiffData IFD='0' PlaneCount='24'/>", "<TiffData PlaneCount='0'/>"})
      EXPECT_EQ(expected, places(order, children)) << order << children;
  }
}

TEST(Ome, PlanesStandWhereTheirEntriesSay) {
  std::string backwards;
  for (int z = 3; z >= 0; --z)
    backwards += "<TiffData FirstZ='" + std::to_string(z) + "' FirstC='1' FirstT='2' IFD='" +
                 std::to_string(3 - z) + "'/>";
  EXPECT_EQ((std::vector<std::int64_t>{3, 2, 1, 0}), places("ZCT", backwards));
  EXPECT_EQ((std::vector<std::int64_t>{9, 10, 11, 12}),
            places("ZCT", "<TiffData FirstC='1' FirstT='2' IFD='9' PlaneCount='4'/>"));
  EXPECT_EQ((std::vector<std::int64_t>{7, 8, 5, 6}),
            places("ZTC",
                   "<TiffData FirstC='1' FirstT='2' IFD='7' NumPlanes='2'/>"
                   "<TiffData FirstC='1' FirstT='2' FirstZ='2' IFD='5' PlaneCount='2'/>"
                   "<TiffData FirstC='9' IFD='1' PlaneCount='2'/>"));
}

TEST(Ome, PlanesThatAreNowhereAreDamage) {
  EXPECT_TRUE(has(error_of(ome("SizeZ='4'"), ErrorKind::damaged, 3), "4 planes, and there are 3 pages"));
  EXPECT_TRUE(has(error_of(ome("SizeZ='2'", "<TiffData FirstZ='1' IFD='0'/>"), ErrorKind::damaged, 5),
                  "plane 0 of channel 0, time point 0"));
  EXPECT_TRUE(has(error_of(ome("SizeZ='2'", "<TiffData IFD='4' PlaneCount='2'/>"), ErrorKind::damaged, 5),
                  "plane 1 of channel 0"));
  EXPECT_TRUE(has(error_of(ome("SizeZ='2'", "<TiffData IFD='99999999999999999999'/>"), ErrorKind::damaged, 5),
                  "IFD is"));
}

std::string in_file(const std::string& name, const std::string& id, int z) {
  return "<TiffData FirstZ='" + std::to_string(z) + "' IFD='" + std::to_string(z) + "'><UUID FileName='" +
         name + "'>" + id + "</UUID></TiffData>";
}

TEST(Ome, PlanesOfOtherFilesAreNamed) {
  const std::string root = " UUID='urn:uuid:1'";
  const std::string here = in_file("planes.ome.tif", "urn:uuid:1", 0);
  EXPECT_TRUE(
      has(error_of(ome("SizeZ='2'", here + in_file("b\n.tif", "urn:uuid:2", 1), root), ErrorKind::usage, 2),
          "in another file, \"b\\n.tif\""));
  // The same identifier under the old name, and the same name without an identifier, are this file.
  EXPECT_EQ("no error", error_of(ome("SizeZ='2'", here + in_file("old.tif", "urn:uuid:1", 1), root),
                                 ErrorKind::usage, 2));
  EXPECT_EQ("no error",
            error_of(ome("SizeZ='2'", here + in_file("planes.ome.tif", "", 1)), ErrorKind::usage, 2));
  // Another channel's file does not matter.
  EXPECT_EQ(
      "no error",
      error_of(ome("SizeC='2'", here + "<TiffData FirstC='1'><UUID FileName='c.tif'>u</UUID></TiffData>"),
               ErrorKind::usage, 1));
  EXPECT_TRUE(
      has(error_of("<OME><BinaryOnly MetadataFile='a.ome.xml'/></OME>", ErrorKind::usage), "a.ome.xml"));
  EXPECT_TRUE(has(error_of("<OME><Image><Pixels/></Image><Image><Pixels/></Image></OME>", ErrorKind::usage),
                  "holds 2 images"));
}

TEST(Ome, EntriesWithoutEndAreRefused) {
  std::string many;
  for (int i = 0; i < 70000; ++i) many += "<TiffData/>";
  EXPECT_TRUE(has(error_of(ome("SizeZ='1000'", many), ErrorKind::damaged, 1000), "again and again"));
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

TEST(Ome, ColoursOfPixelsAreChannels) {
  const std::string path = test_path("colours.ome.tif");
  LibtiffSpec spec{{4, 2, 3}, DType::uint8};
  spec.samples = 3;
  spec.photometric = PHOTOMETRIC_RGB;
  spec.description = ome("DimensionOrder='XYCZT' SizeX='3' SizeY='2' SizeZ='2' SizeC='6' SizeT='1'");
  std::vector<std::byte> all;
  for (std::int64_t page = 0; page < 4; ++page)
    for (int pixel = 0; pixel < 6; ++pixel)
      for (int sample = 0; sample < 3; ++sample) all.push_back(static_cast<std::byte>(10 * page + sample));
  write_libtiff(path, spec, all);
  OpenOptions options;
  options.channel = 5;
  const auto source = open_tiff(path, options);
  std::vector<std::byte> got(12);
  source->read(whole(source->meta().shape), got.data());
  EXPECT_EQ(std::byte{12}, got.front());  // pages 1 and 3, the last sample
  EXPECT_EQ(std::byte{32}, got.back());
}

TEST(Ome, PagesOfAnotherSizeThanDescribedAreRefused) {
  const std::string path = test_path("cropped.ome.tif");
  LibtiffSpec spec{{1, 2, 3}, DType::uint8};
  spec.description = ome("SizeX='30' SizeY='2'");
  write_libtiff(path, spec, some_voxels(6, spec.dtype));
  EXPECT_THROW(open_tiff(path, {}), Error);
}

class OmeWriting : public testing::Test {
 protected:
  /// Writes a volume, forgets its sidecar and reads the meta back.
  VolumeMeta back(const test::Volume& volume, const CreateOptions& options = {}) const {
    const auto sink = create_ome_tiff(path_, volume.meta, with_force(options));
    std::vector<std::byte> bytes = volume.bytes;
    put_all(*sink, bytes);
    sink->finish();
    std::filesystem::remove(sidecar_path(path_));
    const auto source = open_tiff(path_, {});
    std::vector<std::byte> got(volume.bytes.size());
    source->read(whole(source->meta().shape), got.data());
    EXPECT_EQ(volume.bytes, got);
    return source->meta();
  }

  static CreateOptions with_force(CreateOptions options) {
    options.force = true;
    return options;
  }

  static void put_all(SlabSink& sink, std::vector<std::byte>& bytes) {
    const Box3 all = whole(sink.meta().shape);
    if (!sink.encodes()) return sink.put(all, bytes);
    Encoded encoded;
    sink.encode(all, bytes, encoded);
    sink.put_encoded(all, encoded);
  }

  std::string path_ = test_path("ours.ome.tif");
};

TEST_F(OmeWriting, EveryTypeThatOmeHasComesBackWithAllOfItsMeta) {
  for (const DType dtype : kAllDTypes) {
    test::Volume volume = test::random_volume({3, 4, 5}, dtype, 1);
    volume.meta.spacing = Vector3{2, 0.65, 0.1};
    volume.meta.unit = "micrometer";
    volume.meta.origin = Vector3{-1, 0.25, 1e-3};
    volume.meta.direction = std::array<double, 9>{1, 0, 0, 0, -1, 0, 0, 0, -1};
    volume.meta.kind = Kind::mask;
    volume.meta.value_map = ValueMap{0.25, -3};
    volume.meta.history = {{"vclip", "0.1.0", {"-r", "1,2", "<a&b>.tif", "\"c\"\n\xc2\xb5"}, {}}};
    volume.meta.extra["operator"] = "\"me\"";
    if (size_of(dtype) == 8 && !is_float(dtype)) {
      EXPECT_THROW(create_ome_tiff(path_, volume.meta, {}), Error);
      continue;
    }
    if (dtype == DType::float16) {
      EXPECT_THROW(create_ome_tiff(path_, volume.meta, {}), Error);
      continue;
    }
    EXPECT_TRUE(volume.meta == back(volume)) << dtype_name(dtype);
    CreateOptions options;
    options.compression = Compression{"zstd", 3};
    EXPECT_TRUE(volume.meta == back(volume, options)) << dtype_name(dtype);
  }
}

TEST_F(OmeWriting, UnitsAndTheirAbsence) {
  for (const char* unit : {"angstrom", "picometer", "nanometer", "micrometer", "millimeter", "centimeter",
                           "meter", "inch", "kilometer", "furlong"}) {
    test::Volume volume({2, 2, 2}, DType::uint8);
    volume.meta.spacing = Vector3{1, 2, 3};
    volume.meta.unit = unit;
    volume.meta.origin = Vector3{4, 5, 6};
    EXPECT_TRUE(volume.meta == back(volume)) << unit;
  }
  test::Volume volume({2, 2, 2}, DType::uint8);
  EXPECT_TRUE(volume.meta == back(volume));
  volume.meta.spacing = Vector3{1, 2, 3};
  EXPECT_TRUE(volume.meta == back(volume));
}

TEST_F(OmeWriting, TheRangeIsOnlyKnownFromTheSidecar) {
  test::Volume volume({2, 2, 2}, DType::uint8);
  volume.meta.range = Range{0, 9};
  EXPECT_FALSE(back(volume).range);
}

TEST_F(OmeWriting, WhatAnotherProgramChangedWins) {
  VolumeMeta meta;
  meta.shape = {1, 1, 1};
  meta.spacing = Vector3{1, 2, 3};
  meta.unit = "micrometer";
  meta.history = {{"vclip", "0.1.0", {}, {}}};
  std::string xml = ome_description(meta, "volume.ome.tif");
  xml.replace(xml.find("PhysicalSizeX=\"3\""), 17, "PhysicalSizeX=\"4\"");
  VolumeMeta changed;
  changed.shape = meta.shape;
  apply_ome(parse_ome(xml, context()).value(), "a.tif", changed);
  EXPECT_EQ((Vector3{1, 2, 4}), changed.spacing);
  EXPECT_EQ(meta.history, changed.history);
  VolumeMeta cropped_by_others;
  cropped_by_others.shape = {1, 1, 2};
  apply_ome(parse_ome(xml, context()).value(), "a.tif", cropped_by_others);
  EXPECT_EQ((Vector3{1, 2, 4}), cropped_by_others.spacing);
}

}  // namespace
}  // namespace vox
