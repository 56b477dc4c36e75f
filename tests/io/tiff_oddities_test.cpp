// TIFF files that are unlike most: single bits, inverted greys, side images, packed pixels, one directory for
// all.
#include <gtest/gtest.h>

#include "core/error.h"
#include "io/libtiff_file.h"
#include "io/tiff.h"

namespace vox {
namespace {

std::vector<std::byte> read_box(SlabSource& source, const Box3& box) {
  std::vector<std::byte> out(static_cast<std::size_t>(voxels(box.shape()) * size_of(source.meta().dtype)));
  source.read(box, out.data());
  return out;
}

/// Blobs, so that fax machines' codes have something to find.
std::byte bit_at(std::int64_t z, std::int64_t y, std::int64_t x) {
  return static_cast<std::byte>((x / 3 + y / 2 + z) % 3 == 0 || (x * y + z) % 11 == 0);
}

struct BitFile {
  Extent3 shape{3, 21, 37};
  std::uint16_t codec = COMPRESSION_NONE;
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  std::uint16_t fill_order = FILLORDER_MSB2LSB;
  std::uint32_t t4_options = 0;
  bool tiled = false;
};

/// Bits of one row from `x` on, the highest of a byte first.
std::vector<std::byte> packed_row(std::int64_t z, std::int64_t y, std::int64_t x, std::int64_t count) {
  std::vector<std::byte> row(static_cast<std::size_t>((count + 7) / 8));
  for (std::int64_t i = 0; i < count; ++i)
    row[static_cast<std::size_t>(i / 8)] |= bit_at(z, y, x + i) << (7 - i % 8);
  return row;
}

void write_bits(const std::string& path, const BitFile& file) {
  TIFF* tiff = TIFFOpen(path.c_str(), "wl");
  for (std::int64_t z = 0; z < file.shape.z; ++z) {
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(file.shape.x));
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(file.shape.y));
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, file.codec);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, file.photometric);
    TIFFSetField(tiff, TIFFTAG_FILLORDER, file.fill_order);
    if (file.codec == COMPRESSION_CCITTFAX3) TIFFSetField(tiff, TIFFTAG_GROUP3OPTIONS, file.t4_options);
    const std::uint32_t rows = file.tiled ? 16 : 8;
    const std::int64_t wide = file.tiled ? 32 : file.shape.x;
    if (file.tiled) {
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 32);
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, rows);
    } else {
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, rows);
    }
    std::uint32_t chunk = 0;
    for (std::int64_t y = 0; y < file.shape.y; y += rows) {
      for (std::int64_t x = 0; x < file.shape.x; x += wide, ++chunk) {
        std::vector<std::byte> data;
        const std::int64_t end = file.tiled ? y + rows : std::min<std::int64_t>(file.shape.y, y + rows);
        for (std::int64_t row = y; row < end; ++row) {
          const auto bits = packed_row(z, row, x, wide);
          data.insert(data.end(), bits.begin(), bits.end());
        }
        const auto size = static_cast<tmsize_t>(data.size());
        file.tiled ? TIFFWriteEncodedTile(tiff, chunk, data.data(), size)
                   : TIFFWriteEncodedStrip(tiff, chunk, data.data(), size);
      }
    }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
}

std::vector<std::byte> expected_bits(const Box3& box, bool flip) {
  std::vector<std::byte> out;
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z)
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y)
      for (std::int64_t x = box.begin.x; x < box.end.x; ++x)
        out.push_back(bit_at(z, y, x) ^ static_cast<std::byte>(flip));
  return out;
}

void expect_mask(const BitFile& file) {
  SCOPED_TRACE("codec " + std::to_string(file.codec) + " photometric " + std::to_string(file.photometric) +
               " fill order " + std::to_string(file.fill_order) + (file.tiled ? " tiled" : "") +
               " T4 options " + std::to_string(file.t4_options));
  const std::string path = test_path("bits.tif");
  std::filesystem::remove(path);
  write_bits(path, file);
  const auto source = open_tiff(path, {});
  EXPECT_EQ(DType::uint8, source->meta().dtype);
  EXPECT_EQ(Kind::mask, source->meta().kind);
  ASSERT_EQ(file.shape, source->meta().shape);
  const bool flip = file.photometric == PHOTOMETRIC_MINISWHITE;
  for (const Box3& box : {whole(file.shape), Box3{{1, 3, 5}, {3, 20, 34}}, Box3{{0, 8, 36}, {1, 9, 37}}})
    EXPECT_TRUE(expected_bits(box, flip) == read_box(*source, box));
}

