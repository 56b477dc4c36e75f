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

std::int64_t padded_plane_bytes(const VolumeMeta& meta, const Extent3& halo, std::int64_t rows) {
  return (rows + 2 * halo.y) * padded_row_bytes(meta, halo);
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
      capacity_(planes + 3 * halo.z),
      begin_(boundary.mode == BoundaryMode::wrap ? needed.begin : std::max<std::int64_t>(needed.begin, 0)),
      end_(begin_),
      room_before_(begin_ - needed.begin),
      buffer_(bytes(meta, halo, planes, rows.size())) {}

std::int64_t HaloWindow::bytes(const VolumeMeta& meta, const Extent3& halo, std::int64_t planes,
                               std::int64_t rows) {
  return (planes + 3 * halo.z) * padded_plane_bytes(meta, halo, rows);
}

std::byte* HaloWindow::plane_data(std::int64_t plane) const {
  // Until the planes below 0 are filled in, they have their room in front.
  const std::int64_t slot = plane - begin_ + room_before_;
  return buffer_.data() + slot * plane_stride_ + halo_.y * row_stride_ + halo_.x * size_of(meta_.dtype);
}

Block HaloWindow::next(std::int64_t count) {
  if (end_ - begin_ + room_before_ + count > capacity_) throw std::logic_error("a halo window has no room");
  return {plane_data(end_),
          meta_.dtype,
          {{end_, rows_.begin, 0}, {end_ + count, rows_.end, meta_.shape.x}},
          row_stride_,
          plane_stride_};
}

void HaloWindow::fill_sides(std::byte* row) {
  const std::int64_t element = size_of(meta_.dtype);
  const std::int64_t nx = meta_.shape.x;
  const auto fill = [&](std::int64_t x) {
    const std::int64_t source = boundary_index(x, nx, boundary_.mode);
    if (source < 0)
      fill_voxels(row + x * element, meta_.dtype, 1, boundary_.value);
    else
      std::memcpy(row + x * element, row + source * element, static_cast<std::size_t>(element));
  };
  for (std::int64_t x = -halo_.x; x < 0; ++x) fill(x);
  for (std::int64_t x = nx; x < nx + halo_.x; ++x) fill(x);
}

void HaloWindow::fill_margins(std::int64_t plane) {
  std::byte* first = plane_data(plane);
  for (std::int64_t i = 0; i < rows_.size() && halo_.x > 0; ++i) fill_sides(first + i * row_stride_);
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

void HaloWindow::extend_plane(std::int64_t plane) {
  const std::int64_t source = boundary_index(plane, meta_.shape.z, boundary_.mode);
  const std::int64_t margin = halo_.y * row_stride_ + halo_.x * size_of(meta_.dtype);
  std::byte* target = plane_data(plane) - margin;
  if (source < 0)
    fill_voxels(target, meta_.dtype, plane_stride_ / size_of(meta_.dtype), boundary_.value);
  else
    std::memcpy(target, plane_data(source) - margin, static_cast<std::size_t>(plane_stride_));
}

void HaloWindow::commit(std::int64_t count) {
  end_ += count;
  if (boundary_.mode == BoundaryMode::wrap) return;
  const std::int64_t nz = meta_.shape.z;
  if (room_before_ > 0 && (end_ > halo_.z || end_ == nz)) {
    for (std::int64_t plane = needed_.begin; plane < 0; ++plane) extend_plane(plane);
    begin_ -= room_before_;
    room_before_ = 0;
  }
  if (end_ != nz || needed_.end <= nz) return;
  for (std::int64_t plane = nz; plane < needed_.end; ++plane) extend_plane(plane);
  end_ = needed_.end;
}

ConstBlock HaloWindow::block(const Box3& box) const {
  return {plane_data(box.begin.z) + (box.begin.y - rows_.begin) * row_stride_ +
              box.begin.x * size_of(meta_.dtype),
          meta_.dtype, box, row_stride_, plane_stride_};
}

void HaloWindow::forget_below(std::int64_t plane) {
  const std::int64_t gone = std::min(plane, end_) - begin_;
  if (gone <= 0 || room_before_ > 0) return;
  std::memmove(buffer_.data(), buffer_.data() + gone * plane_stride_,
               static_cast<std::size_t>((end_ - begin_ - gone) * plane_stride_));
  begin_ += gone;
}

}  // namespace vox
