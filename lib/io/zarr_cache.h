// Decoded chunks that are kept because planes are asked for and chunks are deep.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/bytes.h"

namespace vox {

/// Keeps as many chunks as it is allowed, those used last: in memory, or in an unlinked file when a layer of
/// chunks does not fit the memory. Each chunk is decoded by one thread; others wait for it.
class ZarrCache {
 public:
  /// `layer`: chunks that planes run through before the first of them comes again.
  ZarrCache(std::int64_t chunk_bytes, std::int64_t layer, std::int64_t all, std::int64_t memory,
            std::string tmpdir);

  /// In memory, besides what `part` takes of a chunk.
  std::int64_t held_bytes() const { return on_disk_ ? 0 : capacity_ * chunk_bytes_; }

  /// A run of bytes of a chunk.
  struct Run {
    std::int64_t offset = 0;
    std::int64_t size = 0;
  };
  /// Fills a chunk of `chunk_bytes`.
  using Load = std::function<void(std::span<std::byte> chunk)>;
  /// Gets the bytes of a run.
  using Use = std::function<void(std::span<const std::byte> bytes)>;
  /// Shows the bytes of chunk `number` in `run` to `use`; they come from `load` when they are not kept.
  void read(std::int64_t number, const Run& run, const Load& load, const Use& use);

 private:
  struct Slot {
    std::int64_t number = -1;
    bool ready = false;
    int users = 0;
    std::unique_ptr<std::byte[]> memory;
    std::int64_t at = 0;  ///< in the file
  };
  using Slots = std::list<Slot>;

  /// A slot that is held until `release`, and whether this thread must load it; none when all are in use.
  Slot* hold(std::int64_t number, bool& must_load);
  Slot* new_holder(std::int64_t number);
  void set_ready(Slot& slot);
  void release(Slot& slot, bool failed);
  void open_file();
  void load_into(Slot& slot, const Load& load);
  void show(const Slot& slot, const Run& run, const Use& use) const;

  std::int64_t chunk_bytes_;
  std::int64_t capacity_;
  bool on_disk_;
  std::string tmpdir_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Slots slots_;  ///< used last first
  std::unordered_map<std::int64_t, Slots::iterator> known_;
  std::unique_ptr<ByteSink> sink_;
  std::unique_ptr<ByteSource> source_;
};

}  // namespace vox
