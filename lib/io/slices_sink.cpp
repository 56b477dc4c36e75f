#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>

#include "core/error.h"
#include "io/byte_order.h"
#include "io/output_file.h"
#include "io/sidecar.h"
#include "io/slices.h"
#include "io/tiff_encode.h"
#include "io/tiff_write.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAlignment = 16;
constexpr std::size_t kFewestDigits = 4;

fs::path without_slashes(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  fs::path path(folder);
  if (path.filename() == "." || path.filename() == ".." || path == "/")
    fail_usage(folder + "/: cannot be replaced; name a new folder for the slices");
  return path;
}

/// Throws a usage error unless the folder may be made or replaced.
void check_folder(const fs::path& folder, bool force) {
  const std::string name = folder.string() + "/";
  const fs::file_status status = fs::symlink_status(folder);
  if (!fs::exists(status)) {
    const fs::path parent = folder.parent_path().empty() ? "." : folder.parent_path();
    if (!fs::is_directory(parent)) fail_usage(parent.string() + ": is not a folder");
    return;
  }
  if (!fs::is_directory(status)) fail_usage(name + ": is a file; choose another name");
  if (fs::is_empty(folder)) return;
  if (!force) fail_usage(name + ": exists; use --force to replace it");
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    const bool ours = extension == ".tif" || extension == ".tiff" || extension == ".json";
    if (!ours || !entry.is_regular_file() || entry.is_symlink())
      fail_usage(entry.path().string() +
                 ": is no slice; --force only replaces folders of .tif and .json files");
  }
}

/// The folder under its temporary name, and the names in it.
class SlicesFolder {
 public:
  SlicesFolder(const std::string& folder, std::int64_t planes, bool force)
      : folder_(without_slashes(folder)) {
    check_folder(folder_, force);
    digits_ = std::max(kFewestDigits, std::to_string(planes - 1).size());
    std::string name = temporary_name_beside(folder_.string());
    while (::mkdir(name.c_str(), 0777) != 0) {
      if (errno != EEXIST) fail_system(folder, errno);
      name = temporary_name_beside(folder_.string());
    }
    temporary_ = TemporaryPath(name);
  }

  /// Opens the file of plane `z`, making it if need be.
  ByteSink open(std::int64_t z) const {
    std::string number = std::to_string(z);
    number.insert(0, digits_ - number.size(), '0');
    const std::string file = folder_.filename().string() + "_" + number + ".tif";
    const std::string path = temporary_.path() + "/" + file;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0) fail_system((folder_ / file).string(), errno);
    return {file_device(descriptor, true), (folder_ / file).string()};
  }

  /// As for single files: the old volume goes, then the sidecar comes, then the new volume.
  void commit(const VolumeMeta& meta) {
    flush();
    const std::string old_name = temporary_name_beside(folder_.string());
    TemporaryPath old;
    if (fs::exists(folder_)) {
      if (::rename(folder_.c_str(), old_name.c_str()) != 0) fail_system(folder_.string(), errno);
      old = TemporaryPath(old_name);
    }
    OutputFile sidecar(sidecar_path(folder_.string()), true);
    const std::string text = meta_to_sidecar(meta);
    sidecar.bytes().write(std::as_bytes(std::span(text)));
    sidecar.commit();
    if (::rename(temporary_.path().c_str(), folder_.c_str()) != 0) fail_system(folder_.string(), errno);
    temporary_.release();
  }

 private:
  /// One call for all files: thousands of them, flushed one by one, would wait for the disk each time.
  void flush() const {
    const int descriptor = ::open(temporary_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail_system(folder_.string(), errno);
    const int result = ::syncfs(descriptor);
    const int error = errno;
    ::close(descriptor);
    if (result != 0) fail_system(folder_.string(), error);
  }

  fs::path folder_;
  std::size_t digits_ = kFewestDigits;
  TemporaryPath temporary_;
};

