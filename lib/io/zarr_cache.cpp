#include "io/zarr_cache.h"

#include <algorithm>

#include "io/output_file.h"
#include "io/temporary.h"

namespace vox {
namespace {

constexpr std::int64_t kLayers = 2;  // planes of one layer may still be wanted while the next one begins

std::unique_ptr<std::byte[]> uncleared(std::int64_t size) {
  return std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(size));
}

}  // namespace

ZarrCache::ZarrCache(std::int64_t chunk_bytes, std::int64_t layer, std::int64_t all, std::int64_t memory,
                     std::string tmpdir)
    : chunk_bytes_(chunk_bytes), tmpdir_(std::move(tmpdir)) {
  const std::int64_t wanted = std::min(layer * kLayers, all);
  const std::int64_t fits = memory / chunk_bytes;
  on_disk_ = fits < std::min(layer + 1, all);
  capacity_ = on_disk_ ? wanted : std::min(wanted, fits);
}

void ZarrCache::read(std::int64_t number, const Run& run, const Load& load, const Use& use) {
  bool must_load = false;
  Slot* slot = hold(number, must_load);
  if (slot == nullptr) {  // more threads than slots
    const auto memory = uncleared(chunk_bytes_);
    const std::span<std::byte> chunk(memory.get(), static_cast<std::size_t>(chunk_bytes_));
    load(chunk);
    use(chunk.subspan(static_cast<std::size_t>(run.offset), static_cast<std::size_t>(run.size)));
    return;
  }
  try {
    if (must_load) {
      load_into(*slot, load);
      set_ready(*slot);
      must_load = false;
    }
    show(*slot, run, use);
  } catch (...) {
    release(*slot, must_load);
    throw;
  }
  release(*slot, false);
}

ZarrCache::Slot* ZarrCache::hold(std::int64_t number, bool& must_load) {
  std::unique_lock lock(mutex_);
  must_load = false;
  for (;;) {
    const auto found = known_.find(number);
    if (found == known_.end()) {
      must_load = true;
      return new_holder(number);
    }
    slots_.splice(slots_.begin(), slots_, found->second);
    if (found->second->ready) {
      ++found->second->users;
      return &*found->second;
    }
    changed_.wait(lock);
  }
}

ZarrCache::Slot* ZarrCache::new_holder(std::int64_t number) {
  if (static_cast<std::int64_t>(slots_.size()) < capacity_) {
    slots_.emplace_front();
    slots_.front().at = static_cast<std::int64_t>(slots_.size() - 1) * chunk_bytes_;
  } else {
    const auto unused =
        std::find_if(slots_.rbegin(), slots_.rend(), [](const Slot& slot) { return slot.users == 0; });
    if (unused == slots_.rend()) return nullptr;
    const auto victim = std::prev(unused.base());
    known_.erase(victim->number);
    slots_.splice(slots_.begin(), slots_, victim);
  }
  Slot& slot = slots_.front();
  slot.number = number;
  slot.ready = false;
  slot.users = 1;
  known_[number] = slots_.begin();
  return &slot;
}

void ZarrCache::set_ready(Slot& slot) {
  const std::lock_guard lock(mutex_);
  slot.ready = true;
  changed_.notify_all();
}

void ZarrCache::release(Slot& slot, bool failed) {
  const std::lock_guard lock(mutex_);
  --slot.users;
  if (!failed) return;
  known_.erase(slot.number);
  slot.number = -1;
  changed_.notify_all();
}

void ZarrCache::open_file() {
  const std::lock_guard lock(mutex_);
  if (sink_) return;
  check_space(tmpdir_ + "/", capacity_ * chunk_bytes_);
  const int descriptor = open_unlinked(tmpdir_);
  sink_ = std::make_unique<ByteSink>(file_device(descriptor, true), "scratch file in " + tmpdir_);
  source_ =
      std::make_unique<ByteSource>(file_device(descriptor, false), sink_->name(), capacity_ * chunk_bytes_);
}

void ZarrCache::load_into(Slot& slot, const Load& load) {
  const auto size = static_cast<std::size_t>(chunk_bytes_);
  if (!on_disk_) {
    if (!slot.memory) slot.memory = uncleared(chunk_bytes_);
    load({slot.memory.get(), size});
    return;
  }
  open_file();
  const auto memory = uncleared(chunk_bytes_);
  load({memory.get(), size});
  sink_->write_at({memory.get(), size}, slot.at);
}

void ZarrCache::show(const Slot& slot, const Run& run, const Use& use) const {
  const auto size = static_cast<std::size_t>(run.size);
  if (!on_disk_) return use({slot.memory.get() + run.offset, size});
  const auto memory = uncleared(run.size);
  source_->read_at({memory.get(), size}, slot.at + run.offset, "a chunk that was kept");
  use({memory.get(), size});
}

}  // namespace vox
