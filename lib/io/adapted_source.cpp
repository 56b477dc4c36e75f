#include "io/adapted_source.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

namespace vox {
namespace {

class SourceWithMeta : public SlabSource {
 public:
  SourceWithMeta(std::unique_ptr<SlabSource> source, const VolumeMeta& meta) : source_(std::move(source)) {
    meta_ = meta;
    info_ = source_->info();
  }

  bool seekable() const override { return source_->seekable(); }
  Extent3 chunk() const override { return source_->chunk(); }
  std::int64_t scratch_bytes() const override { return source_->scratch_bytes(); }
  std::int64_t held_bytes() const override { return source_->held_bytes(); }
  void read(const Box3& box, std::byte* out) override { source_->read(box, out); }

 private:
  std::unique_ptr<SlabSource> source_;
};

class CroppedSource : public SlabSource {
 public:
  CroppedSource(std::unique_ptr<SlabSource> source, const Box3& box) : source_(std::move(source)), box_(box) {
    meta_ = cropped(source_->meta(), box);
    info_ = source_->info();
  }

  bool seekable() const override { return source_->seekable(); }

  Extent3 chunk() const override {
    // Blocks of the crop line up with chunks only where the crop begins at one; whole ones are right anyway.
    const Extent3 inner = source_->chunk();
    return {box_.begin.z % inner.z == 0 ? inner.z : 1, inner.y, meta_.shape.x};
  }

  /// A pipe gives full rows only: those of a few planes' rows are cut here.
  std::int64_t scratch_bytes() const override {
    return source_->scratch_bytes() + (seekable() ? 0 : kRowsBytes);
  }

  std::int64_t held_bytes() const override { return source_->held_bytes(); }

  void read(const Box3& box, std::byte* out) override {
    const Box3 wanted = shifted(box, box_.begin);
    if (seekable() || meta_.shape.x == source_->meta().shape.x) {
      read_planes(wanted, out);
      return;
    }
    read_cut_rows(wanted, out);
  }

 private:
  static constexpr std::int64_t kRowsBytes = 256 << 10;

  /// A pipe takes its boxes plane by plane, since the rows between two planes of the crop are left out.
  void read_planes(const Box3& wanted, std::byte* out) {
    if (seekable()) {
      source_->read(wanted, out);
      return;
    }
    const std::int64_t bytes = (wanted.end.y - wanted.begin.y) * meta_.row_bytes();
    for (std::int64_t z = wanted.begin.z; z < wanted.end.z; ++z)
      source_->read({{z, wanted.begin.y, 0}, {z + 1, wanted.end.y, wanted.end.x}},
                    out + (z - wanted.begin.z) * bytes);
  }

  void read_cut_rows(const Box3& wanted, std::byte* out) {
    const std::int64_t full = source_->meta().row_bytes();
    const std::int64_t kept = meta_.row_bytes();
    const std::int64_t left = wanted.begin.x * size_of(meta_.dtype);
    const std::int64_t rows_at_once = std::max<std::int64_t>(1, kRowsBytes / full);
    std::vector<std::byte> rows(
        static_cast<std::size_t>(std::min(rows_at_once, wanted.end.y - wanted.begin.y) * full));
    for (std::int64_t z = wanted.begin.z; z < wanted.end.z; ++z) {
      for (std::int64_t y = wanted.begin.y; y < wanted.end.y; y += rows_at_once) {
        const std::int64_t end = std::min(y + rows_at_once, wanted.end.y);
        source_->read({{z, y, 0}, {z + 1, end, source_->meta().shape.x}}, rows.data());
        for (std::int64_t row = 0; row < end - y; ++row, out += kept)
          std::memcpy(out, rows.data() + row * full + left, static_cast<std::size_t>(kept));
      }
    }
  }

  std::unique_ptr<SlabSource> source_;
  Box3 box_;
};

/// Passes reading on to a source that somebody else owns.
class BorrowedSource : public SlabSource {
 public:
  explicit BorrowedSource(SlabSource& source) : source_(source) {
    meta_ = source.meta();
    info_ = source.info();
  }

  bool seekable() const override { return source_.seekable(); }
  Extent3 chunk() const override { return source_.chunk(); }
  std::int64_t scratch_bytes() const override { return source_.scratch_bytes(); }
  std::int64_t held_bytes() const override { return source_.held_bytes(); }
  void read(const Box3& box, std::byte* out) override { source_.read(box, out); }

 private:
  SlabSource& source_;
};

class RepeatedPlane : public SlabSource {
 public:
  RepeatedPlane(std::unique_ptr<SlabSource> source, std::int64_t planes) : source_(std::move(source)) {
    meta_ = source_->meta();
    meta_.shape.z = planes;
    info_ = source_->info();
  }

  bool seekable() const override { return true; }
  std::int64_t held_bytes() const override { return meta_.plane_bytes() + source_->held_bytes(); }

  void read(const Box3& box, std::byte* out) override {
    std::call_once(loaded_, [this] {
      plane_.resize(static_cast<std::size_t>(meta_.plane_bytes()));
      source_->read(whole(source_->meta().shape), plane_.data());
    });
    const auto row = static_cast<std::size_t>(box.shape().x * size_of(meta_.dtype));
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z)
      for (std::int64_t y = box.begin.y; y < box.end.y; ++y, out += row)
        std::memcpy(out, plane_.data() + y * meta_.row_bytes() + box.begin.x * size_of(meta_.dtype), row);
  }

 private:
  std::unique_ptr<SlabSource> source_;
  std::once_flag loaded_;
  std::vector<std::byte> plane_;
};

}  // namespace

std::unique_ptr<SlabSource> view_planes(SlabSource& source, const Interval& planes) {
  const Extent3 shape = source.meta().shape;
  return crop(std::make_unique<BorrowedSource>(source),
              {{planes.begin, 0, 0}, {planes.end, shape.y, shape.x}});
}

std::unique_ptr<SlabSource> repeat_plane(std::unique_ptr<SlabSource> source, std::int64_t planes) {
  return std::make_unique<RepeatedPlane>(std::move(source), planes);
}

std::unique_ptr<SlabSource> with_meta(std::unique_ptr<SlabSource> source, const VolumeMeta& meta) {
  return std::make_unique<SourceWithMeta>(std::move(source), meta);
}

std::unique_ptr<SlabSource> crop(std::unique_ptr<SlabSource> source, const Box3& box) {
  if (box == whole(source->meta().shape)) return source;
  return std::make_unique<CroppedSource>(std::move(source), box);
}

}  // namespace vox
