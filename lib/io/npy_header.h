// The header of NumPy's .npy files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/meta.h"
#include "io/bytes.h"

namespace vox {

/// What a header says.
struct NpyHeader {
  std::string descr;  ///< the type: "<u2"
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
};

/// Parses the dictionary that a header is: the three keys, each once, and nothing else. Throws a
/// damaged-input error that begins with `where`.
NpyHeader parse_npy_header(std::string_view text, const std::string& where);

/// Takes magic, version and header off the bytes; `bytes_taken` is where the voxels begin.
NpyHeader read_npy_header(ByteSource& bytes, std::int64_t& bytes_taken);

/// A header of version 1.0 for a volume in C order, little-endian; its length is a multiple of 64.
std::string npy_header(const VolumeMeta& meta);

}  // namespace vox
