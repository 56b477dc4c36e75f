#include "engine/run_store.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "io/temporary.h"

namespace vox {
namespace {

constexpr std::int64_t kArenaBytes = 8 << 20;
constexpr std::int64_t kLine = 64;

std::int64_t whole_lines(std::int64_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

}  // namespace

RunStore::RunStore(std::int64_t memory, std::string folder) : allowed_(memory), folder_(std::move(folder)) {}

std::int64_t RunStore::put(std::span<const std::span<const std::byte>> parts) {
  Piece piece;
  for (const auto& part : parts) piece.bytes += static_cast<std::int64_t>(part.size());
  if (std::byte* memory = allocate(piece.bytes)) {
    piece.memory = memory;
    for (const auto& part : parts) {
      if (!part.empty()) std::memcpy(memory, part.data(), part.size());
      memory += part.size();
    }
  } else {
    piece.offset = file_bytes_;
    for (const auto& part : parts) write_to_file(part);
  }
  pieces_.push_back(piece);
  return static_cast<std::int64_t>(pieces_.size()) - 1;
}

std::byte* RunStore::allocate(std::int64_t bytes) {
  const std::int64_t wanted = whole_lines(bytes);
  if (arenas_.empty() || arenas_.back().buffer.size() - arenas_.back().used < wanted) {
    const std::int64_t size = std::max(wanted, std::min(kArenaBytes, whole_lines(allowed_ / 4)));
    if (memory_bytes_ + size > allowed_) return nullptr;
    arenas_.push_back({Buffer(size), 0, pieces_.size()});
    memory_bytes_ += size;
  }
  Arena& arena = arenas_.back();
  std::byte* memory = arena.buffer.data() + arena.used;
  arena.used += wanted;
  return memory;
}

void RunStore::write_to_file(std::span<const std::byte> bytes) {
  if (!sink_) {
    const int descriptor = open_unlinked(folder_);
    sink_ = std::make_unique<ByteSink>(file_device(descriptor, true), "scratch file in " + folder_);
    source_ = std::make_unique<ByteSource>(file_device(descriptor, false), "scratch file in " + folder_,
                                           std::numeric_limits<std::int64_t>::max());
  }
  sink_->write_at(bytes, file_bytes_);
  file_bytes_ += static_cast<std::int64_t>(bytes.size());
}

void RunStore::move_to_file(Arena& arena) {
  for (std::size_t i = arena.first_piece; i < pieces_.size(); ++i) {
    Piece& piece = pieces_[i];
    if (piece.memory == nullptr) continue;
    piece.offset = file_bytes_;
    write_to_file({piece.memory, static_cast<std::size_t>(piece.bytes)});
    piece.memory = nullptr;
  }
}

void RunStore::limit_memory(std::int64_t memory) {
  allowed_ = memory;
  while (memory_bytes_ > allowed_ && !arenas_.empty()) {
    move_to_file(arenas_.back());
    memory_bytes_ -= arenas_.back().buffer.size();
    arenas_.pop_back();
  }
}

const std::byte* RunStore::in_memory(std::int64_t piece) const {
  return pieces_[static_cast<std::size_t>(piece)].memory;
}

void RunStore::read(std::int64_t piece, std::int64_t offset, std::span<std::byte> bytes) const {
  source_->read_at(bytes, pieces_[static_cast<std::size_t>(piece)].offset + offset, "runs");
}

}  // namespace vox
