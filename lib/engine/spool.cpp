// A pipe that must be read twice: what the first pass reads is kept.
#include <cstring>
#include <stdexcept>

#include "core/numbers.h"
#include "core/pieces.h"
#include "engine/buffer.h"
#include "engine/engine.h"
#include "io/bytes.h"
#include "io/output_file.h"
#include "io/temporary.h"

namespace vox {
namespace {

/// Voxel bytes by position, in memory or in an unlinked file.
class SpoolStore {
 public:
  SpoolStore(std::int64_t bytes, bool in_memory, const std::string& folder) {
    if (in_memory) {
      memory_ = Buffer(bytes);
      return;
    }
    check_space(folder + "/", bytes);
    const int descriptor = open_unlinked(folder);
    sink_ = std::make_unique<ByteSink>(file_device(descriptor, true), "spool in " + folder);
    source_ = std::make_unique<ByteSource>(file_device(descriptor, false), "spool in " + folder, bytes);
  }

  void write(std::span<const std::byte> bytes, std::int64_t offset) {
    if (sink_)
      sink_->write_at(bytes, offset);
    else
      std::memcpy(memory_.data() + offset, bytes.data(), bytes.size());
  }

  void read(std::span<std::byte> bytes, std::int64_t offset) const {
    if (source_)
      source_->read_at(bytes, offset, "spool");
    else
      std::memcpy(bytes.data(), memory_.data() + offset, bytes.size());
  }

 private:
  Buffer memory_;
  std::unique_ptr<ByteSink> sink_;
  std::unique_ptr<ByteSource> source_;
};

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
  const bool in_memory = bytes <= resources.memory / 2;
  if (in_memory) resources.memory -= bytes;
  return std::make_unique<SpoolSource>(std::move(source), in_memory, resources.tmpdir);
}

}  // namespace vox
