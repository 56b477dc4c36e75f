#include "io/raw.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "io/sidecar.h"
#include "support/faulty_device.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::Volume;
namespace fs = std::filesystem;

class Raw : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("voxpipe-raw-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void write(const std::string& name, const Volume& volume, bool force = false) const {
    CreateOptions options;
    options.force = force;
    auto sink = create_sink(path(name), volume.meta, options);
    Volume copy = volume;
    sink->put(whole(volume.meta.shape), copy.bytes);
    sink->finish();
  }

  static std::vector<std::byte> read(SlabSource& source, const Box3& box) {
    std::vector<std::byte> bytes(
        static_cast<std::size_t>(voxels(box.shape()) * size_of(source.meta().dtype)));
    source.read(box, bytes.data());
    return bytes;
  }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_;
};

TEST_F(Raw, EveryTypeComesBackWithItsMeta) {
  for (const DType dtype : kAllDTypes) {
    Volume volume = test::random_volume({3, 4, 5}, dtype, 1);
    volume.meta.spacing = Vector3{1, 2, 0.1};
    volume.meta.kind = Kind::labels;
    write("v.raw", volume, true);
    const auto source = open_source(path("v.raw"), {});
    EXPECT_TRUE(volume.meta == source->meta());
    EXPECT_EQ(volume.bytes, read(*source, whole(volume.meta.shape)));
  }
}

TEST_F(Raw, AnyBoxCanBeRead) {
  const Volume volume = test::random_volume({6, 7, 8}, DType::int32, 2);
  write("v.raw", volume);
  const auto source = open_source(path("v.raw"), {});
  for (const Box3 box : {Box3{{1, 0, 0}, {4, 7, 8}}, Box3{{2, 3, 0}, {5, 6, 8}}, Box3{{0, 1, 2}, {6, 3, 7}},
                         Box3{{5, 6, 7}, {6, 7, 8}}}) {
    std::vector<std::byte> expected(static_cast<std::size_t>(voxels(box.shape()) * 4));
    test::MemorySource(volume, true).read(box, expected.data());
    EXPECT_EQ(expected, read(*source, box));
  }
}

TEST_F(Raw, BigEndianVoxelsAndAnOffsetAreDescribedByOptions) {
  const Volume volume = test::random_volume({2, 3, 4}, DType::float64, 3);
  std::ofstream file(path("scanner.xyz"), std::ios::binary);
  file << "a header of 23 bytes !!";
  for (std::size_t i = 0; i < volume.bytes.size(); i += 8)
    for (std::size_t k = 8; k-- > 0;) file.put(static_cast<char>(volume.bytes[i + k]));
  file.close();
  OpenOptions options;
  options.raw = {Extent3{2, 3, 4}, DType::float64, true, 23};
  EXPECT_EQ(volume.bytes, read(*open_source(path("scanner.xyz"), options), whole(volume.meta.shape)));
}

TEST_F(Raw, AFileOfTheWrongSizeIsRefused) {
  const Volume volume = test::random_volume({2, 3, 4}, DType::uint8, 4);
  write("v.raw", volume);
  fs::resize_file(path("v.raw"), 23);
  EXPECT_THROW(open_source(path("v.raw"), {}), Error);
  fs::resize_file(path("v.raw"), 25);
  EXPECT_THROW(open_source(path("v.raw"), {}), Error);
}

TEST_F(Raw, NothingIsLeftWithoutFinish) {
  const Volume volume = test::random_volume({2, 3, 4}, DType::uint8, 5);
  {
    auto sink = create_sink(path("v.raw"), volume.meta, {});
    EXPECT_EQ(1u, files());
    EXPECT_FALSE(fs::exists(path("v.raw")));
  }
  EXPECT_EQ(0u, files());
}

TEST_F(Raw, AnExistingOutputNeedsForce) {
  const Volume volume = test::random_volume({2, 3, 4}, DType::uint8, 6);
  write("v.raw", volume);
  EXPECT_THROW(create_sink(path("v.raw"), volume.meta, {}), Error);
  const Volume other = test::random_volume({1, 1, 4}, DType::uint8, 7);
  write("v.raw", other, true);
  EXPECT_EQ(other.bytes, read(*open_source(path("v.raw"), {}), whole(other.meta.shape)));
  EXPECT_EQ(2u, files());
}

TEST_F(Raw, AnUnknownExtensionAndAMissingFolderAreRefused) {
  const Volume volume = test::random_volume({1, 1, 1}, DType::uint8, 8);
  EXPECT_THROW(create_sink(path("v.what"), volume.meta, {}), Error);
  EXPECT_THROW(create_sink(path("no/v.raw"), volume.meta, {}), Error);
  EXPECT_THROW(open_source(path("none.raw"), {}), Error);
}

TEST_F(Raw, APipeThatHoldsTooMuchOrTooLittleIsDamaged) {
  for (const std::size_t size : {std::size_t{23}, std::size_t{25}}) {
    std::vector<std::byte> content(size);
    auto source = open_raw(
        ByteSource(std::make_unique<test::FaultyDevice>(content, test::Faults{}), "pipe", std::nullopt),
        {Extent3{2, 3, 4}, DType::uint8, false, 0});
    std::vector<std::byte> out(24);
    EXPECT_THROW(source->read(whole({2, 3, 4}), out.data()), Error);
  }
}

TEST(Sidecar, RefusesNonsenseWithTheNameOfTheKey) {
  for (const auto& [text, key] : {std::pair<std::string, std::string>{"[]", "JSON"},
                                  {"{\"voxpipe\":1,\"shape\":[1,2,3.5]}", "shape"},
                                  {"{\"voxpipe\":1,\"spacing\":[1,2]}", "spacing"},
                                  {"{\"voxpipe\":1,\"unit\":7}", "unit"},
                                  {"{\"voxpipe\":1,\"history\":{}}", "history"},
                                  {"{\"voxpipe\":1,\"value_map\":{\"slope\":1}}", "value_map"},
                                  {"{\"shape\":[1,2,3]}", "voxpipe"},
                                  {std::string(100000, '['), "JSON"}}) {
    try {
      parse_sidecar(text, "s.json");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(ErrorKind::damaged, error.kind());
      EXPECT_NE(std::string::npos, std::string(error.what()).find(key)) << error.what();
    }
  }
}

TEST(Sidecar, UnknownKeysSurvive) {
  const std::string text =
      "{\"voxpipe\":1,\"shape\":[1,2,3],\"dtype\":\"int8\",\"sample\":{\"id\":[7,\"b\"]}}";
  const SidecarFacts facts = parse_sidecar(text, "s.json");
  EXPECT_NE(std::string::npos, meta_to_sidecar(facts.meta).find("\"sample\": {\"id\":[7,\"b\"]}"));
}

}  // namespace
}  // namespace vox
