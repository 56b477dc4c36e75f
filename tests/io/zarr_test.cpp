// Zarr stores of ours and of others, whole and in parts; damage and hostile metadata; how they are cut.
#include "io/zarr.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <thread>

#include "io/sidecar.h"
#include "io/zarr_store.h"
#include "support/format_case.h"

namespace vox {
namespace {

using test::Volume;
namespace fs = std::filesystem;

class ZarrCase : public test::FormatCase {
 protected:
  /// A plain array of uint8, version 2, uncompressed, chunks 2 x 3 x 4 of a volume 3 x 5 x 6.
  void write_plain(const std::string& name, const std::string& more = "") const {
    fs::create_directories(path(name));
    write_bytes(
        name + "/.zarray",
        R"({"zarr_format":2,"shape":[3,5,6],"chunks":[2,3,4],"dtype":"|u1","compressor":null,"fill_value":7,)"
        R"("order":"C","filters":null)" +
            more + "}");
    for (const char* key : {"0.0.0", "0.0.1", "0.1.0", "0.1.1", "1.0.0", "1.0.1", "1.1.0", "1.1.1"})
      write_bytes(name + "/" + key, std::string(24, key[0] == '0' ? 'a' : 'b'));
  }

  void write_store(const std::string& name, const Volume& volume, const ZarrLayoutWish& layout,
                   OmeVersion version, const CreateOptions& options = {}) const {
    MultiscalePlan plan;
    plan.meta = volume.meta;
    plan.levels.push_back({volume.meta.shape, {1, 1, 1}});
    plan.layout = layout;
    plan.version = version;
    ZarrStoreWriter store(path(name), plan, options);
    store.put(0, whole(volume.meta.shape), volume.bytes);
    store.finish();
  }

  std::vector<std::byte> read_box(const std::string& name, const Box3& box,
                                  const OpenOptions& options = {}) const {
    const auto source = open_source(path(name), options);
    std::vector<std::byte> bytes(
        static_cast<std::size_t>(voxels(box.shape()) * size_of(source->meta().dtype)));
    source->read(box, bytes.data());
    return bytes;
  }

  static std::vector<std::byte> box_of(const Volume& volume, const Box3& box) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(voxels(box.shape()) * size_of(volume.meta.dtype)));
    test::MemorySource(volume, true).read(box, bytes.data());
    return bytes;
  }

  std::size_t files_in(const std::string& name) const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path(name)))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
};

TEST_F(ZarrCase, AnyBoxOfEveryCutIsTheVolumesOwn) {
  const Volume volume = test::random_volume({13, 17, 29}, DType::uint16, 1);
  std::mt19937 random(3);
  const auto between = [&](std::int64_t end) {
    const auto a = static_cast<std::int64_t>(random() % static_cast<unsigned>(end));
    return Interval{a, a + 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(end - a))};
  };
  int number = 0;
  for (const OmeVersion version : {OmeVersion::v05, OmeVersion::v04}) {
    for (const ZarrLayoutWish& layout :
         {ZarrLayoutWish{}, ZarrLayoutWish{Extent3{4, 5, 6}, Extent3{8, 10, 12}},
          ZarrLayoutWish{Extent3{1, 4, 29}, {}}, ZarrLayoutWish{Extent3{16, 32, 8}, {}, false}}) {
      ZarrLayoutWish wish = layout;
      if (version == OmeVersion::v04) wish.shard.reset(), wish.sharded = false;
      const std::string name = "store" + std::to_string(number++) + ".zarr";
      write_store(name, volume, wish, version);
      EXPECT_EQ(volume.bytes, read(name)) << name;
      for (const std::int64_t memory :
           {std::int64_t{1} << 30, std::int64_t{1} << 10}) {  // kept in memory, on disk
        OpenOptions options;
        options.memory = memory;
        options.tmpdir = folder_.string();
        for (int i = 0; i < 20; ++i) {
          const Interval z = between(13), y = between(17), x = between(29);
          const Box3 box{{z.begin, y.begin, x.begin}, {z.end, y.end, x.end}};
          EXPECT_EQ(box_of(volume, box), read_box(name, box, options)) << name;
        }
      }
    }
  }
}

