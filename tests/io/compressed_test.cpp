#include <zlib.h>
#include <zstd.h>

#include "io/gzip.h"
#include "io/sidecar.h"
#include "io/stream.h"
#include "io/zstd_stream.h"
#include "support/format_case.h"

namespace vox {
namespace {

using test::text_of;
using test::Volume;

/// One gzip member as zlib writes it.
std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(Z_STREAM_END, deflate(&stream, Z_FINISH));
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// What zlib makes of a whole gzip or zlib file.
std::string gunzip(const std::string& text, std::size_t size) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 32);
  std::string out(size + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(Z_STREAM_END, inflate(&stream, Z_FINISH));
  EXPECT_EQ(0u, stream.avail_in) << "one stream and nothing behind it";
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

class Compressed : public test::FormatCase {
 protected:
  static OpenOptions described() {
    OpenOptions options;
    options.raw.shape = Extent3{2, 3, 4};
    options.raw.dtype = DType::uint8;
    return options;
  }
  static constexpr const char* kVoxels = "abcdefghijklmnopqrstuvwx";
};

TEST_F(Compressed, WhatIsWrittenIsOneStreamThatOthersRead) {
  for (const Extent3 shape : {Extent3{1, 1, 1}, Extent3{3, 700, 500}, Extent3{5, 9, 13}}) {
    const Volume volume = test::random_volume(shape, DType::uint16, 1);
    for (const std::optional<int> level :
         {std::optional<int>(), std::optional<int>(1), std::optional<int>(9)}) {
      write("v.raw.gz", volume, level ? "gzip" : "", level);
      EXPECT_EQ(text_of(volume.bytes), gunzip(content("v.raw.gz"), volume.bytes.size()));
      EXPECT_EQ(volume.bytes, read("v.raw.gz"));
    }
    write("v.raw.zst", volume);
    const std::string stored = content("v.raw.zst");
    EXPECT_EQ(volume.bytes.size(), ZSTD_getFrameContentSize(stored.data(), stored.size()));
    EXPECT_EQ(volume.bytes, read("v.raw.zst"));
  }
}

TEST_F(Compressed, TheBytesDoNotDependOnBlocksOrThreads) {
  const Volume volume = test::random_volume({4, 900, 700}, DType::uint16, 2);
  for (const std::string name : {"v.raw.gz", "v.raw.zst"}) {
    write(name, volume);
    const std::string first = content(name);
    CreateOptions options;
    options.force = true;
    options.threads = 3;
    const auto sink = create_sink(path(name), volume.meta, options);
    const std::int64_t rows = sink->chunk().y;
    for (std::int64_t z = 0; z < 4; ++z) {
      for (std::int64_t y = 0; y < 900; y += rows) {
        const Box3 box{{z, y, 0}, {z + 1, std::min<std::int64_t>(y + rows, 900), 700}};
        std::vector<std::byte> part(static_cast<std::size_t>(voxels(box.shape()) * 2));
        test::MemorySource(volume, true).read(box, part.data());
        sink->put(box, part);
      }
    }
    sink->finish();
    EXPECT_TRUE(first == content(name)) << name;
  }
}

TEST_F(Compressed, MembersAndFramesFollowEachOther) {
  const std::string text = kVoxels;
  write_bytes("v.gz", gzip(text.substr(0, 5)) + gzip("") + gzip(text.substr(5)) + std::string(512, '\0'));
  EXPECT_EQ(text, text_of(voxels_of(*open_source(path("v.gz"), described()))));
  write_bytes("v.zst", zstd(text.substr(0, 5)) + zstd("") + zstd(text.substr(5)));
  EXPECT_EQ(text, text_of(voxels_of(*open_source(path("v.zst"), described()))));
}

TEST_F(Compressed, TooMuchTooLittleAndRubbishAreErrors) {
  const std::string text = kVoxels;
  for (const auto& [compress, name] : {std::pair{&gzip, "v.gz"}, std::pair{&zstd, "v.zst"}}) {
    write_bytes(name, compress(text + "y"));
    EXPECT_NE(std::string::npos, error_of(name, described()).find("more bytes"))
        << error_of(name, described());
    write_bytes(name, compress(text.substr(1)));
    EXPECT_NE(std::string::npos, error_of(name, described()).find("cut short"));
    const std::string whole = compress(text);
    for (std::size_t cut = 4; cut < whole.size(); ++cut) {
      write_bytes(name, whole.substr(0, cut));
      EXPECT_NE(std::string::npos, error_of(name, described()).find("cut short")) << cut;
    }
    write_bytes(name, whole + "rubbish");
    EXPECT_NE("", error_of(name, described()));
  }
  std::string damaged = gzip(text);
  damaged[damaged.size() - 6] ^= 1;
  write_bytes("v.gz", damaged);
  EXPECT_NE(std::string::npos, error_of("v.gz", described()).find("checksum"));
}

TEST_F(Compressed, AnyFormatMayBeCompressedAsAWhole) {
  Volume volume = test::random_volume({3, 4, 5}, DType::float32, 3);
  volume.meta.spacing = Vector3{1, 2, 3};
  for (const std::string name : {"v.npy", "v.nrrd", "v.mha"}) {
    write(name, volume);
    write_bytes(name + ".gz", gzip(content(name)));
    std::filesystem::remove(sidecar_path(path(name)));
    write_bytes(name + ".gz.json", meta_to_sidecar(volume.meta));
    const auto source = open_source(path(name + ".gz"), {});
    EXPECT_EQ("gzip", source->info().compression);
    EXPECT_FALSE(source->seekable());
    EXPECT_TRUE(volume.meta == source->meta());
    EXPECT_EQ(volume.bytes, voxels_of(*source)) << name;
  }
  write("v.tif", volume);
  write_bytes("v.tif.gz", gzip(content("v.tif")));
  EXPECT_NE(std::string::npos, error_of("v.tif.gz").find("decompress"));
}

TEST_F(Compressed, ALevelOrCodecThatIsNotThereIsRefused) {
  const Volume volume({1, 2, 3});
  EXPECT_THROW(write("v.raw.gz", volume, "gzip", 10), Error);
  EXPECT_THROW(write("v.raw.gz", volume, "zstd"), Error);
  EXPECT_THROW(write("v.raw.gz", volume, "none"), Error);
  EXPECT_THROW(write("v.raw.zst", volume, "gzip"), Error);
  EXPECT_THROW(write("v.raw.zst", volume, "zstd", 99), Error);
  EXPECT_THROW(write("v.raw", volume, "gzip"), Error);
}

}  // namespace
}  // namespace vox
