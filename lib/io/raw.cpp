#include "io/raw.h"

#include "core/error.h"
#include "io/dense_sink.h"
#include "io/dense_source.h"
#include "io/sidecar.h"

namespace vox {
namespace {

[[noreturn]] void fail_undescribed(const ByteSource& bytes) {
  const std::string& path = bytes.origin().path;
  fail_usage(bytes.name() +
             ": is in no format that voxpipe knows; for raw voxels say --in-shape Z,Y,X --in-dtype T" +
             (path.empty() ? "" : " or write the sidecar " + sidecar_path(path)));
}

}  // namespace

std::unique_ptr<SlabSource> open_raw(ByteSource bytes, const RawDescription& description) {
  if (description.offset < 0) fail_usage("--in-offset must not be negative");
  VolumeMeta meta;
  std::optional<Extent3> shape = description.shape;
  std::optional<DType> dtype = description.dtype;
  bool big_endian = description.big_endian;
  const std::string& path = bytes.origin().path;
  if (auto facts = path.empty() ? std::nullopt : read_sidecar(path)) {
    if (!description.given()) big_endian = facts->big_endian;
    if (!shape && facts->has_shape) shape = facts->meta.shape;
    if (!dtype && facts->has_dtype) dtype = facts->meta.dtype;
    meta = std::move(facts->meta);
  }
  if (!shape || !dtype) fail_undescribed(bytes);
  meta.shape = *shape;
  meta.dtype = *dtype;
  try {
    check_meta(meta, bytes.name());
  } catch (const Error& error) {
    if (description.given()) fail_usage(error.what());
    throw;
  }
  const SourceInfo info = info_of(bytes, "raw");
  return dense_source(std::move(bytes), meta, info,
                      {.offset = description.offset,
                       .big_endian = big_endian,
                       .remedy = "correct --in-shape, --in-dtype or --in-offset" +
                                 std::string(path.empty() ? "" : " (or the sidecar)")});
}

void check_raw_options(const CreateOptions& options) {
  if (options.compression && options.compression->codec != "none")
    fail_usage("--compression " + options.compression->codec +
               ": raw files are not compressed; name the output .raw.gz or .raw.zst");
}

std::unique_ptr<SlabSink> create_raw(const std::string& path, const VolumeMeta& meta,
                                     const CreateOptions& options) {
  check_raw_options(options);
  return dense_sink({.path = path}, meta, options);
}

}  // namespace vox