/// Uncompressed: all files are alike but for the voxels, which come in any order.
class PlainSlicesSink : public SlabSink {
 public:
  PlainSlicesSink(const std::string& folder, const VolumeMeta& meta, const CreateOptions& options)
      : plan_(plan_tiff(folder, meta, options, TiffStyle::slice)),
        folder_(folder, meta.shape.z, options.force) {
    meta_ = meta;
    start_ = tiff_header(plan_, plan_.big ? 16 : 8);
    const auto directory_at = static_cast<std::int64_t>(start_.size());
    const std::int64_t size = meta.plane_bytes();
    const std::int64_t unaligned = directory_at + tiff_directory_bytes(plan_, true);
    const std::int64_t at =
        (unaligned + std::int64_t{kAlignment} - 1) / std::int64_t{kAlignment} * std::int64_t{kAlignment};
    const auto directory = tiff_directory(plan_, true, directory_at, 0, {&at, 1}, {&size, 1});
    start_.insert(start_.end(), directory.begin(), directory.end());
    start_.resize(static_cast<std::size_t>(at));
  }

  bool seekable() const override { return true; }

  void put(const Box3& box, std::span<std::byte> voxels) override {
    const Extent3 size = box.shape();
    const std::int64_t element = size_of(meta_.dtype);
    if (needs_swap(false)) swap_bytes(voxels, element);
    const std::int64_t rows_at_once = size.x == meta_.shape.x ? size.y : 1;
    const auto piece = static_cast<std::size_t>(rows_at_once * size.x * element);
    const auto voxels_at = static_cast<std::int64_t>(start_.size());
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
      ByteSink file = folder_.open(z);
      if (box.begin.y == 0 && box.begin.x == 0) file.write_at(start_, 0);
      for (std::int64_t y = 0; y < size.y; y += rows_at_once, voxels = voxels.subspan(piece))
        file.write_at(voxels.first(piece),
                      voxels_at + ((box.begin.y + y) * meta_.shape.x + box.begin.x) * element);
    }
  }

  void finish() override { folder_.commit(meta_); }

 private:
  TiffPlan plan_;
  SlicesFolder folder_;
  std::vector<std::byte> start_;  ///< of each file, up to its voxels
};

/// Compressed: strips come in scan order; a file's directory is written behind its last one.
class CodedSlicesSink : public TiffCodedSink {
 public:
  CodedSlicesSink(const std::string& folder, const VolumeMeta& meta, const CreateOptions& options)
      : TiffCodedSink(plan_tiff(folder, meta, options, TiffStyle::slice)),
        folder_(folder, meta.shape.z, options.force) {
    meta_ = meta;
  }

  void put_encoded(const Box3&, const Encoded& encoded) override {
    std::span<const std::byte> bytes(encoded.bytes);
    for (std::int64_t size : encoded.sizes) {
      if (!file_) begin_file();
      file_->write_at(bytes.first(static_cast<std::size_t>(size)), end_);
      bytes = bytes.subspan(static_cast<std::size_t>(size));
      offsets_.push_back(end_);
      sizes_.push_back(size);
      end_ += size;
      if (static_cast<std::int64_t>(sizes_.size()) == plan_.chunks_per_plane()) end_file();
    }
  }

  void finish() override { folder_.commit(meta_); }

 private:
  void begin_file() {
    file_ = std::make_unique<ByteSink>(folder_.open(z_++));
    end_ = static_cast<std::int64_t>(tiff_header(plan_, 0).size());
    offsets_.clear();
    sizes_.clear();
  }

  void end_file() {
    const std::int64_t at = (end_ + 7) / 8 * 8;
    file_->write_at(tiff_directory(plan_, true, at, 0, offsets_, sizes_), at);
    file_->write_at(tiff_header(plan_, at), 0);
    file_.reset();
  }

  SlicesFolder folder_;
  std::unique_ptr<ByteSink> file_;  ///< of the plane that is being written
  std::int64_t z_ = 0;
  std::int64_t end_ = 0;
  std::vector<std::int64_t> offsets_, sizes_;
};

}  // namespace

std::unique_ptr<SlabSink> create_slices(const std::string& folder, const VolumeMeta& meta,
                                        const CreateOptions& options) {
  const Compression compression = options.compression.value_or(Compression{});
  if (tiff_encoding(compression.codec, compression.level).codec != TiffCodec::none)
    return std::make_unique<CodedSlicesSink>(folder, meta, options);
  return std::make_unique<PlainSlicesSink>(folder, meta, options);
}

}  // namespace vox