TEST(TiffBits, AreAMaskWhateverTheirCodecAndOrder) {
  for (std::uint16_t codec : std::vector<std::uint16_t>{
           COMPRESSION_NONE, COMPRESSION_PACKBITS, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
           COMPRESSION_ZSTD, COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4})
    for (std::uint16_t photometric :
         std::vector<std::uint16_t>{PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE})
      for (std::uint16_t order : std::vector<std::uint16_t>{FILLORDER_MSB2LSB, FILLORDER_LSB2MSB})
        for (bool tiled : {false, true}) expect_mask({{3, 21, 37}, codec, photometric, order, 0, tiled});
  for (std::uint32_t options : {1u, 4u, 5u})
    expect_mask({{3, 21, 37}, COMPRESSION_CCITTFAX3, PHOTOMETRIC_MINISWHITE, FILLORDER_MSB2LSB, options});
}

TEST(TiffBits, WidthsAroundWholeBytes) {
  for (std::int64_t width : {1, 7, 8, 9, 15, 16, 17})
    for (std::uint16_t codec : std::vector<std::uint16_t>{COMPRESSION_NONE, COMPRESSION_CCITTFAX4}) {
      const BitFile file{{2, 3, width}, codec};
      const std::string path = test_path("narrow.tif");
      std::filesystem::remove(path);
      write_bits(path, file);
      const auto source = open_tiff(path, {});
      EXPECT_TRUE(expected_bits(whole(file.shape), false) == read_box(*source, whole(file.shape))) << width;
    }
}

TEST(TiffBits, DamagedCodesOfFaxMachinesNeverCrash) {
  std::mt19937 random(8);
  for (std::uint16_t codec : std::vector<std::uint16_t>{COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3,
                                                        COMPRESSION_CCITTFAX4, COMPRESSION_PACKBITS}) {
    const std::string path = test_path("bits_damaged.tif");
    std::filesystem::remove(path);
    write_bits(path, {{2, 21, 37}, codec, PHOTOMETRIC_MINISWHITE});
    const std::vector<char> file = file_bytes(path);
    for (int i = 0; i < 500; ++i) {
      std::vector<char> wrong = file;
      for (unsigned n = 0; n < 1 + random() % 3; ++n)
        wrong[random() % wrong.size()] = static_cast<char>(random());
      write_file(path, wrong);
      try {
        const auto source = open_tiff(path, {});
        if (source->meta().bytes() < 1 << 20) read_box(*source, whole(source->meta().shape));
      } catch (const Error& error) {
        EXPECT_TRUE(error.kind() == ErrorKind::damaged || error.kind() == ErrorKind::usage) << error.what();
      }
    }
  }
}

TEST(TiffGreys, AreAsStoredWhereZeroIsWhite) {
  for (DType dtype : {DType::uint8, DType::uint16}) {
    const std::string path = test_path("inverted.tif");
    LibtiffSpec spec{{2, 5, 7}, dtype};
    spec.photometric = PHOTOMETRIC_MINISWHITE;
    const auto expected = some_voxels(voxels(spec.shape), dtype);
    write_libtiff(path, spec, expected);
    const auto source = open_tiff(path, {});
    EXPECT_TRUE(expected == read_box(*source, whole(spec.shape)));
    EXPECT_EQ(Kind::intensity, source->meta().kind);
  }
}

