// First-in, first-out queues that share their memory, which grows and shrinks with what they hold.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace vox {

/// Pieces of 256 bytes, aligned to that; given back pieces are used again first.
class ChunkPool {
 public:
  static constexpr std::size_t kChunk = 256;

  std::byte* take() {
    if (free_ != nullptr) {
      std::byte* const chunk = free_;
      free_ = next(chunk);
      return chunk;
    }
    if (left_ == 0) grow();
    --left_;
    std::byte* const chunk = fresh_;
    fresh_ += kChunk;
    return chunk;
  }
  void give_back(std::byte* chunk) {
    next(chunk) = free_;
    free_ = chunk;
  }
  /// A chunk begins with the address of the one that follows it.
  static std::byte*& next(std::byte* chunk) { return *reinterpret_cast<std::byte**>(chunk); }

 private:
  static constexpr std::size_t kChunksAtOnce = 4096;

  struct Release {
    void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t{kChunk}); }
  };

  void grow() {
    fresh_ = static_cast<std::byte*>(::operator new[](kChunksAtOnce* kChunk, std::align_val_t{kChunk}));
    blocks_.emplace_back(fresh_);
    left_ = kChunksAtOnce;
  }

  std::vector<std::unique_ptr<std::byte[], Release>> blocks_;
  std::byte* fresh_ = nullptr;
  std::size_t left_ = 0;
  std::byte* free_ = nullptr;
};

/// One queue of entries of 4, 8 or 16 bytes in a pool's chunks.
template <class Entry>
class ChunkQueue {
 public:
  bool empty() const { return read_ == write_; }
  /// One entry.
  bool single() const { return read_ + 1 == write_; }

  void push(const Entry& entry, ChunkPool& pool) {
    if (at_end(write_)) extend(pool);
    *write_++ = entry;
  }
  /// REQUIRES: not empty.
  Entry pop(ChunkPool& pool) {
    const Entry entry = *read_++;
    if (read_ == write_) {
      pool.give_back(chunk_before(read_));
      read_ = write_ = nullptr;
    } else if (at_end(read_)) {
      std::byte* const done = chunk_before(read_);
      read_ = first_of(ChunkPool::next(done));
      pool.give_back(done);
    }
    return entry;
  }

  /// The entry some places behind the next one, when it is known and near.
  const Entry* ahead() const {
    constexpr std::ptrdiff_t kPlaces = 3;
    if (read_ == nullptr) return nullptr;
    const Entry* const place = read_ + kPlaces;
    const bool same_chunk = (reinterpret_cast<std::uintptr_t>(read_) ^
                             reinterpret_cast<std::uintptr_t>(place)) < ChunkPool::kChunk;
    const bool written = (reinterpret_cast<std::uintptr_t>(write_) - 1) / ChunkPool::kChunk !=
                             reinterpret_cast<std::uintptr_t>(place) / ChunkPool::kChunk ||
                         place < write_;
    return same_chunk && written ? place : nullptr;
  }

  /// Bytes that so many entries in so many queues take at most.
  static std::int64_t bytes(std::int64_t entries, std::int64_t queues) {
    constexpr auto kChunk = static_cast<std::int64_t>(ChunkPool::kChunk);
    constexpr std::int64_t kEntries = (kChunk - kHeader) / static_cast<std::int64_t>(sizeof(Entry));
    return (entries / kEntries + 2 * queues + 4096) * kChunk;
  }

 private:
  static constexpr std::int64_t kHeader = sizeof(Entry) > sizeof(void*) ? sizeof(Entry) : sizeof(void*);
  static_assert((ChunkPool::kChunk - kHeader) % sizeof(Entry) == 0);

  /// Also of a queue that has no chunk.
  static bool at_end(const Entry* place) {
    return reinterpret_cast<std::uintptr_t>(place) % ChunkPool::kChunk == 0;
  }
  static std::byte* chunk_before(Entry* place) {
    const std::uintptr_t inside = (reinterpret_cast<std::uintptr_t>(place) - 1) % ChunkPool::kChunk + 1;
    return reinterpret_cast<std::byte*>(place) - inside;
  }
  static Entry* first_of(std::byte* chunk) { return reinterpret_cast<Entry*>(chunk + kHeader); }

  void extend(ChunkPool& pool) {
    std::byte* const chunk = pool.take();
    if (write_ == nullptr)
      read_ = first_of(chunk);
    else
      ChunkPool::next(chunk_before(write_)) = chunk;
    write_ = first_of(chunk);
  }

  Entry* read_ = nullptr;
  Entry* write_ = nullptr;
};

}  // namespace vox
