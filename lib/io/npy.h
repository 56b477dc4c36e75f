// NumPy's .npy files.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "io/bytes.h"
#include "io/meta_fields.h"
#include "io/volume_io.h"

namespace vox {

/// True when bytes that begin so are a .npy file.
bool is_npy(std::span<const std::byte> start);

/// Opens an array of 3 dimensions (2: one plane; leading axes of length 1 are dropped) of any integer or
/// floating type, bool as a mask, in either byte order; from a pipe in C order only. The sidecar completes
/// it.
std::unique_ptr<SlabSource> open_npy(ByteSource bytes, const OpenOptions& options);

/// An array as it stands in the bytes: one in Fortran order is the transposed array in C order, of shape (X,
/// Y, Z).
struct StoredNpy {
  std::unique_ptr<SlabSource> source;
  bool transposed = false;
};
/// The same without a sidecar, and from a pipe in both orders.
StoredNpy open_stored_npy(ByteSource bytes);

/// Nothing: the header has a place for shape and type alone.
MetaFields npy_fields(const VolumeMeta& meta);

/// Creates a file of format 1.0 in C order, little-endian, with a sidecar.
std::unique_ptr<SlabSink> create_npy(const std::string& path, const VolumeMeta& meta,
                                     const CreateOptions& options);

}  // namespace vox