TEST_F(ZarrCase, PlanesReadBySeveralThreadsDecodeChunksOnce) {
  const Volume volume = test::random_volume({32, 40, 50}, DType::uint16, 1);
  write_store("store.zarr", volume, {Extent3{8, 16, 16}, {}}, OmeVersion::v05);
  for (const std::int64_t memory : {std::int64_t{1} << 30, std::int64_t{1} << 10}) {
    OpenOptions options;
    options.memory = memory;
    options.tmpdir = folder_.string();
    const auto source = open_source(path("store.zarr"), options);
    std::vector<std::byte> bytes(volume.bytes.size());
    std::atomic<std::int64_t> next{0};
    const auto work = [&] {
      for (std::int64_t z; (z = next++) < 32;)
        source->read({{z, 0, 0}, {z + 1, 40, 50}}, bytes.data() + z * volume.meta.plane_bytes());
    };
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) threads.emplace_back(work);
    }
    EXPECT_EQ(volume.bytes, bytes);
  }
}

TEST_F(ZarrCase, EveryCodecComesBackForEveryType) {
  for (const char* codec : {"none", "zstd", "gzip", "blosc", "blosc:lz4", "blosc:zlib"}) {
    for (const DType dtype : kAllDTypes) {
      const Volume volume = test::random_volume({5, 9, 13}, dtype, 2);
      write("store.zarr", volume, codec);
      EXPECT_EQ(volume.bytes, read("store.zarr")) << codec << " " << dtype_name(dtype);
    }
  }
  const Volume volume = test::random_volume({5, 9, 13}, DType::uint8, 2);
  EXPECT_THROW(write("store.zarr", volume, "lzw"), Error);
  EXPECT_THROW(write("store.zarr", volume, "blosc:snappy"), Error);
  EXPECT_THROW(write("store.zarr", volume, "zstd", 99), Error);
}

TEST_F(ZarrCase, OnlyTheChunksThatABoxTouchesAreRead) {
  const Volume volume = test::random_volume({8, 8, 8}, DType::uint16, 1);
  write_store("store.zarr", volume, {Extent3{4, 4, 4}, {}, false}, OmeVersion::v05);
  for (const auto& entry : fs::recursive_directory_iterator(path("store.zarr/0/c")))
    if (entry.is_regular_file() && !entry.path().string().ends_with("c/1/0/1"))
      std::ofstream(entry.path(), std::ios::trunc) << "damaged";
  const Box3 box{{4, 0, 4}, {8, 4, 8}};
  EXPECT_EQ(box_of(volume, box), read_box("store.zarr", box));
  EXPECT_NE("", error_of("store.zarr"));
}

TEST_F(ZarrCase, MissingChunksAndShardsAreTheFillValue) {
  write_plain("plain");
  fs::remove(path("plain/0.1.1"));
  const std::string text = test::text_of(read("plain"));
  EXPECT_EQ("aaaaaa", text.substr(0, 6));
  EXPECT_EQ("aaaa\7\7", text.substr(18, 6));
  EXPECT_EQ("bbbbbb", text.substr(84, 6));
  const Volume volume = test::random_volume({8, 8, 8}, DType::uint16, 1);
  write_store("store.zarr", volume, {Extent3{4, 4, 4}, Extent3{4, 4, 8}}, OmeVersion::v05);
  fs::remove(path("store.zarr/0/c/1/1/0"));
  const Box3 box{{4, 4, 0}, {8, 8, 8}};
  EXPECT_EQ(std::vector<std::byte>(256), read_box("store.zarr", box));
}

TEST_F(ZarrCase, WhatIsNoChunkIsToldByItsPath) {
  write_plain("plain");
  write_bytes("plain/0.0.0", std::string(23, 'a'));
  EXPECT_NE(std::string::npos, error_of("plain").find("plain/0.0.0: holds 23 of 24 bytes"))
      << error_of("plain");
  write_bytes("plain/0.0.0", std::string(25, 'a'));
  EXPECT_NE(std::string::npos, error_of("plain").find("plain/0.0.0: holds 25 of 24 bytes"))
      << error_of("plain");
  write_bytes("plain/0.0.0", std::string(200000, 'a'));
  EXPECT_NE(std::string::npos, error_of("plain").find("plain/0.0.0: 200,000 bytes")) << error_of("plain");
  fs::remove(path("plain/0.0.0"));
  ASSERT_EQ(0, ::mkfifo(path("plain/0.0.0").c_str(), 0600));
  EXPECT_NE(std::string::npos, error_of("plain").find("plain/0.0.0: is not a regular file"));
}

