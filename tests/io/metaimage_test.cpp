#include "io/metaimage.h"

#include "io/metaimage_types.h"
#include "io/sidecar.h"
#include "support/format_case.h"

namespace vox {
namespace {

using test::swapped;
using test::text_of;
using test::Volume;

class MetaImage : public test::FormatCase {
 protected:
  void SetUp() override {
    FormatCase::SetUp();
    for (int i = 0; i < 24; ++i) voxels_ += static_cast<char>('a' + i);
  }

  /// A header of 2 x 3 x 4 bytes.
  static std::string header(const std::string& more = "", const std::string& data = "LOCAL") {
    return "ObjectType = Image\nNDims = 3\nUnknown = 7 = 8\nDimSize = 4 3 2\nElementType = MET_UCHAR\n" +
           more + "ElementDataFile = " + data + "\n";
  }

  VolumeMeta meta_with(const std::string& more) const {
    write_bytes("v.mha", header(more) + voxels_);
    return meta("v.mha");
  }

  std::string voxels_;
};

TEST_F(MetaImage, EveryTypeAndByteOrderIsRead) {
  for (const MetaImageType& type : kMetaImageTypes) {
    const Volume volume = test::random_volume({2, 3, 4}, type.dtype, 1);
    const std::string start =
        "NDims: 3\r\nDimSize = 4 3 2\r\nElementType = " + std::string(type.name) + "\r\n";
    const std::string voxels = text_of(volume.bytes);
    write_bytes("v.mha", start + "ElementDataFile = LOCAL\r\n" + voxels);
    EXPECT_EQ(volume.bytes, read("v.mha")) << type.name;
    EXPECT_TRUE(volume.meta == meta("v.mha")) << type.name;
    write_bytes("v.mha", start + "ElementByteOrderMSB = True\r\nElementDataFile = LOCAL\r\n" +
                             swapped(voxels, size_of(type.dtype)));
    EXPECT_EQ(volume.bytes, read("v.mha")) << type.name;
  }
}

TEST_F(MetaImage, ItsFormsComeBackWithAndWithoutTheSidecar) {
  for (const std::string name : {"v.mha", "v.mhd"}) {
    for (const std::string codec : {"none", "gzip"}) {
      Volume volume = test::random_volume({3, 40, 50}, DType::int16, 2);
      volume.meta.spacing = Vector3{0.1, 0.65, 0.3};
      volume.meta.unit = "micrometer";
      volume.meta.origin = Vector3{1, -2, 3};
      volume.meta.direction = {0, 0, 1, 0.6, 0.8, 0, 0.8, -0.6, 0};
      volume.meta.kind = Kind::labels;
      write(name, volume, codec);
      EXPECT_TRUE(volume.meta == meta(name)) << name;
      EXPECT_EQ(volume.bytes, read(name));
      std::filesystem::remove(sidecar_path(path(name)));
      volume.meta.kind = Kind::intensity;
      EXPECT_TRUE(volume.meta == meta(name)) << name;
    }
  }
  const auto stored = std::filesystem::file_size(path("v.zraw"));
  EXPECT_NE(std::string::npos, content("v.mhd").find("CompressedDataSize = " + std::to_string(stored) + " "));
}

TEST_F(MetaImage, TheVoxelsMayStandInAFileBesideTheHeader) {
  write_bytes("v.raw", "skip" + voxels_);
  for (const std::string size : {"4", "-1"}) {
    write_bytes("v.mhd", header("HeaderSize = " + size + "\n", "v.raw"));
    EXPECT_EQ(voxels_, text_of(read("v.mhd")));
  }
  write_bytes("v.mha", header("HeaderSize = -1\n") + "something" + voxels_);
  EXPECT_EQ(voxels_, text_of(read("v.mha")));
  for (const std::string name : {"../v.raw", "LIST", "v%03d.raw 1 3 1", "none.raw", "v.raw 1"}) {
    write_bytes("v.mhd", header("HeaderSize = 4\n", name));
    EXPECT_NE("", error_of("v.mhd")) << name;
  }
}

TEST_F(MetaImage, Geometry) {
  VolumeMeta meta = meta_with(
      "ElementSize = 1 2 3\nPosition = 7 8 9\nDistanceUnits = mm\n"
      "Orientation = 1 0 0 0 1 0 0 0 1\n");
  EXPECT_EQ((Vector3{3, 2, 1}), *meta.spacing);
  EXPECT_EQ((Vector3{9, 8, 7}), *meta.origin);
  EXPECT_EQ("millimeter", meta.unit);
  EXPECT_FALSE(meta.direction);
  // The first axis of the file points along Y.
  meta = meta_with("TransformMatrix = 0 1 0 1 0 0 0 0 1\n");
  EXPECT_EQ((std::array<double, 9>{1, 0, 0, 0, 0, 1, 0, 1, 0}), *meta.direction);
  EXPECT_FALSE(meta.spacing);
  EXPECT_FALSE(meta.origin);
  meta = meta_with("TransformMatrix = 0 0 0 1 0 0 0 0 1\nElementSpacing = 1 0 1\nOffset = 1 nan 2\n");
  EXPECT_FALSE(meta.direction);
  EXPECT_FALSE(meta.spacing);
  EXPECT_FALSE(meta.origin);
}

TEST_F(MetaImage, PlanesAndAxesOfLengthOne) {
  write_bytes("v.mha",
              "ObjectType = Image\nNDims = 2\nDimSize = 6 4\nElementType = MET_UCHAR\n"
              "ElementSpacing = 2 3\nElementDataFile = LOCAL\n" +
                  voxels_);
  EXPECT_EQ((Extent3{1, 4, 6}), meta("v.mha").shape);
  EXPECT_EQ((Vector3{1, 3, 2}), *meta("v.mha").spacing);
  write_bytes("v.mha",
              "ObjectType = Image\nNDims = 4\nDimSize = 4 3 2 1\nElementType = MET_UCHAR\n"
              "Offset = 1 2 3 4\nElementDataFile = LOCAL\n" +
                  voxels_);
  EXPECT_EQ((Extent3{2, 3, 4}), meta("v.mha").shape);
  EXPECT_EQ((Vector3{3, 2, 1}), *meta("v.mha").origin);
}

TEST_F(MetaImage, ItIsReadFromAPipe) {
  auto content = bytes_of(header() + voxels_);
  EXPECT_EQ(voxels_, text_of(voxels_of(*open_metaimage(piped(content), {}))));
  const Volume volume = test::random_volume({3, 4, 5}, DType::uint32, 3);
  write("v.mha", volume, "gzip");
  content = bytes_of(this->content("v.mha"));
  const auto source = open_metaimage(piped(content), {});
  EXPECT_EQ("zlib", source->info().compression);
  EXPECT_EQ(volume.bytes, voxels_of(*source));
}

TEST_F(MetaImage, WhatCannotBeReadIsRefusedWithAReason) {
  for (const auto& [more, reason] :
       {std::pair<std::string, std::string>{"BinaryData = False\n", "BinaryData"},
        {"ElementNumberOfChannels = 3\n", "ElementNumberOfChannels"},
        {"ElementType = MET_UCHAR_ARRAY\n", "ElementType"},
        {"HeaderSize = 7\n", "HeaderSize"},
        {"HeaderSize = -2\n", "HeaderSize"},
        {"HeaderSize = x\n", "HeaderSize"},
        {"HeaderSize = 9223372036854775807\n", "cut short"},
        {"CompressedData = True\nHeaderSize = 9223372036854775807\n", "cut short"},
        {"CompressedData = True\n", "damaged"},
        {"NDims = 4\n", "DimSize"},
        {"DimSize = 4 3 -2\n", "DimSize"},
        {"DimSize = 4294967296 4294967296 4294967296\n", "size"},
        {"ObjectType = Tube\n", "Tube"}}) {
    write_bytes("v.mha", header(more) + voxels_);
    EXPECT_NE(std::string::npos, error_of("v.mha").find(reason)) << more << error_of("v.mha");
  }
}

}  // namespace
}  // namespace vox
