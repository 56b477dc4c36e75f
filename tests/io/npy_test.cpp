#include "io/npy.h"

#include "io/npy_header.h"
#include "support/format_case.h"

namespace vox {
namespace {

using test::swapped;
using test::text_of;
using test::Volume;

class Npy : public test::FormatCase {
 protected:
  /// A file as NumPy would write it.
  static std::string file(const std::string& descr, bool fortran, const std::string& shape,
                          const std::string& voxels, int version = 1) {
    const std::string text = "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
                             ", 'shape': " + shape + ", }\n";
    return with_header(text, voxels, version);
  }

  static std::string with_header(const std::string& text, const std::string& voxels, int version = 1) {
    std::string start = "\x93NUMPY";
    start += static_cast<char>(version);
    start += '\0';
    for (int i = 0; i < (version == 1 ? 2 : 4); ++i) start += static_cast<char>(text.size() >> 8 * i & 0xff);
    return start + text + voxels;
  }

  /// The voxels in Fortran order.
  static std::string fortran_order(const Volume& volume) {
    const Extent3 n = volume.meta.shape;
    const auto element = static_cast<std::size_t>(size_of(volume.meta.dtype));
    const std::string all = text_of(volume.bytes);
    std::string turned;
    for (std::int64_t x = 0; x < n.x; ++x)
      for (std::int64_t y = 0; y < n.y; ++y)
        for (std::int64_t z = 0; z < n.z; ++z)
          turned += all.substr(static_cast<std::size_t>((z * n.y + y) * n.x + x) * element, element);
    return turned;
  }
};

TEST_F(Npy, EveryTypeAndByteOrderAndVersionIsRead) {
  for (const DType dtype : kAllDTypes) {
    const Volume volume = test::random_volume({3, 4, 5}, dtype, 1);
    const std::int64_t size = size_of(dtype);
    const std::string type = (is_float(dtype) ? "f" : is_signed(dtype) ? "i" : "u") + std::to_string(size);
    const std::string voxels = text_of(volume.bytes);
    for (int version = 1; version <= 3; ++version) {
      write_bytes("v.npy", file("<" + type, false, "(3, 4, 5)", voxels, version));
      EXPECT_EQ(volume.bytes, read("v.npy")) << type;
      EXPECT_TRUE(volume.meta == meta("v.npy")) << type;
      write_bytes("v.npy", file(">" + type, false, "(3L,4L,5L)", swapped(voxels, size), version));
      EXPECT_EQ(volume.bytes, read("v.npy")) << type;
    }
  }
}

TEST_F(Npy, FortranOrderIsReadInMemoryAndThroughAScratchFile) {
  for (const DType dtype : {DType::uint8, DType::uint16, DType::float32, DType::float64}) {
    const Volume volume = test::random_volume({41, 7, 35}, dtype, 2);
    const std::string type = (is_float(dtype) ? "f" : "u") + std::to_string(size_of(dtype));
    write_bytes("v.npy", file("<" + type, true, "(41, 7, 35)", fortran_order(volume)));
    for (const std::int64_t memory : {1 << 20, 5000, 300, 1}) {
      OpenOptions options;
      options.memory = memory;
      options.tmpdir = folder_.string();
      const auto source = open_source(path("v.npy"), options);
      EXPECT_TRUE(volume.meta == source->meta());
      EXPECT_EQ(volume.bytes, voxels_of(*source)) << memory;
      const Box3 box{{3, 2, 5}, {30, 6, 33}};
      std::vector<std::byte> part(static_cast<std::size_t>(voxels(box.shape()) * size_of(dtype)));
      std::vector<std::byte> expected(part.size());
      source->read(box, part.data());
      test::MemorySource(volume, true).read(box, expected.data());
      EXPECT_EQ(expected, part) << memory;
    }
  }
}

TEST_F(Npy, BoolIsAMaskAndAPlaneIsAVolumeAndLeadingOnesAreDropped) {
  write_bytes("v.npy", file("|b1", false, "(2, 3)", std::string("\1\0\1\0\1\1", 6)));
  EXPECT_EQ(Kind::mask, meta("v.npy").kind);
  EXPECT_EQ((Extent3{1, 2, 3}), meta("v.npy").shape);
  write_bytes("v.npy", file("|u1", false, "(1, 1, 1, 2, 3)", "abcdef"));
  EXPECT_EQ((Extent3{1, 2, 3}), meta("v.npy").shape);
  EXPECT_EQ("abcdef", text_of(read("v.npy")));
  write_bytes("v.npy", file("|u1", false, "(2, 1, 1, 3)", "abcdef"));
  EXPECT_NE(std::string::npos, error_of("v.npy").find("4 dimensions"));
  write_bytes("v.npy", file("|u1", false, "(6,)", "abcdef"));
  EXPECT_NE(std::string::npos, error_of("v.npy").find("1 dimensions"));
}

TEST_F(Npy, APipeGivesCOrderOnly) {
  auto content = bytes_of(file("|u1", false, "(1, 2, 3)", "abcdef"));
  EXPECT_EQ("abcdef", text_of(voxels_of(*open_npy(piped(content), {}))));
  content = bytes_of(file("|u1", true, "(1, 2, 3)", "abcdef"));
  try {
    open_npy(piped(content), {});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string::npos, std::string(error.what()).find("ascontiguousarray")) << error.what();
  }
}

TEST_F(Npy, OtherTypesAreRefusedWithAReason) {
  for (const auto& [descr, reason] : {std::pair<std::string, std::string>{"<c8", "complex"},
                                      {"|O", "objects"},
                                      {"<U7", "none that voxpipe knows"},
                                      {"<f16", "none that voxpipe knows"},
                                      {"?", "none that voxpipe knows"},
                                      {"", "none that voxpipe knows"}}) {
    write_bytes("v.npy", file(descr, false, "(1, 2, 3)", "abcdef"));
    EXPECT_NE(std::string::npos, error_of("v.npy").find(reason)) << error_of("v.npy");
  }
  write_bytes("v.npy", with_header("{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (3,)}", ""));
  EXPECT_NE(std::string::npos, error_of("v.npy").find("structured"));
}

TEST_F(Npy, AHeaderIsNeverMoreThanItsThreeKeys) {
  for (const std::string text :
       {"", "{", "{}", "[]", "{'descr': '<u2', 'fortran_order': False}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2, 3), 'x': 1}",
        "{'descr': '<u2', 'descr': '<u2', 'fortran_order': False, 'shape': (1, 2, 3)}",
        "{'descr': '<u2', 'fortran_order': 0, 'shape': (1, 2, 3)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2, -3)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2, 3.0)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2, 3}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': __import__('os')}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2, 99999999999999999999)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2, 3)} + 1"})
    EXPECT_THROW(parse_npy_header(text, "v.npy"), Error) << text;
}

TEST_F(Npy, SizesThatCannotBeAreRefusedBeforeMemoryIsAskedFor) {
  for (const std::string shape : {"(4294967296, 4294967296, 4294967296)", "(0, 2, 3)",
                                  "(1, 9223372036854775807, 1)", "(1, 1000000, 1000000)"}) {
    for (const bool fortran : {false, true}) {
      write_bytes("v.npy", file("<u2", fortran, shape, "abcdef"));
      EXPECT_NE("", error_of("v.npy"));
    }
  }
  write_bytes("v.npy", file("|u1", false, "(1, 2, 3)", "abcdefg"));
  EXPECT_NE(std::string::npos, error_of("v.npy").find("several arrays"));
  write_bytes("v.npy", std::string("\x93NUMPY\2\0\xff\xff\xff\x7f", 12));
  EXPECT_NE(std::string::npos, error_of("v.npy").find("not one of a volume"));
  write_bytes("v.npy", std::string("\x93NUMPY\4\0\1\0\0\0aaaa", 16));
  EXPECT_NE(std::string::npos, error_of("v.npy").find("format 4"));
}

TEST_F(Npy, VoxelsBeginAtAMultipleOf64) {
  for (const std::int64_t x : {1, 1000, 123456}) {
    write("v.npy", Volume({1, 1, x}, DType::uint16));
    EXPECT_EQ(0u, (content("v.npy").size() - static_cast<std::size_t>(x) * 2) % 64);
  }
}

}  // namespace
}  // namespace vox
