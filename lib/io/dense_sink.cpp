#include "io/dense_sink.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "core/error.h"
#include "core/pieces.h"
#include "io/byte_order.h"
#include "io/sidecar.h"

namespace vox {
namespace {

class DenseSink : public SlabSink {
 public:
  DenseSink(const DenseOutput& output, const VolumeMeta& meta, const CreateOptions& options)
      : files_(output, options.force) {
    meta_ = meta;
  }

  bool seekable() const override { return true; }

  void put(const Box3& box, std::span<std::byte> voxels) override {
    write_dense(files_.voxels(), files_.voxels_at(), meta_, box, voxels);
  }

  void finish() override { files_.commit(meta_, meta_.bytes()); }

 private:
  DenseFiles files_;
};

/// True for a file that this process reads: headers of several formats may name the same voxels.
bool is_open_here(const std::string& path) {
  struct stat wanted {
  }, facts{};
  if (::stat(path.c_str(), &wanted) != 0) return false;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", none))
    if (::stat(entry.path().c_str(), &facts) == 0 && facts.st_dev == wanted.st_dev &&
        facts.st_ino == wanted.st_ino)
      return true;
  return false;
}

/// The voxels' file gets its name from the header's; a volume of its own must not be lost for that.
void check_data_path(const std::string& path, bool force) {
  struct stat facts {};
  if (::stat(sidecar_path(path).c_str(), &facts) == 0)
    fail_usage(path +
               ": is a volume with a sidecar, and the header's voxels would take its name; choose another");
  if (is_open_here(path))
    fail_usage(path + ": the voxels of an input, whose name the header's voxels would take; choose another");
  check_output(path, force);
}

}  // namespace

DenseFiles::DenseFiles(const DenseOutput& output, bool force)
    : output_(output), force_(force), file_(output.path, force) {
  if (!output.data_path.empty()) {
    check_data_path(output.data_path, force);
    data_.emplace(output.data_path, force);
  }
  const bool before_voxels = !data_ && !output.header_is_data;
  voxels_at_ = before_voxels ? static_cast<std::int64_t>(output.header.size()) : 0;
  if (!output.header_is_data) file_.bytes().write_at(std::as_bytes(std::span(output.header)), 0);
}

void DenseFiles::commit(const VolumeMeta& meta, std::int64_t stored) {
  if (output_.final_header) {
    const std::string header = output_.final_header(stored);
    file_.bytes().write_at(std::as_bytes(std::span(header)), 0);
  }
  std::optional<OutputFile> sidecar;
  if (output_.sidecar) sidecar.emplace(begin_sidecar(output_.path, meta));
  file_.complete();
  if (data_) {
    data_->complete();
    // Nobody may find the old header beside the new voxels.
    if (force_) ::unlink(output_.path.c_str());
    data_->commit();
  }
  if (sidecar) return file_.commit_with(*sidecar);
  // A sidecar left there would speak of another volume.
  ::unlink(sidecar_path(output_.path).c_str());
  file_.commit();
}

void write_dense(ByteSink& file, std::int64_t at, const VolumeMeta& meta, const Box3& box,
                 std::span<std::byte> voxels) {
  const std::int64_t element = size_of(meta.dtype);
  if (needs_swap(false)) swap_bytes(voxels, element);
  for_each_piece(meta.shape, box, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
    file.write_at(
        voxels.subspan(static_cast<std::size_t>(offset * element), static_cast<std::size_t>(count * element)),
        at + first * element);
  });
}

std::unique_ptr<SlabSink> dense_sink(const DenseOutput& output, const VolumeMeta& meta,
                                     const CreateOptions& options) {
  return std::make_unique<DenseSink>(output, meta, options);
}

}  // namespace vox
