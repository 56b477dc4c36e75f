#include "io/deflate_sink.h"

#include <algorithm>

#include "core/error.h"
#include "io/byte_order.h"

namespace vox {
namespace {

/// Voxels that are compressed together, whatever the blocks in which they come: large enough to lose little
/// at their beginnings, small enough to occupy all threads.
constexpr std::int64_t kPieceBytes = 512 << 10;

/// Rows of such a piece.
std::int64_t piece_rows(const VolumeMeta& meta) {
  return std::clamp<std::int64_t>(kPieceBytes / meta.row_bytes(), 1, meta.shape.y);
}

class DeflateSink : public SlabSink {
 public:
  DeflateSink(const DenseOutput& output, const VolumeMeta& meta, const CreateOptions& options,
              DeflateWrapper wrapper, int level)
      : files_(output, options.force),
        blocks_(wrapper, level),
        rows_(piece_rows(meta)),
        end_(files_.voxels_at()) {
    meta_ = meta;
    append(blocks_.start());
    if (!output.header_is_data) return;
    std::vector<std::byte> piece;
    blocks_.compress(std::as_bytes(std::span(output.header)), piece);
    append(blocks_.add(piece));
  }

  bool seekable() const override { return false; }
  Extent3 chunk() const override { return {1, rows_, meta_.shape.x}; }
  bool encodes() const override { return true; }
  std::int64_t scratch_bytes() const override { return deflate_sink_traits(meta_).scratch_bytes; }

  void put(const Box3& box, std::span<std::byte> voxels) override {
    Encoded encoded;
    encode(box, voxels, encoded);
    put_encoded(box, encoded);
  }

  void encode(const Box3& box, std::span<std::byte> voxels, Encoded& encoded) const override {
    if (needs_swap(false)) swap_bytes(voxels, size_of(meta_.dtype));
    encoded.bytes.clear();
    encoded.sizes.clear();
    const Extent3 size = box.shape();
    for (std::int64_t z = 0; z < size.z; ++z) {
      for (std::int64_t y = 0; y < size.y; y += rows_) {
        const std::int64_t rows = std::min(rows_, size.y - y);
        const std::size_t before = encoded.bytes.size();
        blocks_.compress(voxels.subspan(static_cast<std::size_t>((z * size.y + y) * meta_.row_bytes()),
                                        static_cast<std::size_t>(rows * meta_.row_bytes())),
                         encoded.bytes);
        encoded.sizes.push_back(static_cast<std::int64_t>(encoded.bytes.size() - before));
      }
    }
  }

  void put_encoded(const Box3&, const Encoded& encoded) override {
    std::span<const std::byte> bytes(encoded.bytes);
    for (const std::int64_t size : encoded.sizes) {
      append(blocks_.add(bytes.first(static_cast<std::size_t>(size))));
      bytes = bytes.subspan(static_cast<std::size_t>(size));
    }
  }

  void finish() override {
    append(blocks_.end());
    files_.commit(meta_, end_ - files_.voxels_at());
  }

 private:
  void append(std::span<const std::byte> bytes) {
    files_.voxels().write_at(bytes, end_);
    end_ += static_cast<std::int64_t>(bytes.size());
  }

  DenseFiles files_;
  DeflateBlocks blocks_;
  std::int64_t rows_;  ///< of a piece
  std::int64_t end_;   ///< of what is written
};

}  // namespace

std::unique_ptr<SlabSink> deflate_sink(const DenseOutput& output, const VolumeMeta& meta,
                                       const CreateOptions& options, DeflateWrapper wrapper, int level) {
  return std::make_unique<DeflateSink>(output, meta, options, wrapper, level);
}

SinkTraits deflate_sink_traits(const VolumeMeta& meta) {
  const std::int64_t rows = piece_rows(meta);
  return {.seekable = false,
          .chunk = {1, rows, meta.shape.x},
          .encodes = true,
          .scratch_bytes = 2 * DeflateBlocks::memory_bytes(rows * meta.row_bytes())};
}

std::unique_ptr<SlabSink> create_raw_gzip(const std::string& path, const VolumeMeta& meta,
                                          const CreateOptions& options) {
  const auto level = options.compression ? deflate_level(options, "a .gz file") : kDeflateLevel;
  if (!level) fail_usage("--compression none: " + path + " is to be a gzip file; name it .raw instead");
  return deflate_sink({.path = path}, meta, options, DeflateWrapper::gzip, *level);
}

}  // namespace vox