TEST_F(ZarrCase, DamagedShardsAreToldByTheirPath) {
  const Volume volume = test::random_volume({8, 8, 8}, DType::uint16, 1);
  write_store("store.zarr", volume, {Extent3{4, 4, 4}, {}}, OmeVersion::v05);
  const std::string shard = content("store.zarr/0/c/0/0/0");
  const auto damaged = [&](const std::string& bytes) {
    write_bytes("store.zarr/0/c/0/0/0", bytes);
    const std::string error = error_of("store.zarr");
    EXPECT_NE(std::string::npos, error.find("store.zarr/0/c/0/0/0: ")) << error;
    return error;
  };
  EXPECT_NE(std::string::npos, damaged(shard.substr(0, 100)).find("cut short"));
  EXPECT_NE(std::string::npos, damaged(shard.substr(1)).find("decoded"));
  std::string flipped = shard;
  flipped[shard.size() - 20] ^= 1;
  EXPECT_NE(std::string::npos, damaged(flipped).find("checksum"));
}

TEST_F(ZarrCase, HostileMetadataAreRefusedInOneLine) {
  const auto refused = [&](const std::string& json) {
    fs::remove_all(path("bad"));
    fs::create_directories(path("bad"));
    write_bytes("bad/.zarray", json);
    const std::string error = error_of("bad");
    EXPECT_NE(std::string::npos, error.find("bad/.zarray")) << json << ": " << error;
  };
  const auto with = [](const std::string& shape, const std::string& chunks, const std::string& rest) {
    return R"({"zarr_format":2,"shape":)" + shape + R"(,"chunks":)" + chunks +
           R"(,"order":"C","filters":null,)" + rest + "}";
  };
  const std::string rest = R"("dtype":"<u2","compressor":null,"fill_value":0)";
  refused("{");
  refused("[]");
  refused(std::string(100000, '['));
  refused(with("[4611686018427387904,4611686018427387904,4]", "[1,1,1]", rest));
  refused(with("[4,4,4]", "[4611686018427387904,4611686018427387904,4]", rest));
  refused(with("[4,4,4]", "[0,4,4]", rest));
  refused(with("[4,4,-4]", "[4,4,4]", rest));
  refused(with("[4,4,4.5]", "[4,4,4]", rest));
  refused(with("[4,4,4]", "[4,4]", rest));
  refused(with("[4]", "[4]", rest));
  refused(with("[1,1,1,4,4,4]", "[1,1,1,4,4,4]", rest));
  refused(with("[4,4,4]", "[4,4,4]", R"("dtype":"<M8[ns]","compressor":null,"fill_value":0)"));
  refused(with("[4,4,4]", "[4,4,4]", R"("dtype":[["a","<u2"]],"compressor":null,"fill_value":0)"));
  refused(with("[4,4,4]", "[4,4,4]", R"("dtype":"<u2","compressor":{"id":"lzma"},"fill_value":0)"));
  refused(with("[4,4,4]", "[4,4,4]", R"("dtype":"<u2","compressor":null,"fill_value":70000)"));
  refused(with("[4,4,4]", "[4,4,4]", rest + R"(,"dimension_separator":7)"));
  refused(with("[4,4,4]", "[4,4,4]",
               R"("dtype":"<u2","compressor":null,"fill_value":"x","filters":[{"id":"delta"}])"));
}

TEST_F(ZarrCase, PathsThatLeadOutOfTheFolderAreRefused) {
  write_plain("outside");
  for (const char* leads : {"../outside", "/etc", "0/../../outside", "", ".."}) {
    fs::create_directories(path("store.zarr"));
    write_bytes("store.zarr/.zgroup", R"({"zarr_format":2})");
    write_bytes("store.zarr/.zattrs",
                R"({"multiscales":[{"version":"0.4","axes":["z","y","x"],"datasets":[{"path":")" +
                    std::string(leads) + R"("}]}]})");
    EXPECT_NE(std::string::npos, error_of("store.zarr").find("inside of the store"))
        << error_of("store.zarr");
  }
}

TEST_F(ZarrCase, AGroupWithoutImageSaysWhatToDo) {
  fs::create_directories(path("group"));
  write_bytes("group/.zgroup", R"({"zarr_format":2})");
  EXPECT_NE(std::string::npos, error_of("group").find("name an image or array in it"));
}

