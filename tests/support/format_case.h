// A folder for each test, and volumes written to and read from files in it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.h"
#include "support/faulty_device.h"
#include "support/memory_volume.h"

namespace vox::test {

class FormatCase : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("voxpipe-format-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void write_bytes(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary | std::ios::trunc) << content;
  }

  std::string content(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Plane by plane in order, as the engine does for a sink that compresses.
  void write(const std::string& name, const Volume& volume, const std::string& codec = "",
             std::optional<int> level = {}) const {
    CreateOptions options;
    options.force = true;
    if (!codec.empty()) options.compression = Compression{codec, level};
    const auto sink = create_sink(path(name), volume.meta, options);
    const Extent3 shape = volume.meta.shape;
    const auto plane = static_cast<std::size_t>(volume.meta.plane_bytes());
    for (std::int64_t z = 0; z < shape.z; ++z) {
      std::vector<std::byte> part(volume.bytes.begin() + static_cast<std::ptrdiff_t>(plane) * z,
                                  volume.bytes.begin() + static_cast<std::ptrdiff_t>(plane) * (z + 1));
      sink->put({{z, 0, 0}, {z + 1, shape.y, shape.x}}, part);
    }
    sink->finish();
  }

  static std::vector<std::byte> voxels_of(SlabSource& source) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(source.meta().bytes()));
    source.read(whole(source.meta().shape), bytes.data());
    return bytes;
  }

  std::vector<std::byte> read(const std::string& name) const {
    return voxels_of(*open_source(path(name), {}));
  }
  VolumeMeta meta(const std::string& name) const { return open_source(path(name), {})->meta(); }

  /// The message of the error that reading all of a file gives; empty when there is none.
  std::string error_of(const std::string& name, const OpenOptions& options = {}) const {
    try {
      voxels_of(*open_source(path(name), options));
    } catch (const Error& error) {
      EXPECT_EQ(std::string::npos, std::string(error.what()).find('\n')) << error.what();
      return error.what();
    }
    return {};
  }

  /// Bytes that come as from a pipe, a few at a time.
  static ByteSource piped(std::vector<std::byte>& content) {
    return {std::make_unique<FaultyDevice>(content, Faults{.longest_transfer = 7}), "pipe", std::nullopt};
  }
  static std::vector<std::byte> bytes_of(const std::string& text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
  }

  std::filesystem::path folder_;
};

inline std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The bytes of every element in opposite order.
inline std::string swapped(std::string bytes, std::int64_t element) {
  const auto step = static_cast<std::ptrdiff_t>(element);
  for (auto at = bytes.begin(); at != bytes.end(); at += step) std::reverse(at, at + step);
  return bytes;
}

}  // namespace vox::test
