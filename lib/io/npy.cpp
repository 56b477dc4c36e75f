#include "io/npy.h"

#include <cstring>

#include "core/error.h"
#include "core/json_text.h"
#include "io/adapted_source.h"
#include "io/dense_sink.h"
#include "io/dense_source.h"
#include "io/npy_header.h"
#include "io/sidecar.h"
#include "io/transposed_source.h"

namespace vox {
namespace {

/// The type of an array and its byte order, from NumPy's short name for them.
void read_descr(const std::string& descr, const std::string& where, VolumeMeta& meta, bool& big_endian) {
  const auto refuse = [&](const std::string& why) {
    fail_usage(where + ": type " + json_text(descr) + ": " + why);
  };
  if (descr.size() < 2) refuse("is none that voxpipe knows");
  const std::string_view name = std::string_view(descr).substr(1);
  big_endian = descr[0] == '>';
  if (name == "b1") {
    meta.kind = Kind::mask;
    meta.dtype = DType::uint8;
    return;
  }
  if (descr[0] == '|' && name == "O") refuse("Python objects are never read; save numbers");
  if (name[0] == 'c') refuse("complex voxels are not supported; save the real part, or the magnitude");
  if (std::string_view("<>|=").find(descr[0]) == std::string_view::npos) refuse("has no byte order");
  for (const DType dtype : kAllDTypes) {
    const char type = is_float(dtype) ? 'f' : is_signed(dtype) ? 'i' : 'u';
    if (name != type + std::to_string(size_of(dtype))) continue;
    meta.dtype = dtype;
    return;
  }
  refuse("is none that voxpipe knows; use a.astype() with one of uint8 to int64, float16 to float64");
}

Extent3 volume_shape(std::vector<std::int64_t> shape, const std::string& where) {
  const std::size_t axes = shape.size();
  if (axes < 2)
    fail_usage(where + ": the array has " + std::to_string(axes) +
               " dimensions; 3 are needed, or 2 for a plane");
  while (shape.size() > 3 && shape.front() == 1) shape.erase(shape.begin());
  if (shape.size() > 3)
    fail_usage(where + ": the array has " + std::to_string(axes) +
               " dimensions; save one volume of it, as a[0], or give an axis the length 1");
  while (shape.size() < 3) shape.insert(shape.begin(), 1);
  return {shape[0], shape[1], shape[2]};
}

}  // namespace

bool is_npy(std::span<const std::byte> start) {
  return start.size() >= 6 && std::memcmp(start.data(), "\x93NUMPY", 6) == 0;
}

std::unique_ptr<SlabSource> open_npy(ByteSource bytes, const OpenOptions& options) {
  const std::string name = bytes.name();
  const std::string path = bytes.origin().path;
  const bool in_order = !bytes.size();
  StoredNpy stored = open_stored_npy(std::move(bytes));
  if (stored.transposed && in_order)
    fail_usage(name + ": the array is in Fortran order, which cannot be read in order; " +
               (path.empty() ? "name the file instead of `-`" : "decompress it first") +
               ", or save numpy.ascontiguousarray(a)");
  VolumeMeta meta = stored.source->meta();
  if (stored.transposed) meta.shape = {meta.shape.x, meta.shape.y, meta.shape.z};
  if (!path.empty()) apply_sidecar(path, meta);
  if (stored.transposed) return transposed_source(std::move(stored.source), meta, options);
  return meta == stored.source->meta() ? std::move(stored.source) : with_meta(std::move(stored.source), meta);
}

StoredNpy open_stored_npy(ByteSource bytes) {
  DenseLayout layout;
  layout.remedy = "its header describes it wrongly, or there are several arrays in it";
  const NpyHeader header = read_npy_header(bytes, layout.offset);
  VolumeMeta meta;
  read_descr(header.descr, bytes.name(), meta, layout.big_endian);
  meta.shape = volume_shape(header.shape, bytes.name());
  check_meta(meta, bytes.name());
  if (header.fortran_order) meta.shape = {meta.shape.x, meta.shape.y, meta.shape.z};
  const SourceInfo info = info_of(bytes, "NumPy");
  if (!bytes.size()) layout.offset = 0;
  return {dense_source(std::move(bytes), meta, info, layout), header.fortran_order};
}

MetaFields npy_fields(const VolumeMeta&) { return {}; }

std::unique_ptr<SlabSink> create_npy(const std::string& path, const VolumeMeta& meta,
                                     const CreateOptions& options) {
  if (options.compression && options.compression->codec != "none")
    fail_usage("--compression " + options.compression->codec + ": .npy files are not compressed");
  return dense_sink({.path = path, .header = npy_header(meta)}, meta, options);
}

}  // namespace vox
