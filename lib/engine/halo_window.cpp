#include "engine/halo_window.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "core/fill_voxels.h"

namespace vox {
namespace {

std::int64_t aligned(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

std::int64_t padded_row_bytes(const VolumeMeta& meta, const Extent3& halo) {
  return aligned((meta.shape.x + 2 * halo.x) * size_of(meta.dtype));
}

/// The same row of all planes would share a few sets of the cache if planes were whole pages long: each
/// begins 0.61 of a page, the golden section, further into one than the plane before.
std::int64_t padded_plane_bytes(const VolumeMeta& meta, const Extent3& halo, std::int64_t rows) {
  constexpr std::int64_t kPage = 4096;
  constexpr std::int64_t kLine = 64;
  constexpr std::int64_t kShift = 39 * kLine;
  const std::int64_t bytes = (rows + 2 * halo.y) * padded_row_bytes(meta, halo);
  if (bytes < 16 * kPage) return bytes;
  return bytes + (kPage + kShift - bytes % kPage) % kPage;
}

template <class Word>
void copy_sides(Word* row, const std::vector<std::int64_t>& sources, std::int64_t nx, Word constant) {
  const auto half = static_cast<std::int64_t>(sources.size() / 2);
  const auto voxel = [&](std::int64_t source) { return source < 0 ? constant : row[source]; };
  for (std::int64_t i = 0; i < half; ++i) {
    row[i - half] = voxel(sources[static_cast<std::size_t>(i)]);
    row[nx + i] = voxel(sources[static_cast<std::size_t>(half + i)]);
  }
}

/// The columns on either side of a row, as many as `sources` says. `constant`: begins with the voxel of
/// boundary constant.
void fill_sides(std::byte* row, std::int64_t voxel_bytes, const std::vector<std::int64_t>& sources,
                std::int64_t nx, std::uint64_t constant) {
  const auto copy = [&]<class Word>(Word) {
    copy_sides(reinterpret_cast<Word*>(row), sources, nx, static_cast<Word>(constant));
  };
  if (voxel_bytes == 1) copy(std::uint8_t{});
  if (voxel_bytes == 2) copy(std::uint16_t{});
  if (voxel_bytes == 4) copy(std::uint32_t{});
  if (voxel_bytes == 8) copy(std::uint64_t{});
}

}  // namespace

HaloWindow::HaloWindow(const VolumeMeta& meta, const Extent3& halo, const Boundary& boundary,
                       std::int64_t planes, const Interval& needed, const Interval& rows)
    : meta_(meta),
      halo_(halo),
      boundary_(boundary),
      needed_(needed),
      rows_(rows),
      row_stride_(padded_row_bytes(meta, halo)),
      plane_stride_(padded_plane_bytes(meta, halo, rows.size())),
      capacity_(planes + 2 * halo.z),
      first_(boundary.mode == BoundaryMode::wrap ? needed.begin : std::max<std::int64_t>(needed.begin, 0)),
      begin_(first_),
      end_(first_),
      before_(first_ - needed.begin),
      buffer_(bytes(meta, halo, boundary, planes, rows.size())) {
  const std::int64_t nx = meta.shape.x;
  for (const std::int64_t first : {-halo.x, nx})
    for (std::int64_t x = first; x < first + halo.x; ++x)
      sides_.push_back(boundary_index(x, nx, boundary.mode));
  if (boundary.mode != BoundaryMode::constant) return;
  fill_voxels(reinterpret_cast<std::byte*>(&constant_), meta.dtype, 1, boundary.value);
  if (halo.z > 0)
    fill_voxels(buffer_.data() + capacity_ * plane_stride_, meta.dtype, plane_stride_ / size_of(meta.dtype),
                boundary.value);
}

std::int64_t HaloWindow::bytes(const VolumeMeta& meta, const Extent3& halo, const Boundary& boundary,
                               std::int64_t planes, std::int64_t rows) {
  const bool plane_outside = boundary.mode == BoundaryMode::constant && halo.z > 0;
  return (planes + 2 * halo.z + (plane_outside ? 1 : 0)) * padded_plane_bytes(meta, halo, rows);
}

std::byte* HaloWindow::place(std::int64_t number) const {
  return buffer_.data() + number * plane_stride_ + halo_.y * row_stride_ + halo_.x * size_of(meta_.dtype);
}

Block HaloWindow::next(std::int64_t count) {
  planes_.resize(static_cast<std::size_t>(end_ - begin_));
  if (end_ - std::max(begin_, first_) + count > capacity_)
    throw std::logic_error("a halo window has no room");
  for (std::int64_t i = 0; i < count; ++i) planes_.push_back(place((end_ + i - first_) % capacity_));
  return {plane_data(end_), meta_.dtype,   {{end_, rows_.begin, 0}, {end_ + count, rows_.end, meta_.shape.x}},
          row_stride_,      plane_stride_, planes_.data() + (end_ - begin_)};
}

// So that the last row is there where it belongs, and every other one behind where it belongs.
std::byte* HaloWindow::dense_rows(std::byte* plane) const {
  return plane + (rows_.size() - 1) * (row_stride_ - meta_.row_bytes());
}

void HaloWindow::spread(std::byte* plane) const {
  const std::byte* dense = dense_rows(plane);
  const std::int64_t row_bytes = meta_.row_bytes();
  for (std::int64_t i = 0; i < rows_.size() && dense != plane; ++i)
    std::memmove(plane + i * row_stride_, dense + i * row_bytes, static_cast<std::size_t>(row_bytes));
}

void HaloWindow::fill_margins(std::byte* first) const {
  for (std::int64_t i = 0; i < rows_.size() && halo_.x > 0; ++i)
    fill_sides(first + i * row_stride_, size_of(meta_.dtype), sides_, meta_.shape.x, constant_);
  const std::int64_t ny = meta_.shape.y;
  const std::int64_t left = halo_.x * size_of(meta_.dtype);
  const std::int64_t voxels = meta_.shape.x + 2 * halo_.x;
  const auto fill_row = [&](std::int64_t y) {
    const std::int64_t source = boundary_index(y, ny, boundary_.mode);
    std::byte* row = first + (y - rows_.begin) * row_stride_ - left;
    if (source < 0)
      fill_voxels(row, meta_.dtype, voxels, boundary_.value);
    else
      std::memcpy(row, first + (source - rows_.begin) * row_stride_ - left,
                  static_cast<std::size_t>(voxels * size_of(meta_.dtype)));
  };
  const bool all = rows_ == Interval{0, ny};
  if (!all && boundary_.mode == BoundaryMode::wrap) return;
  for (std::int64_t y = -halo_.y; y < 0 && rows_.begin == 0; ++y) fill_row(y);
  for (std::int64_t y = ny; y < ny + halo_.y && rows_.end == ny; ++y) fill_row(y);
}

/// What stands for a plane outside of the volume: one of those inside, which are still there, since no kernel
/// has yet passed them by more than its halo; or the plane of constants.
std::byte* HaloWindow::outside(std::int64_t plane) const {
  const std::int64_t inside = boundary_index(plane, meta_.shape.z, boundary_.mode);
  return inside < 0 ? place(capacity_) : plane_data(inside);
}

void HaloWindow::commit(std::int64_t count) {
  end_ += count;
  if (boundary_.mode == BoundaryMode::wrap) return;
  const std::int64_t nz = meta_.shape.z;
  if (before_ > 0 && (end_ > halo_.z || end_ == nz)) {
    std::vector<std::byte*> before;
    for (std::int64_t plane = -before_; plane < 0; ++plane) before.push_back(outside(plane));
    planes_.insert(planes_.begin(), before.begin(), before.end());
    begin_ -= before_;
    before_ = 0;
  }
  if (end_ != nz || needed_.end <= nz) return;
  for (std::int64_t plane = nz; plane < needed_.end; ++plane) planes_.push_back(outside(plane));
  end_ = needed_.end;
}

ConstBlock HaloWindow::block(const Box3& box) const {
  const std::int64_t offset = (box.begin.y - rows_.begin) * row_stride_ + box.begin.x * size_of(meta_.dtype);
  return {plane_data(box.begin.z) + offset,       meta_.dtype, box, row_stride_, plane_stride_,
          planes_.data() + (box.begin.z - begin_)};
}

void HaloWindow::forget_below(std::int64_t plane) {
  const std::int64_t gone = std::min(plane, end_) - begin_;
  if (gone <= 0 || before_ > 0) return;
  planes_.erase(planes_.begin(), planes_.begin() + gone);
  begin_ += gone;
}

}  // namespace vox
