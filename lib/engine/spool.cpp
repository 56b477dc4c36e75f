// A pipe that must be read twice: what the first pass reads is kept.
#include <algorithm>
#include <stdexcept>

#include "core/numbers.h"
#include "core/pieces.h"
#include "engine/engine.h"
#include "engine/spool_store.h"

namespace vox {
namespace {

class SpoolSource : public SlabSource {
 public:
  SpoolSource(std::unique_ptr<SlabSource> source, bool in_memory, const std::string& folder)
      : source_(std::move(source)), store_(source_->meta().bytes(), in_memory, folder) {
    meta_ = source_->meta();
    info_ = source_->info();
  }

  bool seekable() const override { return complete_; }

  void read(const Box3& box, std::byte* out) override {
    const std::int64_t element = size_of(meta_.dtype);
    const std::span<std::byte> all(out, static_cast<std::size_t>(voxels(box.shape()) * element));
    if (!complete_) {
      first_pass(box, all);
      return;
    }
    for_each_piece(meta_.shape, box, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
      store_.read(
          all.subspan(static_cast<std::size_t>(offset * element), static_cast<std::size_t>(count * element)),
          first * element);
    });
  }

 private:
  void first_pass(const Box3& box, std::span<std::byte> out) {
    const std::int64_t at = (box.begin.z * meta_.shape.y + box.begin.y) * meta_.row_bytes();
    if (at != position_) throw std::logic_error("the first pass over a spool must read everything in order");
    source_->read(box, out.data());
    store_.write(out, at);
    position_ += static_cast<std::int64_t>(out.size());
    complete_ = position_ == meta_.bytes();
  }

  std::unique_ptr<SlabSource> source_;
  SpoolStore store_;
  std::int64_t position_ = 0;
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<SlabSource> make_rereadable(std::unique_ptr<SlabSource> source, Resources& resources) {
  if (source->seekable()) return source;
  const std::int64_t bytes = source->meta().bytes();
  const bool in_memory = spools_in_memory(bytes, resources.memory);
  if (in_memory) resources.take(bytes);
  return std::make_unique<SpoolSource>(std::move(source), in_memory, resources.tmpdir);
}

void read_through(SlabSource& source) {
  if (source.seekable()) return;
  constexpr std::int64_t kBytesAtOnce = 1 << 20;
  const VolumeMeta& meta = source.meta();
  const Extent3& shape = meta.shape;
  const std::int64_t at_once = std::clamp<std::int64_t>(kBytesAtOnce / meta.row_bytes(), 1, shape.y);
  const Buffer rows(at_once * meta.row_bytes());
  for (std::int64_t z = 0; z < shape.z; ++z)
    for (std::int64_t y = 0; y < shape.y; y += at_once)
      source.read({{z, y, 0}, {z + 1, std::min(y + at_once, shape.y), shape.x}}, rows.data());
  if (!source.seekable()) throw std::logic_error("a source that must seek cannot");
}

}  // namespace vox
