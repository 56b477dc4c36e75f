#include <algorithm>

#include "core/pieces.h"
#include "io/byte_order.h"
#include "io/output_file.h"
#include "io/tiff.h"
#include "io/tiff_encode.h"
#include "io/tiff_write.h"

namespace vox {
namespace {

/// Voxels that begin at a page boundary are copied faster, and can be mapped.
constexpr std::int64_t kAlignment = 4096;
constexpr std::size_t kTableBytes = 256 << 10;

std::int64_t aligned(std::int64_t offset, std::int64_t multiple) {
  return (offset + multiple - 1) / multiple * multiple;
}

/// Writes directories that follow each other, a few at a time.
class DirectoryQueue {
 public:
  DirectoryQueue(ByteSink& bytes, std::int64_t at) : bytes_(bytes), at_(at) {}

  std::int64_t next_offset() const { return at_ + static_cast<std::int64_t>(waiting_.size()); }
  void add(const std::vector<std::byte>& directory) {
    waiting_.insert(waiting_.end(), directory.begin(), directory.end());
    if (waiting_.size() >= kTableBytes) flush();
  }
  void flush() {
    bytes_.write_at(waiting_, at_);
    at_ = next_offset();
    waiting_.clear();
  }

 private:
  ByteSink& bytes_;
  std::int64_t at_;
  std::vector<std::byte> waiting_;
};

/// Uncompressed: every offset is known beforehand. The first directory, then all voxels in one piece (which
/// is what ImageJ relies on), then the other directories.
class PlainTiffSink : public SlabSink {
 public:
  PlainTiffSink(const std::string& path, TiffPlan plan, bool force)
      : plan_(std::move(plan)), file_(path, force) {
    meta_ = plan_.meta;
    const auto header = static_cast<std::int64_t>(tiff_header(plan_, 0).size());
    voxels_at_ = aligned(header + tiff_directory_bytes(plan_, true), kAlignment);
  }

  bool seekable() const override { return true; }

  void put(const Box3& box, std::span<std::byte> voxels) override {
    const std::int64_t element = size_of(meta_.dtype);
    if (needs_swap(false)) swap_bytes(voxels, element);
    for_each_piece(meta_.shape, box, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
      file_.bytes().write_at(voxels.subspan(static_cast<std::size_t>(offset * element),
                                            static_cast<std::size_t>(count * element)),
                             voxels_at_ + first * element);
    });
  }

  void finish() override {
    const std::int64_t behind = aligned(voxels_at_ + meta_.bytes(), 8);
    const std::int64_t each = tiff_directory_bytes(plan_, false);
    const std::int64_t size = meta_.plane_bytes();
    std::vector<std::byte> start = tiff_header(plan_, plan_.big ? 16 : 8);
    const auto first_at = static_cast<std::int64_t>(start.size());
    const std::int64_t second_at = plan_.planes > 1 ? behind : 0;
    const std::vector<std::byte> first =
        tiff_directory(plan_, true, first_at, second_at, {&voxels_at_, 1}, {&size, 1});
    start.insert(start.end(), first.begin(), first.end());
    file_.bytes().write_at(start, 0);
    DirectoryQueue queue(file_.bytes(), behind);
    for (std::int64_t z = 1; z < plan_.planes; ++z) {
      const std::int64_t at = queue.next_offset();
      const std::int64_t offset = voxels_at_ + z * size;
      queue.add(
          tiff_directory(plan_, false, at, z + 1 < plan_.planes ? at + each : 0, {&offset, 1}, {&size, 1}));
    }
    queue.flush();
    file_.commit_with_sidecar(meta_);
  }

 private:
  TiffPlan plan_;
  OutputFile file_;
  std::int64_t voxels_at_ = 0;
};

/// Compressed: strips behind the header in scan order, then all directories.
class CodedTiffSink : public TiffCodedSink {
 public:
  CodedTiffSink(const std::string& path, TiffPlan plan, bool force)
      : TiffCodedSink(std::move(plan)), file_(path, force) {
    strips_at_ = end_ = static_cast<std::int64_t>(tiff_header(plan_, 0).size());
  }

  void put_encoded(const Box3&, const Encoded& encoded) override {
    file_.bytes().write_at(encoded.bytes, end_);
    end_ += static_cast<std::int64_t>(encoded.bytes.size());
    for (std::int64_t size : encoded.sizes) sizes_.push_back(static_cast<std::uint32_t>(size));
  }

  void finish() override {
    std::int64_t at = aligned(end_, 8);
    file_.bytes().write_at(tiff_header(plan_, at), 0);
    DirectoryQueue queue(file_.bytes(), at);
    std::int64_t strip_at = strips_at_;
    const std::int64_t strips = plan_.chunks_per_plane();
    std::vector<std::int64_t> offsets, sizes;
    for (std::int64_t z = 0; z < plan_.planes; ++z) {
      offsets.clear();
      sizes.clear();
      for (std::int64_t strip = z * strips; strip < (z + 1) * strips; ++strip) {
        offsets.push_back(strip_at);
        sizes.push_back(sizes_[static_cast<std::size_t>(strip)]);
        strip_at += sizes.back();
      }
      const std::int64_t next = queue.next_offset() + tiff_directory_bytes(plan_, z == 0);
      queue.add(tiff_directory(plan_, z == 0, queue.next_offset(), z + 1 < plan_.planes ? next : 0, offsets,
                               sizes));
    }
    queue.flush();
    file_.commit_with_sidecar(meta_);
  }

 private:
  OutputFile file_;
  std::int64_t strips_at_ = 0;
  std::int64_t end_ = 0;              ///< of the strips so far
  std::vector<std::uint32_t> sizes_;  ///< of all strips so far
};

std::unique_ptr<SlabSink> create(const std::string& path, TiffPlan plan, bool force) {
  if (plan.coded()) return std::make_unique<CodedTiffSink>(path, std::move(plan), force);
  return std::make_unique<PlainTiffSink>(path, std::move(plan), force);
}

}  // namespace

std::unique_ptr<SlabSink> create_tiff(const std::string& path, const VolumeMeta& meta,
                                      const CreateOptions& options) {
  return create(path, plan_tiff(path, meta, options, TiffStyle::stack), options.force);
}

std::unique_ptr<SlabSink> create_ome_tiff(const std::string& path, const VolumeMeta& meta,
                                          const CreateOptions& options) {
  return create(path, plan_tiff(path, meta, options, TiffStyle::ome), options.force);
}

SinkTraits tiff_traits(const std::string& path, const VolumeMeta& meta, const CreateOptions& options) {
  return tiff_sink_traits(plan_tiff(path, meta, options, TiffStyle::stack));
}

SinkTraits ome_tiff_traits(const std::string& path, const VolumeMeta& meta, const CreateOptions& options) {
  return tiff_sink_traits(plan_tiff(path, meta, options, TiffStyle::ome));
}

}  // namespace vox
