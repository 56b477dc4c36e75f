// The chunks of one Zarr array: found in files and shards, decoded.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "io/bytes.h"
#include "io/pool.h"
#include "io/zarr_array.h"

namespace vox {

class ZarrChunks {
 public:
  /// What a thread needs to read chunks.
  struct Scratch {
    GrowingBuffer stored;
    ZarrCoder coder;
  };

  explicit ZarrChunks(ZarrArray array);

  const ZarrArray& array() const { return array_; }
  /// The voxels of the chunk with that index along every axis, as they are stored (axes in the order of
  /// `ZarrArray::order`), in this machine's byte order; `out` has `chunk_bytes()`. False when there is no
  /// such chunk: all of it is the fill value. By any thread.
  bool read(const std::vector<std::int64_t>& index, Scratch& scratch, std::span<std::byte> out);

  std::int64_t scratch_bytes() const;
  /// Of the indices of shards that are kept, and of an archive's directory.
  std::int64_t held_bytes() const;

 private:
  /// A file with many chunks, and where in it they are.
  struct Shard {
    std::string key;
    std::optional<ByteSource> file;  ///< none: there is no such file
    std::vector<std::uint64_t> index;
  };

  std::shared_ptr<const Shard> shard(const std::string& key);
  std::shared_ptr<const Shard> load_shard(const std::string& key) const;
  std::int64_t index_bytes() const;
  std::size_t shards_kept() const;
  bool read_from_shard(const std::vector<std::int64_t>& index, Scratch& scratch, std::span<std::byte> out);
  void decode(std::span<const std::byte> stored, Scratch& scratch, std::span<std::byte> out,
              const std::string& where);

  ZarrArray array_;
  std::mutex mutex_;
  std::list<std::shared_ptr<const Shard>> shards_;  ///< used last first
};

}  // namespace vox
