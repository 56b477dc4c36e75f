// Volumes in memory for tests: sources that can seek or only be read in order, and sinks that keep what they
// get.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <mutex>
#include <random>
#include <stdexcept>
#include <vector>

#include "io/volume_io.h"

namespace vox::test {

/// Voxels of a shape and type, dense.
struct Volume {
  VolumeMeta meta;
  std::vector<std::byte> bytes;

  explicit Volume(const Extent3& shape, DType dtype = DType::uint16) {
    meta.shape = shape;
    meta.dtype = dtype;
    bytes.resize(static_cast<std::size_t>(meta.bytes()));
  }

  template <class T>
  T& at(std::int64_t z, std::int64_t y, std::int64_t x) {
    return reinterpret_cast<T*>(bytes.data())[(z * meta.shape.y + y) * meta.shape.x + x];
  }
  template <class T>
  const T& at(std::int64_t z, std::int64_t y, std::int64_t x) const {
    return reinterpret_cast<const T*>(bytes.data())[(z * meta.shape.y + y) * meta.shape.x + x];
  }
  template <class T>
  std::vector<T> values() const {
    std::vector<T> result(bytes.size() / sizeof(T));
    std::memcpy(static_cast<void*>(result.data()), bytes.data(), bytes.size());
    return result;
  }
};

/// Random bits; floats without NaN and infinities.
inline Volume random_volume(const Extent3& shape, DType dtype, unsigned seed) {
  Volume volume(shape, dtype);
  std::mt19937_64 random(seed);
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    auto* voxels_out = reinterpret_cast<T*>(volume.bytes.data());
    for (std::int64_t i = 0; i < volume.meta.voxel_count(); ++i) {
      if constexpr (is_float_type<T>)
        voxels_out[i] = T(std::normal_distribution<double>(10, 300)(random));
      else
        voxels_out[i] = static_cast<T>(random());
    }
  });
  return volume;
}

/// Shows a volume; `seekable` false: only in scan order, as a pipe.
class MemorySource : public SlabSource {
 public:
  MemorySource(const Volume& volume, bool seekable) : volume_(volume), seekable_(seekable) {
    meta_ = volume.meta;
    info_.name = "memory";
    info_.format = "memory";
  }

  bool seekable() const override { return seekable_; }

  void read(const Box3& box, std::byte* out) override {
    const std::int64_t first = box.begin.z * meta_.shape.y + box.begin.y;
    if (!seekable_ && (first < next_row_ || box.shape().x != meta_.shape.x))
      throw std::logic_error("a pipe was asked for the past");
    if (!seekable_) next_row_ = (box.end.z - 1) * meta_.shape.y + box.end.y;
    const std::int64_t row = box.shape().x * size_of(meta_.dtype);
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z)
      for (std::int64_t y = box.begin.y; y < box.end.y; ++y, out += row)
        std::memcpy(out,
                    volume_.bytes.data() + (z * meta_.shape.y + y) * meta_.row_bytes() +
                        box.begin.x * size_of(meta_.dtype),
                    static_cast<std::size_t>(row));
  }

 private:
  const Volume& volume_;
  bool seekable_;
  std::int64_t next_row_ = 0;
};

/// Keeps what is put; `seekable` false: checks that boxes come in scan order.
class MemorySink : public SlabSink {
 public:
  MemorySink(const VolumeMeta& meta, bool seekable, std::int64_t chunk_rows = 1)
      : volume(meta.shape, meta.dtype), seekable_(seekable), chunk_rows_(chunk_rows) {
    meta_ = meta;
    volume.meta = meta;
  }

  bool seekable() const override { return seekable_; }
  Extent3 chunk() const override { return {1, chunk_rows_, meta_.shape.x}; }

  void put(const Box3& box, std::span<std::byte> voxels_in) override {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(0, box.begin.y % chunk_rows_);
    EXPECT_TRUE(box.end.y % chunk_rows_ == 0 || box.end.y == meta_.shape.y);
    const std::int64_t first = box.begin.z * meta_.shape.y + box.begin.y;
    if (!seekable_) {
      EXPECT_EQ(next_row_, first);
    }
    next_row_ = (box.end.z - 1) * meta_.shape.y + box.end.y;
    const std::byte* in = voxels_in.data();
    const std::int64_t bytes = (box.end.y - box.begin.y) * meta_.row_bytes();
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z, in += bytes)
      std::memcpy(volume.bytes.data() + (z * meta_.shape.y + box.begin.y) * meta_.row_bytes(), in,
                  static_cast<std::size_t>(bytes));
  }

  void finish() override { finished = true; }

  /// Boxes are to begin with this plane.
  void expect_from(std::int64_t plane) { next_row_ = plane * meta_.shape.y; }

  Volume volume;
  bool finished = false;

 private:
  bool seekable_;
  std::int64_t chunk_rows_;
  std::int64_t next_row_ = 0;
  std::mutex mutex_;
};

}  // namespace vox::test
