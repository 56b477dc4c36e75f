#include "io/dense_source.h"

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/numbers.h"
#include "core/pieces.h"
#include "io/byte_order.h"

namespace vox {
namespace {

constexpr std::int64_t kSkipBytes = 256 << 10;

class SeekableVoxels : public SlabSource {
 public:
  SeekableVoxels(ByteSource bytes, const VolumeMeta& meta, const SourceInfo& info, const DenseLayout& layout)
      : bytes_(std::move(bytes)), layout_(layout), swap_(needs_swap(layout.big_endian)) {
    meta_ = meta;
    info_ = info;
    check_size();
  }

  bool seekable() const override { return true; }

  void read(const Box3& box, std::byte* out) override {
    const std::int64_t element = size_of(meta_.dtype);
    const std::span<std::byte> all(out, static_cast<std::size_t>(voxels(box.shape()) * element));
    for_each_piece(meta_.shape, box, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
      const auto piece =
          all.subspan(static_cast<std::size_t>(offset * element), static_cast<std::size_t>(count * element));
      bytes_.read_at(piece, layout_.offset + first * element,
                     "plane " + std::to_string(first / (meta_.shape.y * meta_.shape.x)));
    });
    if (swap_) swap_bytes(all, element);
  }

 private:
  void check_size() const {
    const std::int64_t wanted = meta_.bytes();
    const std::int64_t there = *bytes_.size() - layout_.offset;
    if (there == wanted || (there > wanted && layout_.more_may_follow)) return;
    const std::string what = bytes_.name() + ": " + to_string(meta_.shape) + " voxels of " +
                             std::string(dtype_name(meta_.dtype)) + " need " + format_count(wanted) +
                             " bytes";
    if (there < wanted)
      fail_damaged(what + (layout_.offset > 0 ? " after the offset" : "") + ", the file has " +
                   format_count(std::max<std::int64_t>(there, 0)) + ": it is cut short or described wrongly");
    fail_damaged(what + ", the file has " + format_count(there) + ": " + layout_.remedy);
  }

  ByteSource bytes_;
  DenseLayout layout_;
  bool swap_;
};

class OrderedVoxels : public SlabSource {
 public:
  OrderedVoxels(ByteSource bytes, const VolumeMeta& meta, const SourceInfo& info, const DenseLayout& layout)
      : bytes_(std::move(bytes)), layout_(layout), swap_(needs_swap(layout.big_endian)) {
    meta_ = meta;
    info_ = info;
    skip(layout.offset);
  }

  bool seekable() const override { return false; }

  void read(const Box3& box, std::byte* out) override {
    const std::int64_t begin = (box.begin.z * meta_.shape.y + box.begin.y) * meta_.row_bytes();
    skip(begin - position_);
    const std::span<std::byte> all(out, static_cast<std::size_t>(voxels(box.shape()) * size_of(meta_.dtype)));
    take(all);
    position_ = begin + static_cast<std::int64_t>(all.size());
    if (swap_) swap_bytes(all, size_of(meta_.dtype));
    if (position_ == meta_.bytes() && !layout_.more_may_follow && !bytes_.peek(1).empty())
      fail_damaged(bytes_.name() + ": there are more bytes than the " + format_count(meta_.bytes()) +
                   " that " + to_string(meta_.shape) + " voxels of " + std::string(dtype_name(meta_.dtype)) +
                   " need: " + layout_.remedy);
  }

 private:
  void take(std::span<std::byte> out) {
    const std::int64_t got = bytes_.read(out);
    if (got < static_cast<std::int64_t>(out.size()))
      fail_damaged(bytes_.name() + ": " + format_count(position_ + got) + " of " +
                   format_count(meta_.bytes()) + " bytes, the input is cut short");
  }

  void skip(std::int64_t count) {
    std::vector<std::byte> waste;
    for (; count > 0; count -= static_cast<std::int64_t>(waste.size())) {
      waste.resize(static_cast<std::size_t>(std::min(kSkipBytes, count)));
      take(waste);
    }
  }

  ByteSource bytes_;
  DenseLayout layout_;
  bool swap_;
  std::int64_t position_ = 0;
};

}  // namespace

std::unique_ptr<SlabSource> dense_source(ByteSource bytes, const VolumeMeta& meta, const SourceInfo& info,
                                         const DenseLayout& layout) {
  if (bytes.size()) return std::make_unique<SeekableVoxels>(std::move(bytes), meta, info, layout);
  return std::make_unique<OrderedVoxels>(std::move(bytes), meta, info, layout);
}

std::int64_t offset_from_end(const ByteSource& bytes, std::int64_t wanted, std::int64_t behind,
                             std::int64_t before, const std::string& field) {
  if (!bytes.size())
    fail_usage(bytes.name() + ": " + field +
               " below 0 counts from the end, which is not known of a pipe or compressed voxels");
  if (before > *bytes.size() || behind > *bytes.size() || wanted > *bytes.size() - before - behind)
    fail_damaged(bytes.name() + ": the voxels need " + format_count(wanted) + " bytes, the file has " +
                 format_count(*bytes.size()) + ": it is cut short or described wrongly");
  return *bytes.size() - behind - wanted;
}

SourceInfo info_of(const ByteSource& bytes, std::string format) {
  const ByteOrigin& origin = bytes.origin();
  return {.name = bytes.name(),
          .format = std::move(format),
          .compression = origin.compression,
          .file_bytes = origin.file_bytes};
}

}  // namespace vox
