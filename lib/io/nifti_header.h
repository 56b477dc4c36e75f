// The headers of NIfTI-1 and NIfTI-2 files and the text that may follow them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "io/bytes.h"

namespace vox {

/// Rows x, y, z; columns: the volume's axes x, y, z, and the position of its first voxel. Right, anterior and
/// superior are positive.
using NiftiAffine = std::array<std::array<double, 4>, 3>;

inline constexpr std::int64_t kNiftiMetre = 1;
inline constexpr std::int64_t kNiftiMillimetre = 2;
inline constexpr std::int64_t kNiftiMicrometre = 3;
inline constexpr std::int64_t kNiftiLabels = 1002;  ///< an intent

/// What both versions say, in the specification's words.
struct NiftiHeader {
  bool second = false;  ///< NIfTI-2
  bool big_endian = false;
  bool pair = false;  ///< the voxels are in an .img file
  std::array<std::int64_t, 8> dim{};
  std::array<double, 8> pixdim{};
  std::int64_t datatype = 0;
  std::int64_t bitpix = 0;
  std::int64_t vox_offset = 0;
  double scl_slope = 0;
  double scl_inter = 0;
  std::int64_t xyzt_units = 0;
  std::int64_t intent_code = 0;
  std::int64_t qform_code = 0;
  std::int64_t sform_code = 0;
  std::array<double, 3> quatern{};
  std::array<double, 3> qoffset{};
  NiftiAffine srow{};
};

/// Bytes of a header, without what follows it.
constexpr std::int64_t nifti_header_size(bool second) { return second ? 540 : 348; }

/// True when a file that begins so is NIfTI. Needs 348 bytes to know version 1.
bool is_nifti(std::span<const std::byte> start);

/// Takes the header from the start of `bytes`. Throws a damaged-input error when it is cut short or none.
NiftiHeader take_nifti_header(ByteSource& bytes);
/// Takes the extensions behind it: the comment that is voxpipe's meta, or nothing. `taken` becomes the bytes
/// that were taken so far.
std::string take_nifti_comment(ByteSource& bytes, const NiftiHeader& header, std::int64_t& taken);

/// The bytes before the voxels, little-endian, with `comment` as an extension. Sets `vox_offset`, and
/// `second` when that or a dimension is too large for the first version.
std::string nifti_start(NiftiHeader& header, const std::string& comment);

}  // namespace vox
