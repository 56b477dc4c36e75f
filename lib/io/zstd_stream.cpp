#include "io/zstd_stream.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "io/byte_order.h"
#include "io/dense_sink.h"
#include "io/forward_device.h"

namespace vox {
namespace {

constexpr int kZstdLevel = 3;
constexpr int kJobBytes = 2 << 20;  ///< that a worker compresses at once

struct Free {
  void operator()(ZSTD_DCtx* state) const { ZSTD_freeDCtx(state); }
  void operator()(ZSTD_CCtx* state) const { ZSTD_freeCCtx(state); }
};

class ExpandingDevice : public ForwardDevice {
 public:
  explicit ExpandingDevice(ByteSource compressed)
      : compressed_(std::move(compressed)), storage_(ZSTD_DStreamInSize()), state_(ZSTD_createDCtx()) {
    if (!state_) throw std::bad_alloc();
  }

  ssize_t read(std::byte* data, std::size_t size) override {
    ZSTD_outBuffer out{data, size, 0};
    while (out.pos == 0) {
      if (input_.pos == input_.size) refill();
      if (input_.size == 0 && between_frames_) break;
      const std::size_t result = ZSTD_decompressStream(state_.get(), &out, &input_);
      if (ZSTD_isError(result))
        fail_damaged(compressed_.name() + ": the compressed data are damaged: " + ZSTD_getErrorName(result));
      if (input_.size == 0 && out.pos == 0)
        fail_damaged(compressed_.name() + ": the compressed data are cut short");
      between_frames_ = result == 0;
    }
    return static_cast<ssize_t>(out.pos);
  }

 private:
  void refill() { input_ = {storage_.data(), static_cast<std::size_t>(compressed_.read(storage_)), 0}; }

  ByteSource compressed_;
  std::vector<std::byte> storage_;
  std::unique_ptr<ZSTD_DCtx, Free> state_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  bool between_frames_ = true;
};

/// A worker holds its job, the window before it, tables and what became of it: as measured.
std::int64_t worker_bytes(int level) { return level <= 9 ? 24 << 20 : level <= 19 ? 128 << 20 : 1 << 30; }

/// Throws usage errors for other codecs, and for levels that there are not.
int level_of(const std::string& path, const CreateOptions& options) {
  const Compression wanted = options.compression.value_or(Compression{"zstd", {}});
  if (wanted.codec != "zstd")
    fail_usage("--compression " + wanted.codec + ": " + path + " is to be a zstd file; choose another name");
  const int level = wanted.level.value_or(kZstdLevel);
  if (level < 1 || level > ZSTD_maxCLevel())
    fail_usage("--compression zstd:" + std::to_string(level) + ": levels go from 1 to " +
               std::to_string(ZSTD_maxCLevel()));
  return level;
}

class ZstdSink : public SlabSink {
 public:
  ZstdSink(const std::string& path, const VolumeMeta& meta, const CreateOptions& options, int level)
      : files_({.path = path}, options.force),
        level_(level),
        storage_(ZSTD_CStreamOutSize()),
        state_(ZSTD_createCCtx()) {
    meta_ = meta;
    if (!state_) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(state_.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(state_.get(), ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setPledgedSrcSize(state_.get(), static_cast<unsigned long long>(meta.bytes()));
    // One worker or many give the same bytes; none would give others. Refused by a library without threads.
    ZSTD_CCtx_setParameter(state_.get(), ZSTD_c_nbWorkers, std::max(1, options.threads));
    ZSTD_CCtx_setParameter(state_.get(), ZSTD_c_jobSize, kJobBytes);
  }

  bool seekable() const override { return false; }
  std::int64_t scratch_bytes() const override { return worker_bytes(level_); }

  void put(const Box3&, std::span<std::byte> voxels) override {
    if (needs_swap(false)) swap_bytes(voxels, size_of(meta_.dtype));
    ZSTD_inBuffer in{voxels.data(), voxels.size(), 0};
    while (in.pos < in.size) compress(in, ZSTD_e_continue);
  }

  void finish() override {
    ZSTD_inBuffer none{nullptr, 0, 0};
    while (compress(none, ZSTD_e_end) > 0) continue;
    files_.commit(meta_, end_);
  }

 private:
  /// What is still to be flushed.
  std::size_t compress(ZSTD_inBuffer& in, ZSTD_EndDirective directive) {
    ZSTD_outBuffer out{storage_.data(), storage_.size(), 0};
    const std::size_t left = ZSTD_compressStream2(state_.get(), &out, &in, directive);
    if (ZSTD_isError(left)) fail("compression failed: " + std::string(ZSTD_getErrorName(left)));
    files_.voxels().write_at(std::span(storage_).first(out.pos), end_);
    end_ += static_cast<std::int64_t>(out.pos);
    return left;
  }

  DenseFiles files_;
  int level_;
  std::vector<std::byte> storage_;
  std::unique_ptr<ZSTD_CCtx, Free> state_;
  std::int64_t end_ = 0;  ///< of what is written
};

}  // namespace

bool is_zstd(std::span<const std::byte> start) {
  if (start.size() < 4) return false;
  std::uint32_t magic = 0;
  for (std::size_t i = 0; i < 4; ++i) magic |= std::to_integer<std::uint32_t>(start[i]) << 8 * i;
  return magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

ByteSource zstd_expanded(ByteSource compressed) {
  const std::string name = compressed.name();
  ByteOrigin origin = compressed.origin();
  origin.compression = "zstd";
  return {std::make_unique<ExpandingDevice>(std::move(compressed)), name, std::nullopt, std::move(origin)};
}

std::unique_ptr<SlabSink> create_raw_zstd(const std::string& path, const VolumeMeta& meta,
                                          const CreateOptions& options) {
  return std::make_unique<ZstdSink>(path, meta, options, level_of(path, options));
}

SinkTraits raw_zstd_traits(const std::string& path, const VolumeMeta& meta, const CreateOptions& options) {
  SinkTraits traits = plain_sink_traits(meta);
  traits.seekable = false;
  traits.scratch_bytes = worker_bytes(level_of(path, options));
  return traits;
}

}  // namespace vox
