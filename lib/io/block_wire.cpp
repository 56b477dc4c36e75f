#include "io/block_wire.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "core/error.h"
#include "io/dense_source.h"
#include "io/npy.h"
#include "io/npy_header.h"
#include "io/nrrd.h"
#include "io/volume_io.h"

namespace vox {
namespace {

constexpr std::string_view kNames[] = {"npy", "raw", "nrrd"};
constexpr std::int64_t kPieceBytes = 256 << 10;
constexpr std::int64_t kCoderBytes = 256 << 10;  // headers, and what undoes gzip

std::string in_words(const Extent3& shape, DType dtype) {
  return to_string(shape) + " voxels of " + std::string(dtype_name(dtype));
}

/// The voxels as they stand in the bytes; `transposed`: of shape (X, Y, Z).
StoredNpy open_block(BlockFormat format, ByteSource bytes, const VolumeMeta& expected) {
  if (format == BlockFormat::raw) {
    const SourceInfo info = info_of(bytes, "raw");
    return {dense_source(std::move(bytes), expected, info, {.remedy = "there must be no more"}), false};
  }
  const std::span<const std::byte> start = bytes.peek(8);
  if (start.empty()) fail(bytes.name() + ": there is none");
  if (format == BlockFormat::npy ? !is_npy(start) : !is_nrrd(start))
    fail(bytes.name() + ": is not in format " + std::string(block_format_name(format)));
  if (format == BlockFormat::npy) return open_stored_npy(std::move(bytes));
  return {open_nrrd(std::move(bytes), {}), false};
}

void check_block(const StoredNpy& block, const VolumeMeta& expected, const std::string& name) {
  const VolumeMeta& meta = block.source->meta();
  Extent3 shape = meta.shape;
  if (block.transposed) std::swap(shape.z, shape.x);
  if (shape != expected.shape || meta.dtype != expected.dtype)
    fail(name + ": has " + in_words(shape, meta.dtype) +
         (shape == expected.shape ? ", which --dtype " + std::string(dtype_name(meta.dtype)) + " would take"
                                  : ""));
}

/// Copies what of rows [y, y + count) of plane `z` belongs to `out`; `in` has them with their margins.
void place_rows(const std::byte* in, std::int64_t z, std::int64_t y, std::int64_t count,
                const Extent3& margin, const Block& out) {
  const Extent3 shape = out.shape();
  const std::int64_t element = size_of(out.dtype);
  const std::int64_t stride = (shape.x + 2 * margin.x) * element;
  if (z < margin.z || z >= margin.z + shape.z) return;
  const std::int64_t first = std::max(y, margin.y);
  const std::int64_t end = std::min(y + count, margin.y + shape.y);
  for (std::int64_t row = first; row < end; ++row)
    std::memcpy(out.row(z - margin.z, row - margin.y), in + (row - y) * stride + margin.x * element,
                static_cast<std::size_t>(shape.x * element));
}

/// The same for columns along z: `in` has those at `x` and [y, y + count).
template <class T>
void place_columns(const T* in, std::int64_t x, std::int64_t y, std::int64_t count, const Extent3& margin,
                   const Block& out) {
  const Extent3 shape = out.shape();
  const std::int64_t stride = shape.z + 2 * margin.z;
  if (x < margin.x || x >= margin.x + shape.x) return;
  const std::int64_t first = std::max(y, margin.y);
  const std::int64_t end = std::min(y + count, margin.y + shape.y);
  for (std::int64_t row = first; row < end; ++row)
    for (std::int64_t z = 0; z < shape.z; ++z)
      reinterpret_cast<T*>(out.row(z, row - margin.y))[x - margin.x] = in[(row - y) * stride + margin.z + z];
}

/// Reads all of `source`, some rows at a time: `place(rows, plane, first row, count)`.
template <class Place>
void read_rows(SlabSource& source, Place&& place) {
  const Extent3 shape = source.meta().shape;
  const std::int64_t row_bytes = source.meta().row_bytes();
  const std::int64_t most = std::clamp<std::int64_t>(kPieceBytes / row_bytes, 1, shape.y);
  const auto rows = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(most * row_bytes));
  for (std::int64_t z = 0; z < shape.z; ++z)
    for (std::int64_t y = 0; y < shape.y; y += most) {
      const std::int64_t count = std::min(most, shape.y - y);
      source.read({{z, y, 0}, {z + 1, y + count, shape.x}}, rows.get());
      place(rows.get(), z, y, count);
    }
}

}  // namespace

void parse_value(std::string_view text, BlockFormat& format) {
  const auto* found = std::find(std::begin(kNames), std::end(kNames), text);
  if (found == std::end(kNames))
    fail_usage("unknown format '" + std::string(text) + "'; known: npy, raw, nrrd");
  format = static_cast<BlockFormat>(found - std::begin(kNames));
}

std::string_view block_format_name(BlockFormat format) { return kNames[static_cast<std::size_t>(format)]; }

void check_block_format(BlockFormat format, DType dtype) {
  if (format == BlockFormat::nrrd && dtype == DType::float16)
    fail_usage("--format nrrd: NRRD has no float16; say --format npy");
}

std::string block_header(BlockFormat format, const VolumeMeta& block) {
  if (format == BlockFormat::npy) return npy_header(block);
  return format == BlockFormat::nrrd ? plain_nrrd_header(block) : std::string();
}

void receive_block(BlockFormat format, ByteSource bytes, const Extent3& margin, const Block& out) {
  const std::string name = bytes.name();
  const Extent3 inner = out.shape();
  VolumeMeta expected;
  expected.shape = {inner.z + 2 * margin.z, inner.y + 2 * margin.y, inner.x + 2 * margin.x};
  expected.dtype = out.dtype;
  try {
    const StoredNpy block = open_block(format, std::move(bytes), expected);
    check_block(block, expected, name);
    if (!block.transposed)
      return read_rows(*block.source,
                       [&](const std::byte* rows, std::int64_t z, std::int64_t y, std::int64_t count) {
                         place_rows(rows, z, y, count, margin, out);
                       });
    visit_dtype(out.dtype, [&](auto type) {
      using T = typename decltype(type)::type;
      read_rows(*block.source,
                [&](const std::byte* columns, std::int64_t x, std::int64_t y, std::int64_t count) {
                  place_columns(reinterpret_cast<const T*>(columns), x, y, count, margin, out);
                });
    });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::damaged && error.kind() != ErrorKind::usage &&
        error.kind() != ErrorKind::failure)
      throw;
    fail(std::string(error.what()) + "; " + in_words(expected.shape, expected.dtype) + " as " +
         std::string(block_format_name(format)) + " were expected");
  }
}

std::int64_t receiving_bytes(std::int64_t voxels, DType dtype) {
  return std::max(kPieceBytes, voxels * size_of(dtype)) + kCoderBytes;
}

}  // namespace vox
