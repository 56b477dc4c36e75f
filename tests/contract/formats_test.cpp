// What every entry of the table of formats must keep to.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/error.h"
#include "io/formats.h"
#include "io/sidecar.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::Volume;
namespace fs = std::filesystem;

/// Extensions that stand for different files; others are only further names.
std::vector<std::string> written_extensions() {
  std::vector<std::string> extensions;
  for (const Format& format : formats())
    for (const std::string_view extension : format.extensions)
      if (extension == format.extensions.front() || extension == ".nhdr" || extension == ".mhd")
        extensions.emplace_back(extension);
  return extensions;
}

class EveryFormat : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("voxpipe-formats-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    path_ = (folder_ / ("volume" + GetParam())).string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Volume sample(DType dtype) {
    Volume volume = test::random_volume({5, 9, 13}, dtype, 3);
    volume.meta.spacing = Vector3{2, 0.65, 0.5};
    volume.meta.unit = "micrometer";
    volume.meta.origin = Vector3{10, -20, 30.5};
    volume.meta.kind = Kind::labels;
    volume.meta.value_map = ValueMap{0.25, -3};
    volume.meta.history = {
        {"vphantom", "0.1.0", {"noise", "-"}, {{"mask.tif", {{"vclip", "0.1.0", {"-r", "0,1"}, {}}}}}}};
    volume.meta.extra["operator"] = "\"me\"";
    return volume;
  }

  /// Writes row by row, as ordered blocks, through encode where the sink encodes.
  void write(const Volume& volume, const CreateOptions& options = {}) const {
    auto sink = create_sink(path_, volume.meta, options);
    const std::int64_t rows = std::max<std::int64_t>(1, sink->chunk().y);
    for (std::int64_t z = 0; z < volume.meta.shape.z; ++z) {
      for (std::int64_t y = 0; y < volume.meta.shape.y; y += rows) {
        const Box3 box{{z, y, 0}, {z + 1, std::min(y + rows, volume.meta.shape.y), volume.meta.shape.x}};
        std::vector<std::byte> part(
            static_cast<std::size_t>(voxels(box.shape()) * size_of(volume.meta.dtype)));
        test::MemorySource(volume, true).read(box, part.data());
        if (sink->encodes()) {
          Encoded encoded;
          sink->encode(box, part, encoded);
          sink->put_encoded(box, encoded);
        } else {
          sink->put(box, part);
        }
      }
    }
    sink->finish();
  }

  /// False when the format refuses the type, by its name.
  bool holds(DType dtype) const {
    try {
      CreateOptions options;
      options.force = true;
      create_sink(path_, sample(dtype).meta, options);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(ErrorKind::usage, error.kind()) << error.what();
      EXPECT_NE(std::string::npos, std::string(error.what()).find(dtype_name(dtype))) << error.what();
      return false;
    }
  }

  /// No file may grow beyond 100,000 bytes.
  void expect_no_space(const Volume& volume, const CreateOptions& options) const {
    std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit before {};
    getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit limit = before;
    limit.rlim_cur = 100000;
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write(volume, options);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(ErrorKind::space, error.kind()) << error.what();
    }
    setrlimit(RLIMIT_FSIZE, &before);
  }

  std::vector<std::byte> read() const {
    const auto source = open_source(path_, {});
    std::vector<std::byte> bytes(static_cast<std::size_t>(source->meta().bytes()));
    source->read(whole(source->meta().shape), bytes.data());
    return bytes;
  }

  /// The file itself, or all files of a format that is a folder.
  static std::vector<fs::path> files_of(const fs::path& path) {
    if (!fs::is_directory(path)) return {path};
    std::vector<fs::path> all;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path))
      if (entry.is_regular_file()) all.push_back(entry.path());
    std::sort(all.begin(), all.end());
    return all;
  }

  static std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_;
  std::string path_;
};

void expect_traits_of(const SlabSink& sink, const SlabSink& planned) {
  EXPECT_EQ(sink.seekable(), planned.seekable());
  EXPECT_EQ(sink.chunk(), planned.chunk());
  EXPECT_EQ(sink.encodes(), planned.encodes());
  EXPECT_EQ(sink.scratch_bytes(), planned.scratch_bytes());
  EXPECT_EQ(sink.held_bytes(), planned.held_bytes());
}

TEST_P(EveryFormat, IsPlannedAsItIsMade) {
  const VolumeMeta meta = test::random_volume({30, 200, 1700}, DType::uint16, 3).meta;
  for (const std::string codec : {"", "none", "deflate", "gzip", "zstd"}) {
    CreateOptions options;
    options.force = true;
    options.threads = 3;
    if (!codec.empty()) options.compression = Compression{codec, {}};
    for (const std::string& path : {path_, (folder_ / "slices/").string()}) {
      SCOPED_TRACE(path + " " + codec);
      std::unique_ptr<SlabSink> sink;
      try {
        sink = create_sink(path, meta, options);
      } catch (const Error&) {
        continue;  // a codec that the format has not
      }
      expect_traits_of(*sink, *planned_sink(path, meta, options));
    }
  }
}

TEST(PlannedStream, CannotSeek) {
  const VolumeMeta meta = test::random_volume({2, 3, 4}, DType::uint8, 3).meta;
  EXPECT_FALSE(planned_sink("-", meta, {})->seekable());
  EXPECT_THROW(planned_sink("volume.unknown", meta, {}), Error);
}

TEST_P(EveryFormat, VoxelsAndMetaComeBackForEveryTypeThatItHas) {
  for (const DType dtype : kAllDTypes) {
    if (!holds(dtype)) continue;
    const Volume volume = sample(dtype);
    CreateOptions options;
    options.force = true;
    write(volume, options);
    EXPECT_EQ(volume.bytes, read()) << dtype_name(dtype);
    EXPECT_TRUE(volume.meta == open_source(path_, {})->meta()) << dtype_name(dtype);
  }
}

