#include "io/transposed_source.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include "core/cancel.h"
#include "io/bytes.h"
#include "io/output_file.h"
#include "io/temporary.h"

namespace vox {
namespace {

constexpr std::int64_t kMostPieceBytes = 8 << 20;
constexpr std::int64_t kTile = 32;

/// Memory that is not cleared.
using Bytes = std::unique_ptr<std::byte[]>;
Bytes uncleared(std::int64_t size) {
  return std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(size));
}

/// Columns of the volume, all planes of them, that are turned around together.
struct Part {
  std::int64_t x, x_end, y, y_end;
  std::int64_t at;  ///< in the store, in bytes

  std::int64_t width() const { return x_end - x; }
  std::int64_t rows() const { return y_end - y; }
};

/// From (x, y, z) to (z, y, x) order, in tiles that stay in the cache; `out_row` and `out_plane` are steps in
/// elements.
template <class Element>
void turn_around(const Element* in, const Extent3& in_shape, Element* out, std::int64_t out_row,
                 std::int64_t out_plane) {
  const auto [nx, ny, nz] = in_shape;
  for (std::int64_t y = 0; y < ny; ++y) {
    for (std::int64_t x0 = 0; x0 < nx; x0 += kTile) {
      for (std::int64_t z0 = 0; z0 < nz; z0 += kTile) {
        const std::int64_t x1 = std::min(x0 + kTile, nx);
        const std::int64_t z1 = std::min(z0 + kTile, nz);
        for (std::int64_t z = z0; z < z1; ++z)
          for (std::int64_t x = x0; x < x1; ++x)
            out[z * out_plane + y * out_row + x] = in[(x * ny + y) * nz + z];
      }
    }
  }
}

class TransposedSource : public SlabSource {
 public:
  TransposedSource(std::unique_ptr<SlabSource> source, const VolumeMeta& meta, const OpenOptions& options)
      : source_(std::move(source)),
        options_(options),
        element_(size_of(meta.dtype)),
        piece_bytes_(std::min(kMostPieceBytes, options.memory / 4)) {
    meta_ = meta;
    info_ = source_->info();
    in_memory_ = meta.bytes() <= options.memory;
    const std::int64_t column = meta.shape.z * element_;
    const std::int64_t columns = std::max<std::int64_t>(1, options.memory / column);
    const std::int64_t rows = std::min(columns, meta.shape.y);
    const std::int64_t width = in_memory_ ? meta.shape.x : std::max<std::int64_t>(1, columns / meta.shape.y);
    std::int64_t at = 0;
    for (std::int64_t x = 0; x < meta.shape.x; x += width) {
      for (std::int64_t y = 0; y < meta.shape.y; y += in_memory_ ? meta.shape.y : rows) {
        Part part{x, std::min(x + width, meta.shape.x), y,
                  in_memory_ ? meta.shape.y : std::min(y + rows, meta.shape.y), at};
        at += part.width() * part.rows() * column;
        parts_.push_back(part);
      }
    }
  }

  bool seekable() const override { return true; }

  std::int64_t held_bytes() const override { return std::min(meta_.bytes(), options_.memory) + piece_bytes_; }

  void read(const Box3& box, std::byte* out) override {
    {
      const std::lock_guard lock(mutex_);
      if (!turned_) turn_all();
      turned_ = true;
    }
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z)
      for (const Part& part : parts_) read_part(part, z, box, out);
  }

 private:
  void turn_all() {
    if (!in_memory_) {
      check_space(options_.tmpdir + "/", meta_.bytes());
      const int descriptor = open_unlinked(options_.tmpdir);
      sink_ = std::make_unique<ByteSink>(file_device(descriptor, true), "scratch file in " + options_.tmpdir);
      stored_ = std::make_unique<ByteSource>(file_device(descriptor, false), sink_->name(), meta_.bytes());
    }
    std::int64_t largest = 0;
    for (const Part& part : parts_) largest = std::max(largest, part_bytes(part));
    memory_ = uncleared(largest);
    for (const Part& part : parts_) {
      turn(part);
      const std::span<const std::byte> bytes(memory_.get(), static_cast<std::size_t>(part_bytes(part)));
      if (!in_memory_) sink_->write_at(bytes, part.at);
    }
    if (!in_memory_) memory_.reset();
  }

