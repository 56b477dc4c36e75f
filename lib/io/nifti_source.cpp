#include <cmath>

#include "core/error.h"
#include "core/numbers.h"
#include "io/dense_source.h"
#include "io/embedded_meta.h"
#include "io/nifti.h"
#include "io/nifti_header.h"
#include "io/nifti_space.h"
#include "io/nifti_types.h"
#include "io/sidecar.h"
#include "io/tiff_choice.h"

namespace vox {
namespace {

DType find_dtype(const NiftiHeader& header, const std::string& name) {
  for (const auto& [number, dtype] : kNiftiTypes)
    if (number == header.datatype) return dtype;
  constexpr std::array<std::pair<std::int64_t, const char*>, 7> kOthers = {{{1, "single bits"},
                                                                            {32, "complex numbers"},
                                                                            {128, "colours (RGB)"},
                                                                            {1536, "128-bit floats"},
                                                                            {1792, "complex numbers"},
                                                                            {2048, "complex numbers"},
                                                                            {2304, "colours (RGBA)"}}};
  for (const auto& [number, what] : kOthers)
    if (number == header.datatype)
      fail_usage(name + ": voxels that are " + what +
                 " cannot be read; convert them to integers or floats first");
  fail_damaged(name + ": its data type is " + std::to_string(header.datatype) +
               ", which NIfTI has not; the file is damaged");
}

/// Lengths along x, y, z, time, channel and two more; 1 where there is no such dimension.
std::array<std::int64_t, 7> sizes_of(const NiftiHeader& header, const std::string& name) {
  if (header.dim[0] < 1 || header.dim[0] > 7)
    fail_damaged(name + ": has " + std::to_string(header.dim[0]) + " dimensions; the file is damaged");
  std::array<std::int64_t, 7> sizes{};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const bool there = static_cast<std::int64_t>(i) < header.dim[0];
    sizes[i] = there ? header.dim[i + 1] : 1;
    if (sizes[i] < 1)
      fail_damaged(name + ": dimension " + std::to_string(i + 1) + " is " + std::to_string(sizes[i]) +
                   " long; the file is damaged");
  }
  if (sizes[5] > 1 || sizes[6] > 1)
    fail_usage(name + ": has " + std::to_string(header.dim[0]) +
               " dimensions, of which five can be read; split it first");
  return sizes;
}

void apply_intensities(const NiftiHeader& header, VolumeMeta& meta) {
  if (header.intent_code == kNiftiLabels) meta.kind = Kind::labels;
  meta.value_map = ValueMap{};
  if (std::isfinite(header.scl_slope) && header.scl_slope != 0 && std::isfinite(header.scl_inter))
    meta.value_map = ValueMap{header.scl_slope, header.scl_inter};
}

/// Everything but shape and dtype, from the header's fields and from our comment.
void describe(const NiftiHeader& header, const std::string& comment, const std::string& name,
              VolumeMeta& meta) {
  apply_nifti_space(header, meta);
  apply_intensities(header, meta);
  if (!comment.empty()) apply_embedded_meta(comment, name + ": its extension", meta);
  if (meta.direction == kIdentityDirection) meta.direction.reset();
  if (meta.value_map == ValueMap{}) meta.value_map.reset();
}

}  // namespace

std::unique_ptr<SlabSource> open_nifti(ByteSource bytes, const OpenOptions& options) {
  const std::string& name = bytes.name();
  const NiftiHeader header = take_nifti_header(bytes);
  if (header.pair)
    fail_usage(name +
               ": is a header whose voxels are in an .img file, which is not read; join the two in one " +
               ".nii file first (nibabel, fslchfiletype NIFTI)");
  VolumeMeta meta;
  meta.dtype = find_dtype(header, name);
  const std::array<std::int64_t, 7> sizes = sizes_of(header, name);
  meta.shape = {sizes[2], sizes[1], sizes[0]};
  check_meta(meta, name);
  const std::string what = name + ": its size";
  const std::int64_t volumes = checked_product(sizes[3], sizes[4], what);
  checked_product(volumes, meta.bytes(), what);
  choose_part(name, "--level", "levels", 1, options.level);
  const std::int64_t frame = choose_part(name, "--time", "time points", sizes[3], options.time);
  const std::int64_t channel = choose_part(name, "--channel", "channels", sizes[4], options.channel);

  std::int64_t taken = 0;
  describe(header, take_nifti_comment(bytes, header, taken), name, meta);
  if (!bytes.origin().path.empty()) apply_sidecar(bytes.origin().path, meta);
  check_meta(meta, name);

  const std::int64_t before = (channel * sizes[3] + frame) * meta.bytes();
  const std::int64_t from = bytes.size() ? 0 : taken;
  if (header.vox_offset > INT64_MAX - before) fail_damaged(what + ": its voxels begin far beyond the file");
  const DenseLayout layout{.offset = header.vox_offset - from + before,
                           .big_endian = header.big_endian,
                           .more_may_follow = true,
                           .remedy = "correct its header"};
  SourceInfo info = info_of(bytes, header.second ? "NIfTI-2" : "NIfTI-1");
  info.parts_chosen = true;
  return dense_source(std::move(bytes), meta, info, layout);
}

}  // namespace vox
