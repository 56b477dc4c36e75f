// Writes the chunks of one Zarr array from voxels in scan order.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/meta.h"
#include "io/bytes.h"
#include "io/pool.h"
#include "io/worker_pool.h"
#include "io/zarr_codec.h"
#include "io/zarr_layout.h"

namespace vox {

struct ZarrArraySpec {
  VolumeMeta meta;  ///< shape and type count
  ZarrLayout layout;
  std::optional<ZarrCoding> coding;
  bool prefixed = true;      ///< files c/0/0/0, not 0/0/0
  bool wants_range = false;  ///< of the voxels, for `range`
  bool shared = false;       ///< others write the same array: a file gets its name when it is complete
};

/// The name of a file in an array's folder.
std::string zarr_key(const ZarrArraySpec& spec, const Extent3& file);

class ZarrArrayWriter {
 public:
  /// `folder` exists; `name` stands for it in messages.
  ZarrArrayWriter(std::string folder, std::string name, ZarrArraySpec spec, WorkerPool& pool,
                  ZarrCoders& coders);

  /// Rows of full width in scan order. Compression goes on behind.
  void put(const Box3& box, std::span<const std::byte> voxels);
  /// Waits until all files are complete. REQUIRES: every voxel was put.
  void finish();
  /// Smallest and largest finite voxel; none when there is none or nobody wants it.
  /// REQUIRES: finished.
  std::optional<Range> range() const { return range_; }

  /// Of the voxels that are gathered.
  static std::int64_t held_bytes(const ZarrArraySpec& spec);
  /// Of what is coded, by that many threads, for all arrays of a pool together.
  static std::int64_t coding_bytes(const ZarrArraySpec& spec, int threads);

 private:
  struct Coded {
    std::unique_ptr<Pool<GrowingBuffer>::Loan> memory;  ///< null: the bytes are the band's voxels
    std::span<const std::byte> bytes;
  };
  /// A layer of chunks that is being filled, or compressed and written.
  struct Band {
    explicit Band(WorkerPool& pool) : jobs(pool) {}
    Extent3 at;  ///< of its first voxel
    GrowingBuffer memory;
    std::span<std::byte> voxels;  ///< chunk by chunk
    std::vector<Coded> coded;     ///< by place in the order of writing
    std::vector<bool> is_ready;
    std::size_t next = 0;  ///< to be written
    int waiting = 0;       ///< ready and not written yet
    bool is_writing = false;
    bool has_failed = false;
    WorkerBatch jobs;
  };
  /// A file that is not complete yet.
  struct Shard {
    std::int64_t end = 0;
    std::int64_t left = 0;             ///< chunks that are still to come
    std::vector<std::uint64_t> index;  ///< offset and size of each
  };

  std::int64_t element() const { return size_of(spec_.meta.dtype); }
  void put_row(std::int64_t z, std::int64_t y, const std::byte* row);
  void begin_band(std::int64_t z, std::int64_t y);
  void end_band();
  std::span<std::byte> chunk_of(const Band& band, const Extent3& chunk) const;
  std::vector<Extent3> chunks_in_order(const Band& band) const;
  Coded code(Band& band, const Extent3& chunk);
  /// How much of a chunk is inside of the volume.
  Extent3 inside(const Extent3& chunk) const;
  void pad(const Extent3& chunk, std::span<std::byte> voxels) const;
  void observe(const Extent3& chunk, std::span<const std::byte> voxels);
  void write_ready(Band& band, const std::vector<Extent3>& order);
  void write_chunk(const Extent3& chunk, std::span<const std::byte> bytes);
  void write_in_shard(const Extent3& chunk, std::span<const std::byte> bytes);
  Shard new_shard(const Extent3& shard) const;
  void end_shard(const std::string& key, Shard& shard);
  ByteSink open(const std::string& key, bool is_new) const;
  /// Where a file is written.
  std::string path_of(const std::string& key) const;
  void complete(const std::string& key) const;

  std::string folder_;
  std::string name_;
  std::string token_;  ///< part of the names of files that are not complete, when the array is shared
  ZarrArraySpec spec_;
  Extent3 grid_;      ///< chunks along each axis
  Extent3 band_;      ///< voxels of a band
  std::int64_t row_;  ///< bytes of a row of a chunk
  std::int64_t chunk_bytes_;
  ZarrCoders& coders_;
  std::mutex mutex_;  ///< of what follows
  std::condition_variable written_;
  std::optional<Range> range_;
  std::map<std::string, Shard> shards_;  ///< those begun
  std::string open_key_;
  std::optional<ByteSink> open_file_;
  std::unique_ptr<Band> bands_[2];
  int filling_ = 0;
  bool is_filling_ = false;
};

}  // namespace vox