TEST_P(EveryFormat, PartsThatAreNotThereAreRefusedNotIgnored) {
  write(sample(DType::uint16));
  OpenOptions first;
  first.level = first.channel = first.time = 0;
  EXPECT_NO_THROW(open_source(path_, first));
  for (std::optional<std::int64_t> OpenOptions::*part :
       {&OpenOptions::level, &OpenOptions::channel, &OpenOptions::time}) {
    OpenOptions second;
    second.*part = 1;
    EXPECT_THROW(open_source(path_, second), Error);
  }
}

TEST_P(EveryFormat, APredictorIsUsedOrRefused) {
  CreateOptions options;
  options.predictor = true;
  const bool tiff = path_.ends_with(".tif");
  if (tiff) options.compression = Compression{"lzw", {}};
  if (tiff)
    EXPECT_NO_THROW(create_sink(path_, sample(DType::uint16).meta, options));
  else
    EXPECT_THROW(create_sink(path_, sample(DType::uint16).meta, options), Error);
}

TEST(MultiscaleOutput, IsAFormatWithLevelsAndWhatItHas) {
  CreateOptions options;
  EXPECT_NO_THROW(multiscale_format("a.ome.zarr", options));
  EXPECT_TRUE(multiscale_format("a.ome.tif", options).keeps_planes);
  EXPECT_THROW(multiscale_format("a.tif", options), Error);
  options.predictor = true;
  EXPECT_THROW(multiscale_format("a.ome.zarr", options), Error);
}

TEST_P(EveryFormat, TheSameVolumeGivesTheSameBytes) {
  const auto content = [&] {
    std::string all;
    for (const fs::path& file : files_of(path_)) all += file.string() + "\n" + content_of(file);
    return all;
  };
  write(sample(DType::uint16));
  const std::string first = content();
  CreateOptions options;
  options.force = true;
  write(sample(DType::uint16), options);
  EXPECT_EQ(first, content());
}

TEST_P(EveryFormat, AFileCutShortAnywhereIsAnErrorNotAnotherVolume) {
  const Volume volume = sample(DType::uint16);
  write(volume);
  for (const fs::path& file : files_of(path_)) {
    const std::string whole = content_of(file);
    const auto size = static_cast<std::int64_t>(whole.size());
    for (std::int64_t cut = 0; cut < size; cut += cut < 600 || cut > size - 600 ? 1 : 37) {
      std::ofstream(file, std::ios::binary | std::ios::trunc)
          << whole.substr(0, static_cast<std::size_t>(cut));
      try {
        EXPECT_EQ(volume.bytes, read()) << "cut at " << cut;
      } catch (const Error& error) {
        // A header cut within the name of its voxels' file has another name there.
        const std::string said = error.what();
        EXPECT_TRUE(said.find("cut") != std::string::npos ||
                    said.find(": the voxels' file ") != std::string::npos)
            << said;
      }
    }
    std::ofstream(file, std::ios::binary | std::ios::trunc) << whole;
  }
}

TEST_P(EveryFormat, FlippedBitsInTheFileNeverCrash) {
  const Volume volume = sample(DType::uint16);
  write(volume);
  std::mt19937 random(5);
  for (const fs::path& file : files_of(path_)) {
    const std::string content = content_of(file);
    for (std::size_t i = 0; i < 3000 / files_of(path_).size(); ++i) {
      std::string damaged = content;
      for (int k = 0; k < 2; ++k) damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
      std::ofstream(file, std::ios::binary | std::ios::trunc) << damaged;
      try {
        read();
      } catch (const Error& error) {
        EXPECT_EQ(std::string::npos, std::string(error.what()).find('\n')) << error.what();
      }
    }
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
  }
}

TEST_P(EveryFormat, ASidecarOfAnotherVolumeIsRefused) {
  write(sample(DType::uint16));
  Volume other({4, 9, 13}, DType::uint16);
  std::ofstream(sidecar_path(path_)) << meta_to_sidecar(other.meta);
  EXPECT_THROW(read(), Error);
}

TEST_P(EveryFormat, NothingIsLeftWhenItIsNotFinishedOrTheDiskIsFull) {
  const Volume volume = test::random_volume({20, 100, 100}, DType::uint16, 4);
  { const auto sink = create_sink(path_, volume.meta, {}); }
  EXPECT_EQ(0u, files());
  expect_no_space(volume, {});
  EXPECT_EQ(0u, files());
}

TEST_P(EveryFormat, AFailureAtTheVeryEndKeepsTheOldVolume) {
  const Volume old = sample(DType::uint16);
  write(old);
  const std::size_t before = files();
  Volume next = test::random_volume({5, 9, 13}, DType::uint16, 8);
  std::string words(200000, ' ');
  std::mt19937 random(1);
  for (char& letter : words) letter = static_cast<char>('0' + random() % 64);
  next.meta.history = {{"vphantom", "0.1.0", {words}, {}}};
  CreateOptions options;
  options.force = true;
  expect_no_space(next, options);
  EXPECT_EQ(before, files());
  EXPECT_EQ(old.bytes, read());
}

TEST_P(EveryFormat, AnExistingOutputNeedsForce) {
  write(sample(DType::uint8));
  const std::size_t before = files();
  EXPECT_THROW(write(sample(DType::uint8)), Error);
  EXPECT_EQ(before, files());
}

INSTANTIATE_TEST_SUITE_P(Table, EveryFormat, testing::ValuesIn(written_extensions()), [](const auto& tested) {
  std::string name = tested.param.substr(1);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

}  // namespace
}  // namespace vox
