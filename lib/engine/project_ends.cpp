#include "engine/project_ends.h"

#include <algorithm>

#include "ops/project/projection_rows.h"
#include "ops/scratch.h"

namespace vox {
namespace {

/// Lines along x that are turned into columns at once.
constexpr std::int64_t kTurned = 32;

void project_rows_of_plane(const Projection& projection, const std::byte* voxels, const Extent3& size,
                           std::byte* out) {
  const std::int64_t element = size_of(projection.input());
  std::byte* const columns = thread_scratch(project_lines_scratch(projection, Axis::x, size, element));
  std::byte* const rest = columns + scratch_row_bytes(kTurned * size.x, element);
  for (std::int64_t y = 0; y < size.y; y += kTurned) {
    const std::int64_t lines = std::min(kTurned, size.y - y);
    transpose_rows(voxels + y * size.x * element, size.x * element, lines, size.x, element, columns);
    projection.whole_lines(columns, lines * element, lines, out + y * size_of(projection.output()), rest);
  }
}

}  // namespace

Projection projection_of(const VolumeMeta& meta, const ProjectSpec& spec) {
  const Extent3& shape = meta.shape;
  const std::int64_t count = spec.axis == Axis::z ? shape.z : spec.axis == Axis::y ? shape.y : shape.x;
  return {spec.method, meta.dtype, count, spec.nan};
}

std::int64_t project_sink_bytes(const SlabSink* sink) {
  return sink == nullptr ? 0 : sink->held_bytes() + sink->scratch_bytes();
}

void put_projected(SlabSink& sink, const Box3& box, std::byte* data, Progress* progress) {
  const std::int64_t plane_bytes = box.shape().y * sink.meta().row_bytes();
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z, data += plane_bytes) {
    const Box3 plane{{z, box.begin.y, box.begin.x}, {z + 1, box.end.y, box.end.x}};
    const std::span<std::byte> voxels_out(data, static_cast<std::size_t>(plane_bytes));
    if (sink.encodes()) {
      Encoded encoded;
      sink.encode(plane, voxels_out, encoded);
      sink.put_encoded(plane, encoded);
    } else {
      sink.put(plane, voxels_out);
    }
    if (progress != nullptr) progress->bytes_out += plane_bytes;
  }
}

void project_lines(const Projection& projection, Axis axis, const std::byte* voxels, const Extent3& size,
                   std::byte* out) {
  const std::int64_t row = size.x * size_of(projection.input());
  if (axis == Axis::z) {
    const std::int64_t width = size.y * size.x;
    return projection.whole_lines(voxels, size.y * row, width, out,
                                  thread_scratch(projection.whole_lines_bytes(width)));
  }
  const std::int64_t lines = axis == Axis::y ? size.x : size.y;
  for (std::int64_t z = 0; z < size.z; ++z, voxels += size.y * row) {
    if (axis == Axis::y)
      projection.whole_lines(voxels, row, size.x, out, thread_scratch(projection.whole_lines_bytes(size.x)));
    else
      project_rows_of_plane(projection, voxels, size, out);
    out += lines * size_of(projection.output());
  }
}

std::int64_t project_lines_scratch(const Projection& projection, Axis axis, const Extent3& size,
                                   std::int64_t voxel_bytes) {
  if (axis == Axis::x)
    return scratch_row_bytes(kTurned * size.x, voxel_bytes) + projection.whole_lines_bytes(kTurned);
  return projection.whole_lines_bytes(axis == Axis::y ? size.x : size.y * size.x);
}

}  // namespace vox
