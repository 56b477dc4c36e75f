// Sinks for the formats that are a header and raw voxels: as they are, or compressed as one stream.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "io/output_file.h"
#include "io/volume_io.h"

namespace vox {

/// What a format writes around its voxels.
struct DenseOutput {
  std::string path = {};        ///< the file that the user named
  std::string header = {};      ///< the bytes before the voxels
  std::string data_path = {};   ///< of the voxels, where they stand in a file of their own; else empty
  bool sidecar = true;          ///< the header does not hold all of the meta
  bool header_is_data = false;  ///< compressed: the header is compressed with the voxels
  /// Compressed: the header once the size of the compressed voxels is known, of the same length as before.
  std::function<std::string(std::int64_t stored)> final_header = {};
};

/// The file or the two files of an output; they get their names together.
class DenseFiles {
 public:
  DenseFiles(const DenseOutput& output, bool force);

  /// The file that gets the voxels.
  ByteSink& voxels() { return data_ ? data_->bytes() : file_.bytes(); }
  /// Where they begin in it.
  std::int64_t voxels_at() const { return voxels_at_; }
  void commit(const VolumeMeta& meta, std::int64_t stored);

 private:
  DenseOutput output_;
  bool force_;
  OutputFile file_;
  std::optional<OutputFile> data_;
  std::int64_t voxels_at_;
};

/// Puts the voxels of `box` where they belong in a file that has those of a volume from `at` on,
/// little-endian. `voxels` may be lost.
void write_dense(ByteSink& file, std::int64_t at, const VolumeMeta& meta, const Box3& box,
                 std::span<std::byte> voxels);

/// Little-endian voxels behind the header, in any order.
std::unique_ptr<SlabSink> dense_sink(const DenseOutput& output, const VolumeMeta& meta,
                                     const CreateOptions& options);

}  // namespace vox