  std::int64_t part_bytes(const Part& part) const {
    return part.width() * part.rows() * meta_.shape.z * element_;
  }

  /// Reads a part in pieces, as many of its columns at once as fit, and puts each where it belongs.
  void turn(const Part& part) {
    const std::int64_t column = meta_.shape.z * element_;
    const std::int64_t rows = std::clamp<std::int64_t>(piece_bytes_ / column, 1, part.rows());
    const std::int64_t width =
        rows < part.rows() ? 1 : std::clamp<std::int64_t>(piece_bytes_ / (column * rows), 1, part.width());
    const Bytes piece = uncleared(width * rows * column);
    for (std::int64_t x = part.x; x < part.x_end; x += width) {
      for (std::int64_t y = part.y; y < part.y_end; y += rows) {
        check_cancelled();
        const Box3 box{{x, y, 0},
                       {std::min(x + width, part.x_end), std::min(y + rows, part.y_end), meta_.shape.z}};
        source_->read(box, piece.get());
        std::byte* target = memory_.get() + ((y - part.y) * part.width() + x - part.x) * element_;
        visit_dtype(meta_.dtype, [&](auto type) {
          using T = typename decltype(type)::type;
          turn_around(reinterpret_cast<const T*>(piece.get()), box.shape(), reinterpret_cast<T*>(target),
                      part.width(), part.rows() * part.width());
        });
      }
    }
  }

  /// Copies what `part` holds of plane `z` of a box.
  void read_part(const Part& part, std::int64_t z, const Box3& box, std::byte* out) const {
    const std::int64_t y = std::max(part.y, box.begin.y);
    const std::int64_t y_end = std::min(part.y_end, box.end.y);
    const std::int64_t x = std::max(part.x, box.begin.x);
    const std::int64_t x_end = std::min(part.x_end, box.end.x);
    if (y >= y_end || x >= x_end) return;
    const std::int64_t stored_row = part.width() * element_;
    const std::int64_t at = part.at + (z * part.rows() + y - part.y) * stored_row;
    const std::int64_t size = (y_end - y) * stored_row;
    Bytes loaded;
    const std::byte* rows = memory_.get() + at;
    if (!in_memory_) {
      loaded = uncleared(size);
      stored_->read_at({loaded.get(), static_cast<std::size_t>(size)}, at, "plane " + std::to_string(z));
      rows = loaded.get();
    }
    const Extent3 shape = box.shape();
    for (std::int64_t row = y; row < y_end; ++row, rows += stored_row) {
      const std::int64_t to = ((z - box.begin.z) * shape.y + row - box.begin.y) * shape.x + x - box.begin.x;
      std::memcpy(out + to * element_, rows + (x - part.x) * element_,
                  static_cast<std::size_t>((x_end - x) * element_));
    }
  }

  std::unique_ptr<SlabSource> source_;
  OpenOptions options_;
  std::int64_t element_;
  std::int64_t piece_bytes_;
  bool in_memory_ = false;
  std::vector<Part> parts_;
  std::mutex mutex_;
  bool turned_ = false;
  Bytes memory_;  ///< all of the volume, or the part that is being turned around
  std::unique_ptr<ByteSink> sink_;
  std::unique_ptr<ByteSource> stored_;
};

}  // namespace

std::unique_ptr<SlabSource> transposed_source(std::unique_ptr<SlabSource> source, const VolumeMeta& meta,
                                              const OpenOptions& options) {
  return std::make_unique<TransposedSource>(std::move(source), meta, options);
}

}  // namespace vox
