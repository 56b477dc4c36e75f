#include "io/nrrd.h"

#include "io/sidecar.h"
#include "support/format_case.h"

namespace vox {
namespace {

using test::swapped;
using test::text_of;
using test::Volume;

/// A header of 2 x 3 x 4 bytes without its last, empty line.
std::string header(const std::string& more = "encoding: raw\n") {
  return "NRRD0004\n# a comment: with a colon\ntype: unsigned char\ndimension: 3\nsizes: 4 3 2\n" + more;
}

class Nrrd : public test::FormatCase {
 protected:
  void SetUp() override {
    FormatCase::SetUp();
    for (int i = 0; i < 24; ++i) voxels_ += static_cast<char>('a' + i);
  }

  /// The meta of a volume of those 24 bytes with more fields.
  VolumeMeta meta_with(const std::string& fields) const {
    write_bytes("v.nrrd", header("encoding: raw\n" + fields) + "\n" + voxels_);
    return meta("v.nrrd");
  }

  std::string voxels_;
};

TEST_F(Nrrd, EveryTypeAndByteOrderIsRead) {
  for (const auto& [name, dtype] : {std::pair<std::string, DType>{"signed char", DType::int8},
                                    {"uchar", DType::uint8},
                                    {"short", DType::int16},
                                    {"uint16_t", DType::uint16},
                                    {"int", DType::int32},
                                    {"unsigned int", DType::uint32},
                                    {"long long int", DType::int64},
                                    {"ulonglong", DType::uint64},
                                    {"float", DType::float32},
                                    {"double", DType::float64}}) {
    const Volume volume = test::random_volume({2, 3, 4}, dtype, 1);
    const std::string start =
        "NRRD0001\r\ntype: " + name + "\r\ndimension: 3\r\nsizes: 4 3 2\r\nencoding: raw\r\n";
    const std::string voxels = text_of(volume.bytes);
    write_bytes("v.nrrd", start + "endian: little\r\n\r\n" + voxels);
    EXPECT_EQ(volume.bytes, read("v.nrrd")) << name;
    EXPECT_TRUE(volume.meta == meta("v.nrrd")) << name;
    write_bytes("v.nrrd", start + "endian: big\r\n\r\n" + swapped(voxels, size_of(dtype)));
    EXPECT_EQ(volume.bytes, read("v.nrrd")) << name;
    if (size_of(dtype) == 1) continue;
    write_bytes("v.nrrd", start + "\r\n" + voxels);
    EXPECT_NE(std::string::npos, error_of("v.nrrd").find("endian")) << name;
  }
}

TEST_F(Nrrd, AllThatWeKnowComesBackWithoutASidecar) {
  for (const std::string name : {"v.nrrd", "v.nhdr"}) {
    for (const std::string codec : {"none", "gzip"}) {
      Volume volume = test::random_volume({3, 40, 50}, DType::int16, 2);
      volume.meta.spacing = Vector3{0.1, 0.65, 0.3};
      volume.meta.unit = "nanometer";
      volume.meta.origin = Vector3{1, -2, 3};
      volume.meta.direction = {0, 0, 1, 0.6, 0.8, 0, 0.8, -0.6, 0};
      volume.meta.kind = Kind::labels;
      volume.meta.range = Range{-5, 7};
      volume.meta.value_map = ValueMap{2, 1};
      volume.meta.history = {{"vclip", "1", {"-r", "a\nb\\n:=\"c\""}, {}}};
      write(name, volume, codec);
      EXPECT_FALSE(std::filesystem::exists(sidecar_path(path(name))));
      EXPECT_TRUE(volume.meta == meta(name)) << name << codec;
      EXPECT_EQ(volume.bytes, read(name));
    }
  }
  EXPECT_NE(std::string::npos, content("v.nhdr").find("data file: v.raw.gz\n"));
}

TEST_F(Nrrd, AfterAnotherProgramItsGeometryCountsAndTheRangeIsUnknown) {
  Volume volume({2, 3, 4}, DType::uint8);
  volume.meta.spacing = Vector3{1, 2, 3};
  volume.meta.range = Range{0, 0};
  volume.meta.kind = Kind::mask;
  write("v.nrrd", volume);
  std::string text = content("v.nrrd");
  text.replace(text.find("spacings: 3"), 11, "spacings: 5");
  write_bytes("v.nrrd", text);
  const VolumeMeta changed = meta("v.nrrd");
  EXPECT_EQ((Vector3{1, 2, 5}), *changed.spacing);
  EXPECT_EQ(Kind::mask, changed.kind);
  EXPECT_FALSE(changed.range);
}

TEST_F(Nrrd, ADetachedHeaderNamesAFileBesideIt) {
  write_bytes("v.raw", "skip\n" + voxels_);
  write_bytes("v.nhdr", header("encoding: raw\nline skip: 1\ndata file: ./v.raw\n"));
  EXPECT_EQ(voxels_, text_of(read("v.nhdr")));
  write_bytes("v.nhdr", header("encoding: raw\nbyte skip: 5\ndatafile: v.raw\n"));
  EXPECT_EQ(voxels_, text_of(read("v.nhdr")));
  write_bytes("v.nhdr", header("encoding: raw\nbyteskip: -1\ndata file: v.raw\n"));
  EXPECT_EQ(voxels_, text_of(read("v.nhdr")));
  write_bytes("v.raw", "skip\n" + voxels_ + "end");
  write_bytes("v.nhdr", header("encoding: raw\nbyte skip: -4\ndata file: v.raw\n"));
  EXPECT_EQ(voxels_, text_of(read("v.nhdr")));
  write_bytes("v.nhdr", header("encoding: raw\ndata file: v.raw\n"));
  EXPECT_NE(std::string::npos, error_of("v.nhdr").find("correct its header"));
}

TEST_F(Nrrd, TheDataFileCannotLeadElsewhere) {
  namespace fs = std::filesystem;
  fs::create_directories(folder_ / "in");
  write_bytes("out.raw", voxels_);
  fs::create_symlink(path("out.raw"), folder_ / "in" / "link.raw");
  for (const std::string& name :
       {std::string("../out.raw"), path("out.raw"), std::string(".."), std::string("link.raw"),
        std::string("none.raw"), std::string("LIST"), std::string("v%02d.raw 1 2 1")}) {
    write_bytes("in/v.nhdr", header("encoding: raw\ndata file: " + name + "\n"));
    EXPECT_NE("", error_of("in/v.nhdr")) << name;
  }
  auto content = bytes_of(header("encoding: raw\ndata file: out.raw\n"));
  EXPECT_THROW(open_nrrd(piped(content), {}), Error);
}

TEST_F(Nrrd, RawAndGzipAreReadFromAPipe) {
  auto content = bytes_of(header() + "\n" + voxels_);
  EXPECT_EQ(voxels_, text_of(voxels_of(*open_nrrd(piped(content), {}))));
  Volume volume = test::random_volume({3, 4, 5}, DType::uint32, 3);
  write("v.nrrd", volume, "gzip");
  content = bytes_of(this->content("v.nrrd"));
  const auto source = open_nrrd(piped(content), {});
  EXPECT_EQ("gzip", source->info().compression);
  EXPECT_EQ(volume.bytes, voxels_of(*source));
  content = bytes_of(header("encoding: raw\nbyte skip: -1\n") + "\n" + voxels_);
  EXPECT_THROW(open_nrrd(piped(content), {}), Error);
}

TEST_F(Nrrd, SpacingUnitAndOrigin) {
  VolumeMeta meta = meta_with("spacings: 0.5 1 2\nunits: \"um\" \"\u00b5m\" \"nm\"\n");
  EXPECT_EQ("micrometer", meta.unit);
  EXPECT_NEAR(0.002, (*meta.spacing)[0], 1e-15);
  EXPECT_EQ(0.5, (*meta.spacing)[2]);
  meta = meta_with("spacings: 0.5 nan 2\n");
  EXPECT_FALSE(meta.spacing);
  meta = meta_with("spacings: 0.5 -1 2\n");
  EXPECT_FALSE(meta.spacing);
  meta = meta_with(
      "space: LPS\nspace directions: (0.5,0,0) (0,1,0) (0,0,2)\nspace origin: (1, 2, 3)\n"
      "space units: \"mm\" \"mm\" \"mm\"\n");
  EXPECT_EQ((Vector3{2, 1, 0.5}), *meta.spacing);
  EXPECT_EQ((Vector3{3, 2, 1}), *meta.origin);
  EXPECT_EQ("millimeter", meta.unit);
  EXPECT_FALSE(meta.direction);
  meta = meta_with(
      "space: right-anterior-superior\nspace directions: (0.5,0,0) (0,1,0) (0,0,2)\n"
      "space origin: (1,2,3)\n");
  EXPECT_EQ((Vector3{3, -2, -1}), *meta.origin);
  EXPECT_EQ((std::array<double, 9>{1, 0, 0, 0, -1, 0, 0, 0, -1}), *meta.direction);
  meta = meta_with("space: LPS\nspace directions: (0,0,0) (0,1,0) (0,0,2)\nspace origin: (nan,2,3)\n");
  EXPECT_FALSE(meta.spacing);
  EXPECT_FALSE(meta.origin);
}

TEST_F(Nrrd, APlaneAndAxesOfLengthOne) {
  write_bytes("v.nrrd",
              "NRRD0004\ntype: uchar\ndimension: 2\nsizes: 6 4\nspace: LPS\nencoding: raw\n"
              "space directions: (0,0,0.5) (0,2,0)\n\n" +
                  voxels_);
  EXPECT_EQ((Extent3{1, 4, 6}), meta("v.nrrd").shape);
  EXPECT_EQ((Vector3{1, 2, 0.5}), *meta("v.nrrd").spacing);
  write_bytes("v.nrrd",
              "NRRD0004\ntype: uchar\ndimension: 4\nsizes: 1 4 3 2\nkinds: vector domain domain domain\n"
              "space: RAS\nencoding: raw\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\n\n" +
                  voxels_);
  EXPECT_EQ((Extent3{2, 3, 4}), meta("v.nrrd").shape);
  EXPECT_EQ((Vector3{1, 1, 1}), *meta("v.nrrd").spacing);
  write_bytes("v.nrrd", "NRRD0004\ntype: uchar\ndimension: 4\nsizes: 4 3 2 1\nencoding: raw\n\n" + voxels_);
  EXPECT_EQ((Extent3{2, 3, 4}), meta("v.nrrd").shape);
  write_bytes("v.nrrd", "NRRD0004\ntype: uchar\ndimension: 4\nsizes: 2 2 3 2\nencoding: raw\n\n" + voxels_);
  EXPECT_NE(std::string::npos, error_of("v.nrrd").find("axis 3"));
  write_bytes("v.nrrd",
              "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 3 4 2\nkinds: RGB-color space space\n"
              "encoding: raw\n\n" +
                  voxels_);
  EXPECT_NE(std::string::npos, error_of("v.nrrd").find("axis 0 (kind \"rgb-color\")"));
}

TEST_F(Nrrd, WhatCannotBeReadIsRefusedWithAReason) {
  for (const auto& [fields, reason] :
       {std::pair<std::string, std::string>{"encoding: bzip2\n", "encoding"},
        {"encoding: ascii\n", "unu save"},
        {"", "encoding"},
        {"encoding: raw\nbyte skip: 9223372036854775807\n", "byte skip"},
        {"encoding: raw\nbyte skip: 4611686018427387904\n", "cut short"},
        {"encoding: raw\nbyte skip: -4611686018427387904\n", "cut short"},
        {"encoding: gzip\nbyte skip: -1\n", "byte skip"},
        {"encoding: raw\nline skip: 9\n", "cut short"},
        {"encoding: raw\nline skip: -1\n", "line skip"},
        {"encoding: raw\nnonsense\n", "line 7"},
        {"encoding: raw\nendian: middle\n", "endian"},
        {"encoding: raw\ntype: block\n", "type"},
        {"encoding: raw\nsizes: 4 3 0\n", "sizes"},
        {"encoding: raw\nsizes: 4 3\n", "dimension"},
        {"encoding: raw\nsizes: 4294967296 4294967296 4294967296\n", "size"}}) {
    write_bytes("v.nrrd", header(fields) + "\n" + voxels_);
    EXPECT_NE(std::string::npos, error_of("v.nrrd").find(reason)) << fields << error_of("v.nrrd");
  }
  write_bytes("v.nrrd", header() + "k:=" + std::string(3 << 20, 'x'));
  EXPECT_NE(std::string::npos, error_of("v.nrrd").find("no end"));
  Volume half({1, 2, 3}, DType::float16);
  EXPECT_THROW(write("v.nrrd", half), Error);
  EXPECT_THROW(write("v.nrrd", Volume({1, 2, 3}), "zstd"), Error);
}

}  // namespace
}  // namespace vox