TEST_F(ZarrCase, ChunksGetThinnerWhereTheMemoryIsScarce) {
  VolumeMeta meta;
  meta.shape = {1024, 2048, 2048};
  meta.dtype = DType::uint16;
  const auto chunk = [&](std::int64_t memory) { return zarr_layout(meta, {}, memory).chunk; };
  EXPECT_EQ((Extent3{64, 64, 64}), chunk(std::int64_t{1} << 30));
  EXPECT_EQ((Extent3{16, 128, 128}), chunk(std::int64_t{128} << 20));
  for (std::int64_t memory = std::int64_t{1} << 30; memory >= 16 << 10; memory /= 2) {
    const ZarrLayout layout = zarr_layout(meta, {}, memory);
    EXPECT_LE(layout.band_bytes(meta), memory);
    EXPECT_GE(voxels(layout.shard) * 2, 64 << 20) << "files must not be tiny";
    EXPECT_LE(voxels(layout.shard) * 2, 256 << 20) << "nor huge";
  }
  EXPECT_THROW(zarr_layout(meta, {Extent3{64, 64, 64}, Extent3{64, 64, 100}}, 1 << 30), Error);
}

TEST_F(ZarrCase, AnyThreadsAndMemoryGiveTheSameVoxelsAndTheSameThreadsTheSameFiles) {
  const Volume volume = test::random_volume({40, 130, 150}, DType::uint16, 1);
  for (const std::int64_t memory : {std::int64_t{1} << 30, std::int64_t{1} << 20}) {
    std::string first;
    for (const int threads : {1, 2, 5}) {
      CreateOptions options;
      options.memory = memory;
      options.threads = threads;
      options.force = true;
      const auto sink = create_sink(path("store.zarr"), volume.meta, options);
      std::vector<std::byte> bytes = volume.bytes;
      sink->put(whole(volume.meta.shape), bytes);
      sink->finish();
      EXPECT_EQ(volume.bytes, read("store.zarr"));
      const std::string shard = content("store.zarr/0/c/0/0/0");
      EXPECT_TRUE(first.empty() || first == shard) << threads;
      first = shard;
    }
  }
}

TEST_F(ZarrCase, ForceReplacesStoresAndEmptyFoldersOnly) {
  const Volume volume = test::random_volume({4, 4, 4}, DType::uint8, 1);
  fs::create_directories(path("store.zarr"));
  write("store.zarr", volume);
  EXPECT_EQ(volume.bytes, read("store.zarr"));
  write("store.zarr/", volume);
  EXPECT_EQ(volume.bytes, read("store.zarr/"));
  fs::create_directories(path("other.zarr"));
  write_bytes("other.zarr/precious", "kept");
  EXPECT_THROW(write("other.zarr", volume), Error);
  EXPECT_EQ("kept", content("other.zarr/precious"));
  write_bytes("file.zarr", "kept");
  EXPECT_THROW(write("file.zarr", volume), Error);
  EXPECT_EQ("kept", content("file.zarr"));
}

TEST_F(ZarrCase, ALevelLiesWhereItsMetadataSay) {
  Volume volume = test::random_volume({8, 8, 8}, DType::uint16, 1);
  volume.meta.spacing = Vector3{2, 1, 1};
  volume.meta.unit = "micrometer";
  volume.meta.origin = Vector3{5, 6, 7};
  MultiscalePlan plan;
  plan.meta = volume.meta;
  plan.levels = {{{8, 8, 8}, {1, 1, 1}}, {{8, 4, 4}, {1, 2, 2}}};
  plan.method = "mean";
  for (const OmeVersion version : {OmeVersion::v05, OmeVersion::v04}) {
    plan.version = version;
    plan.layout.sharded = version == OmeVersion::v05;
    CreateOptions options;
    options.force = true;
    ZarrStoreWriter store(path("store.zarr"), plan, options);
    store.put(0, whole({8, 8, 8}), volume.bytes);
    store.put(1, whole({8, 4, 4}), std::span(volume.bytes).first(256));
    store.finish();
    OpenOptions open;
    open.level = 1;
    const auto source = open_source(path("store.zarr"), open);
    EXPECT_EQ(2, source->info().levels);
    EXPECT_EQ((Extent3{8, 4, 4}), source->meta().shape);
    EXPECT_EQ((Vector3{2, 2, 2}), source->meta().spacing);
    EXPECT_EQ((Vector3{5, 6.5, 7.5}), source->meta().origin);
    EXPECT_EQ("micrometer", source->meta().unit);
    open.level = 2;
    EXPECT_THROW(open_source(path("store.zarr"), open), Error);
    EXPECT_EQ((Vector3{5, 6, 7}), meta("store.zarr").origin);
  }
}

}  // namespace
}  // namespace vox
