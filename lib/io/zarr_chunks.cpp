#include "io/zarr_chunks.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/extent.h"
#include "core/numbers.h"
#include "io/byte_order.h"
#include "io/checksum.h"

namespace vox {
namespace {

constexpr std::int64_t kIndexMemory = 8 << 20;
constexpr std::int64_t kMostShards = 64;
constexpr std::int64_t kEntryBytes = 16;
constexpr std::int64_t kChecksumBytes = 4;
constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

}  // namespace

ZarrChunks::ZarrChunks(ZarrArray array) : array_(std::move(array)) {}

std::int64_t ZarrChunks::index_bytes() const {
  return array_.chunks_per_shard() * kEntryBytes + (array_.shards->checksum ? kChecksumBytes : 0);
}

std::size_t ZarrChunks::shards_kept() const {
  return static_cast<std::size_t>(std::clamp<std::int64_t>(kIndexMemory / index_bytes(), 1, kMostShards));
}

std::int64_t ZarrChunks::held_bytes() const {
  const std::int64_t shards = array_.shards ? static_cast<std::int64_t>(shards_kept()) * index_bytes() : 0;
  return shards + array_.folder.held_bytes();
}

std::int64_t ZarrChunks::scratch_bytes() const {
  return zarr_stored_bound(array_.chunk_bytes()) + ZarrCoder::scratch_bytes(array_.chunk_bytes());
}

std::shared_ptr<const ZarrChunks::Shard> ZarrChunks::load_shard(const std::string& key) const {
  auto loaded = std::make_shared<Shard>();
  loaded->key = key;
  loaded->file = array_.folder.open(key);
  if (!loaded->file) return loaded;
  const std::string& path = loaded->file->name();
  const std::int64_t size = *loaded->file->size();
  if (size < index_bytes())
    fail_damaged(path + ": " + format_count(size) + " bytes, but the shard's index has " +
                 format_count(index_bytes()) + "; the file is cut short");
  std::vector<std::byte> bytes(static_cast<std::size_t>(index_bytes()));
  loaded->file->read_at(bytes, array_.shards->at_end ? size - index_bytes() : 0, "index of the shard");
  const auto entries = static_cast<std::size_t>(array_.chunks_per_shard() * kEntryBytes);
  if (array_.shards->checksum) {
    std::uint32_t wanted = 0;
    std::memcpy(&wanted, bytes.data() + entries, sizeof wanted);
    Crc32c checksum;
    checksum.add(std::span(bytes).first(entries));
    if (checksum.value() != wanted)
      fail_damaged(path + ": the checksum of the shard's index is wrong; the file is damaged or cut short");
  }
  bytes.resize(entries);
  if (needs_swap(array_.shards->big_endian)) swap_bytes(bytes, 8);
  loaded->index.resize(entries / 8);
  std::memcpy(loaded->index.data(), bytes.data(), entries);
  return loaded;
}

std::shared_ptr<const ZarrChunks::Shard> ZarrChunks::shard(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(shards_.begin(), shards_.end(), [&](const auto& known) { return known->key == key; });
  if (found != shards_.end()) {
    shards_.splice(shards_.begin(), shards_, found);
    return shards_.front();
  }
  while (shards_.size() >= shards_kept()) shards_.pop_back();
  shards_.push_front(load_shard(key));
  return shards_.front();
}

void ZarrChunks::decode(std::span<const std::byte> stored, Scratch& scratch, std::span<std::byte> out,
                        const std::string& where) {
  scratch.coder.decode(array_.codings, stored, out, where);
  if (needs_swap(array_.big_endian)) swap_bytes(out, size_of(array_.dtype));
}

bool ZarrChunks::read_from_shard(const std::vector<std::int64_t>& index, Scratch& scratch,
                                 std::span<std::byte> out) {
  std::vector<std::int64_t> file_index(index.size());
  std::int64_t entry = 0;
  for (const int axis : array_.shards->order) {
    const auto i = static_cast<std::size_t>(axis);
    const std::int64_t per_shard = array_.outer[i] / array_.chunk[i];
    file_index[i] = index[i] / per_shard;
    entry = entry * per_shard + index[i] % per_shard;
  }
  const auto found = shard(array_.key(file_index));
  if (!found->file) return false;
  const std::uint64_t offset = found->index[static_cast<std::size_t>(2 * entry)];
  const std::uint64_t size = found->index[static_cast<std::size_t>(2 * entry + 1)];
  if (offset == kNowhere && size == kNowhere) return false;
  const std::string where = found->file->name() + ": chunk " + std::to_string(entry) + " of the shard";
  const auto file_size = static_cast<std::uint64_t>(*found->file->size());
  if (offset > file_size || size > file_size - offset)
    fail_damaged(where + ": lies behind the file's end, the file is damaged or cut short");
  if (size > static_cast<std::uint64_t>(zarr_stored_bound(array_.chunk_bytes())))
    fail_damaged(where + ": " + format_count(static_cast<std::int64_t>(size)) +
                 " bytes are more than a chunk can take");
  const auto stored = scratch.stored.of_size(static_cast<std::int64_t>(size));
  found->file->read_at(stored, static_cast<std::int64_t>(offset), "chunk " + std::to_string(entry));
  decode(stored, scratch, out, where);
  return true;
}

bool ZarrChunks::read(const std::vector<std::int64_t>& index, Scratch& scratch, std::span<std::byte> out) {
  if (array_.shards) return read_from_shard(index, scratch, out);
  const std::optional<ByteSource> file = array_.folder.open(array_.key(index));
  if (!file) return false;
  const std::int64_t size = *file->size();
  if (size > zarr_stored_bound(array_.chunk_bytes()))
    fail_damaged(file->name() + ": " + format_count(size) + " bytes are more than a chunk of " +
                 format_count(array_.chunk_bytes()) + " bytes can take");
  const auto stored = scratch.stored.of_size(size);
  file->read_at(stored, 0, "chunk");
  decode(stored, scratch, out, file->name());
  return true;
}

}  // namespace vox
