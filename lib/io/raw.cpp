#include "io/raw.h"

#include <algorithm>

#include "core/error.h"
#include "core/numbers.h"
#include "core/pieces.h"
#include "io/byte_order.h"
#include "io/output_file.h"
#include "io/sidecar.h"

namespace vox {
namespace {

constexpr std::int64_t kSkipBytes = 256 << 10;

[[noreturn]] void fail_undescribed(const std::string& name) {
  fail_usage(name + ": is in no format that voxpipe knows; for raw voxels say --in-shape Z,Y,X --in-dtype T" +
             (name == "standard input" ? "" : " or write the sidecar " + sidecar_path(name)));
}

VolumeMeta described_meta(const RawDescription& description, const std::string& name) {
  if (!description.shape || !description.dtype) fail_undescribed(name);
  if (description.offset < 0) fail_usage("--in-offset must not be negative");
  VolumeMeta meta;
  meta.shape = *description.shape;
  meta.dtype = *description.dtype;
  check_meta(meta, name);
  return meta;
}

class RawFileSource : public SlabSource {
 public:
  RawFileSource(ByteSource bytes, RawDescription description) : bytes_(std::move(bytes)) {
    const std::string& name = bytes_.name();
    bool big_endian = description.big_endian;
    if (const auto facts = read_sidecar(name)) {
      if (!description.given()) big_endian = facts->big_endian;
      if (!description.shape && facts->has_shape) description.shape = facts->meta.shape;
      if (!description.dtype && facts->has_dtype) description.dtype = facts->meta.dtype;
      meta_ = facts->meta;
    }
    const VolumeMeta described = described_meta(description, name);
    meta_.shape = described.shape;
    meta_.dtype = described.dtype;
    check_meta(meta_, name);
    swap_ = needs_swap(big_endian);
    offset_ = description.offset;
    check_size();
    info_ = {.name = name, .format = "raw", .file_bytes = bytes_.size()};
  }

  bool seekable() const override { return true; }

  void read(const Box3& box, std::byte* out) override {
    const std::int64_t element = size_of(meta_.dtype);
    const std::span<std::byte> all(out, static_cast<std::size_t>(voxels(box.shape()) * element));
    for_each_piece(meta_.shape, box, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
      const auto piece =
          all.subspan(static_cast<std::size_t>(offset * element), static_cast<std::size_t>(count * element));
      bytes_.read_at(piece, offset_ + first * element,
                     "plane " + std::to_string(first / (meta_.shape.y * meta_.shape.x)));
    });
    if (swap_) swap_bytes(all, element);
  }

 private:
  void check_size() const {
    if (!bytes_.size()) fail_usage(bytes_.name() + ": is not a regular file; feed it through a pipe and `-`");
    const std::int64_t wanted = meta_.bytes();
    const std::int64_t there = *bytes_.size() - offset_;
    if (there == wanted) return;
    const std::string what = bytes_.name() + ": " + to_string(meta_.shape) + " voxels of " +
                             std::string(dtype_name(meta_.dtype)) + " need " + format_count(wanted) +
                             " bytes";
    if (there < wanted)
      fail_damaged(what + (offset_ > 0 ? " after the offset" : "") + ", the file has " +
                   format_count(std::max<std::int64_t>(there, 0)) + ": it is cut short or described wrongly");
    fail_damaged(what + ", the file has " + format_count(there) +
                 ": correct --in-shape, --in-dtype or --in-offset (or the sidecar)");
  }

  ByteSource bytes_;
  std::int64_t offset_ = 0;
  bool swap_ = false;
};

class RawPipeSource : public SlabSource {
 public:
  RawPipeSource(ByteSource bytes, const RawDescription& description)
      : bytes_(std::move(bytes)), swap_(needs_swap(description.big_endian)) {
    meta_ = described_meta(description, bytes_.name());
    info_ = {.name = bytes_.name(), .format = "raw"};
    skip(description.offset);
  }

  bool seekable() const override { return false; }

  void read(const Box3& box, std::byte* out) override {
    const std::int64_t begin = (box.begin.z * meta_.shape.y + box.begin.y) * meta_.row_bytes();
    skip(begin - position_);
    const std::span<std::byte> all(out, static_cast<std::size_t>(voxels(box.shape()) * size_of(meta_.dtype)));
    take(all);
    position_ = begin + static_cast<std::int64_t>(all.size());
    if (swap_) swap_bytes(all, size_of(meta_.dtype));
    if (position_ == meta_.bytes() && !bytes_.peek(1).empty())
      fail_damaged(bytes_.name() + ": there are more bytes than the " + format_count(meta_.bytes()) +
                   " that --in-shape and --in-dtype say");
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
  bool swap_;
  std::int64_t position_ = 0;
};

class RawSink : public SlabSink {
 public:
  RawSink(const std::string& path, const VolumeMeta& meta, const CreateOptions& options)
      : file_(path, options.force) {
    meta_ = meta;
  }

  bool seekable() const override { return true; }

  void put(const Box3& box, std::span<std::byte> voxels) override {
    const std::int64_t element = size_of(meta_.dtype);
    if (needs_swap(false)) swap_bytes(voxels, element);
    for_each_piece(meta_.shape, box, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
      file_.bytes().write_at(voxels.subspan(static_cast<std::size_t>(offset * element),
                                            static_cast<std::size_t>(count * element)),
                             first * element);
    });
  }

  void finish() override { file_.commit_with_sidecar(meta_); }

 private:
  OutputFile file_;
};

}  // namespace

std::unique_ptr<SlabSource> open_raw(ByteSource bytes, const RawDescription& description) {
  return std::make_unique<RawFileSource>(std::move(bytes), description);
}

std::unique_ptr<SlabSource> open_raw_pipe(ByteSource bytes, const RawDescription& description) {
  return std::make_unique<RawPipeSource>(std::move(bytes), description);
}

std::unique_ptr<SlabSink> create_raw(const std::string& path, const VolumeMeta& meta,
                                     const CreateOptions& options) {
  return std::make_unique<RawSink>(path, meta, options);
}

}  // namespace vox