/// Two pages, each with a smaller image that it refers to as a SubIFD or that follows it.
void write_with_levels(const std::string& path, const LibtiffSpec& spec,
                       const std::vector<std::byte>& voxels_in, bool old_tag) {
  std::filesystem::remove(path);
  TIFF* tiff = TIFFOpen(path.c_str(), "wl");
  const std::int64_t plane = spec.shape.y * spec.shape.x;
  for (std::int64_t z = 0; z < spec.shape.z; ++z) {
    set_libtiff_fields(tiff, spec);
    std::uint64_t places[1] = {0};
    if (!old_tag) TIFFSetField(tiff, TIFFTAG_SUBIFD, 1, places);
    write_libtiff_chunks(tiff, spec, voxels_in.data() + z * plane, 0);
    TIFFWriteDirectory(tiff);
    LibtiffSpec small = spec;
    small.shape = {1, 2, 3};
    set_libtiff_fields(tiff, small);
    if (old_tag) TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
    write_libtiff_chunks(tiff, small, voxels_in.data(), 0);
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  if (!old_tag) return;
  // libtiff does not write the old tag: a word 255 of value 2 instead of a double word 254 of value 1.
  const std::vector<char> modern = {'\xfe', 0, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0};
  const std::vector<char> old = {'\xff', 0, 3, 0, 1, 0, 0, 0, 2, 0, 0, 0};
  std::vector<char> file = file_bytes(path);
  int replaced = 0;
  for (auto at = file.begin(); (at = std::search(at, file.end(), modern.begin(), modern.end())) != file.end();
       ++replaced)
    at = std::copy(old.begin(), old.end(), at);
  ASSERT_EQ(spec.shape.z, replaced);
  write_file(path, file);
}

TEST(TiffSideImages, AreNoPlanes) {
  const LibtiffSpec spec{{2, 8, 9}, DType::uint8};
  const auto expected = some_voxels(voxels(spec.shape), spec.dtype);
  for (bool old_tag : {false, true}) {
    const std::string path = test_path("levels.tif");
    write_with_levels(path, spec, expected, old_tag);
    const auto source = open_tiff(path, {});
    ASSERT_EQ(spec.shape, source->meta().shape) << old_tag;
    EXPECT_TRUE(expected == read_box(*source, whole(spec.shape))) << old_tag;
  }
}

TEST(TiffRefusals, SayWhatThePixelsAre) {
  for (int bits : {2, 4, 12, 24}) {
    const std::string path = test_path("packed.tif");
    std::filesystem::remove(path);
    TIFF* tiff = TIFFOpen(path.c_str(), "wl");
    set_libtiff_fields(tiff, {{1, 4, 8}, DType::uint8});
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bits);
    std::vector<std::byte> rows(96);
    for (std::uint32_t strip = 0; strip < 2; ++strip)
      TIFFWriteEncodedStrip(tiff, strip, rows.data(), static_cast<tmsize_t>((strip == 0 ? 3 : 1) * bits));
    TIFFClose(tiff);
    try {
      open_tiff(path, {});
      FAIL() << bits;
    } catch (const Error& error) {
      EXPECT_EQ(static_cast<int>(ErrorKind::usage), static_cast<int>(error.kind()));
      EXPECT_NE(std::string::npos,
                std::string(error.what()).find("page 0: pixels of " + std::to_string(bits) + " bits"))
          << error.what();
    }
  }
}

TEST(TiffOneDirectory, FourGigabytesBehindIt) {
  // As ImageJ writes beyond 4 GB; the file is sparse, with a few bytes in its last plane.
  const std::string path = test_path("huge.tif");
  constexpr std::int64_t kSide = 1 << 14;
  constexpr std::int64_t kPlanes = 17;
  const std::string description = "ImageJ=1.53t\nimages=17\nslices=17\nunit=um\nspacing=2\n";
  std::vector<char> file = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 9};
  const auto append = [&](std::uint32_t value, int bytes) {
    for (int i = bytes; i-- > 0;) file.push_back(static_cast<char>(value >> 8 * i & 0xffu));
  };
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t count, std::uint32_t value) {
    append(tag, 2), append(type, 2), append(count, 4);
    type == 3 ? append(value << 16, 4) : append(value, 4);
  };
  entry(256, 4, 1, kSide), entry(257, 4, 1, kSide), entry(258, 3, 1, 8), entry(259, 3, 1, 1),
      entry(262, 3, 1, 1);
  entry(270, 2, static_cast<std::uint32_t>(description.size() + 1), 1024), entry(273, 4, 1, 2048);
  entry(277, 3, 1, 1), entry(278, 4, 1, kSide);
  append(0, 4);
  file.resize(1024);
  file.insert(file.end(), description.begin(), description.end());
  file.resize(2048);
  write_file(path, file);
  std::filesystem::resize_file(path, 2048 + kPlanes * kSide * kSide);
  {
    std::fstream end(path, std::ios::binary | std::ios::in | std::ios::out);
    end.seekp(-3, std::ios::end);
    end.write("xyz", 3);
  }
  const auto source = open_tiff(path, {});
  EXPECT_EQ((Extent3{kPlanes, kSide, kSide}), source->meta().shape);
  const Box3 last{{kPlanes - 1, kSide - 1, kSide - 4}, {kPlanes, kSide, kSide}};
  EXPECT_EQ((std::vector<std::byte>{std::byte{0}, std::byte{'x'}, std::byte{'y'}, std::byte{'z'}}),
            read_box(*source, last));
  std::filesystem::resize_file(path, 2048 + kPlanes * kSide * kSide - 1);
  try {
    open_tiff(path, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string::npos, std::string(error.what()).find("cut short")) << error.what();
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace vox
