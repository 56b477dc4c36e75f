// NIfTI files made by hand, for tests of our reader and writer.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "core/error.h"
#include "io/nifti.h"
#include "io/nifti_header.h"
#include "io/sidecar.h"
#include "support/memory_volume.h"

namespace vox {

/// A file made by hand: fields at the places that nifti1.h and nifti2.h name.
class HandMade {
 public:
  HandMade(bool second, bool big_endian)
      : second_(second), big_endian_(big_endian), bytes_(second ? 544 : 352) {
    integer(0, 4, second ? 540 : 348);
    std::memcpy(bytes_.data() + (second ? 4 : 344), second ? "n+2\0\r\n\032\n" : "n+1\0", second ? 8 : 4);
    second ? integer(168, 8, 544) : real(108, 352);
  }

  void integer(std::size_t at, std::size_t size, std::int64_t value) {
    for (std::size_t i = 0; i < size; ++i)
      bytes_[at + (big_endian_ ? size - 1 - i : i)] = static_cast<char>(value >> 8 * i & 0xff);
  }
  /// A float of NIfTI-1, a double of NIfTI-2.
  void real(std::size_t at, double value) {
    second_ ? integer(at, 8, std::bit_cast<std::int64_t>(value))
            : integer(at, 4, std::bit_cast<std::int32_t>(static_cast<float>(value)));
  }

  void dims(const std::vector<std::int64_t>& lengths) {
    const std::size_t at = second_ ? 16 : 40;
    const std::size_t size = second_ ? 8 : 2;
    integer(at, size, static_cast<std::int64_t>(lengths.size()));
    for (std::size_t i = 0; i < lengths.size(); ++i) integer(at + size * (i + 1), size, lengths[i]);
  }
  void pixdim(std::size_t index, double value) {
    real((second_ ? 104 : 76) + (second_ ? 8 : 4) * index, value);
  }
  void datatype(std::int64_t value) { integer(second_ ? 12 : 70, 2, value); }
  void scaling(double slope, double inter) {
    real(second_ ? 176 : 112, slope);
    real(second_ ? 184 : 116, inter);
  }
  void units(std::int64_t value) { integer(second_ ? 500 : 123, second_ ? 4 : 1, value); }
  void sform(const NiftiAffine& affine) {
    integer(second_ ? 348 : 254, second_ ? 4 : 2, 1);
    for (std::size_t row = 0; row < 3; ++row)
      for (std::size_t column = 0; column < 4; ++column)
        real((second_ ? 400 : 280) + (row * 4 + column) * (second_ ? 8 : 4), affine[row][column]);
  }
  void qform(const std::array<double, 6>& quatern_and_offset) {
    integer(second_ ? 344 : 252, second_ ? 4 : 2, 1);
    for (std::size_t i = 0; i < 6; ++i)
      real((second_ ? 352 : 256) + i * (second_ ? 8 : 4), quatern_and_offset[i]);
  }
  void voxels_at(std::int64_t at) { second_ ? integer(168, 8, at) : real(108, static_cast<double>(at)); }
  void append(const std::vector<char>& more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  const std::vector<char>& bytes() const { return bytes_; }

 private:
  bool second_;
  bool big_endian_;
  std::vector<char> bytes_;
};

class NiftiFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("voxpipe-nifti-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "volume.nii").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::vector<char>& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  std::unique_ptr<SlabSource> open(const HandMade& file, const OpenOptions& options = {}) const {
    write(file.bytes());
    return open_nifti(ByteSource::open(path_), options);
  }

  std::string error_of(const HandMade& file, ErrorKind kind, const OpenOptions& options = {}) const {
    try {
      open(file, options);
    } catch (const Error& error) {
      EXPECT_EQ(static_cast<int>(kind), static_cast<int>(error.kind())) << error.what();
      EXPECT_EQ(0u, std::string(error.what()).find(path_)) << error.what();
      return error.what();
    }
    return "no error";
  }

  static std::vector<std::byte> all_of(SlabSource& source) {
    std::vector<std::byte> out(static_cast<std::size_t>(source.meta().bytes()));
    source.read(whole(source.meta().shape), out.data());
    return out;
  }

  /// Writes a volume, forgets its sidecar and reads it back.
  VolumeMeta back(const test::Volume& volume) const {
    CreateOptions options;
    options.force = true;
    const auto sink = create_nifti(path_, volume.meta, options);
    std::vector<std::byte> copy = volume.bytes;
    sink->put(whole(volume.meta.shape), copy);
    sink->finish();
    std::filesystem::remove(sidecar_path(path_));
    const auto source = open_nifti(ByteSource::open(path_), {});
    EXPECT_EQ(volume.bytes, all_of(*source));
    return source->meta();
  }

  std::filesystem::path folder_;
  std::string path_;
};

}  // namespace vox
