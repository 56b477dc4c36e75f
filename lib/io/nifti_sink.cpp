#include "core/error.h"
#include "core/units.h"
#include "io/deflate_sink.h"
#include "io/dense_sink.h"
#include "io/embedded_meta.h"
#include "io/nifti.h"
#include "io/nifti_header.h"
#include "io/nifti_space.h"
#include "io/nifti_types.h"

namespace vox {
namespace {

NiftiHeader header_of(const VolumeMeta& meta, const std::string& path) {
  NiftiHeader header;
  for (const auto& [number, dtype] : kNiftiTypes)
    if (dtype == meta.dtype) header.datatype = number;
  if (header.datatype == 0)
    fail_usage(path + ": NIfTI has no " + std::string(dtype_name(meta.dtype)) +
               "; convert to float32 (-t float32), or choose another format");
  header.bitpix = 8 * size_of(meta.dtype);
  header.dim = {3, meta.shape.x, meta.shape.y, meta.shape.z, 1, 1, 1, 1};
  const ValueMap map = meta.value_map.value_or(ValueMap{});
  header.scl_slope = map.slope;
  header.scl_inter = map.intercept;
  if (meta.kind == Kind::labels) header.intent_code = kNiftiLabels;
  set_nifti_space(meta, header);
  return header;
}

/// The name decides; nothing for a plain file.
std::optional<int> gzip_level(const std::string& path, const CreateOptions& options) {
  const bool compressed = path.ends_with(".gz") || path.ends_with(".GZ");
  const std::optional<int> wanted = deflate_level(options, "NIfTI");
  if (!compressed && wanted)
    fail_usage("--compression " + options.compression->codec +
               ": a .nii file has none; name the output .nii.gz");
  if (!compressed) return {};
  if (options.compression && !wanted)
    fail_usage("--compression none: " + path + " is to be a gzip file; name it .nii instead");
  return wanted.value_or(kDeflateLevel);
}

}  // namespace

MetaFields nifti_fields(const VolumeMeta& meta) {
  return {.spacing = true,
          .unit = meta.unit && unit_in_metres(*meta.unit) > 0,
          .origin = true,
          .direction = true,
          .value_map = true};
}

std::unique_ptr<SlabSink> create_nifti(const std::string& path, const VolumeMeta& meta,
                                       const CreateOptions& options) {
  NiftiHeader header = header_of(meta, path);
  DenseOutput output{.path = path, .header = nifti_start(header, embedded_meta(meta))};
  const std::optional<int> level = gzip_level(path, options);
  if (!level) return dense_sink(output, meta, options);
  output.header_is_data = true;
  return deflate_sink(output, meta, options, DeflateWrapper::gzip, *level);
}

}  // namespace vox
