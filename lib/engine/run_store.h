// Pieces of memory that are kept for a later pass: in memory as long as that is allowed, then in an unlinked
// file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/buffer.h"
#include "io/bytes.h"

namespace vox {

/// Pieces are put by one thread at a time; afterwards any thread may read them.
class RunStore {
 public:
  /// Keeps at most `memory` bytes in memory; the file is made in `folder` when it is needed.
  RunStore(std::int64_t memory, std::string folder);

  /// Keeps `parts`, one behind the other, as one piece that begins at a cache line; returns its number: 0, 1,
  /// ...
  std::int64_t put(std::span<const std::span<const std::byte>> parts);
  /// From now on less memory is allowed: what is too much goes to the file.
  void limit_memory(std::int64_t memory);

  /// A piece that is in memory, else null.
  const std::byte* in_memory(std::int64_t piece) const;
  /// Bytes of a piece that is in the file.
  void read(std::int64_t piece, std::int64_t offset, std::span<std::byte> bytes) const;

  std::int64_t memory_bytes() const { return memory_bytes_; }
  std::int64_t file_bytes() const { return file_bytes_; }

 private:
  struct Piece {
    std::int64_t bytes = 0;
    const std::byte* memory = nullptr;
    std::int64_t offset = 0;  ///< in the file
  };
  /// Fresh memory comes in large pieces, which the system gives faster.
  struct Arena {
    Buffer buffer;
    std::int64_t used = 0;
    std::size_t first_piece = 0;
  };

  std::byte* allocate(std::int64_t bytes);
  void write_to_file(std::span<const std::byte> bytes);
  void move_to_file(Arena& arena);

  std::int64_t allowed_;
  std::string folder_;
  std::vector<Piece> pieces_;
  std::vector<Arena> arenas_;
  std::int64_t memory_bytes_ = 0;
  std::int64_t file_bytes_ = 0;
  std::unique_ptr<ByteSink> sink_;
  std::unique_ptr<ByteSource> source_;
};

}  // namespace vox
