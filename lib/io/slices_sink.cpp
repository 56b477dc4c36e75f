#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>

#include "core/error.h"
#include "core/path_text.h"
#include "io/byte_order.h"
#include "io/output_file.h"
#include "io/part_sink.h"
#include "io/sidecar.h"
#include "io/slices.h"
#include "io/tiff_encode.h"
#include "io/tiff_write.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAlignment = 16;
constexpr std::size_t kFewestDigits = 4;

/// Throws a usage error for what cannot be replaced.
fs::path folder_of_slices(const std::string& name) {
  const std::string folder = without_slashes(name);
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

/// As for single files: the old volume goes, then the sidecar comes, then the new volume.
void rename_slices(const std::string& from, const fs::path& folder, const VolumeMeta& meta) {
  rename_folder(from, folder.string(), [&] { write_sidecar(folder.string(), meta); });
}

/// Where the files of a volume are for now, and their names.
class SlicesFolder {
 public:
  /// A folder of its own, under a temporary name.
  SlicesFolder(const std::string& folder, std::int64_t planes, bool force)
      : SlicesFolder(folder, planes, std::string()) {
    check_folder(folder_, force);
    std::string name = temporary_name_beside(folder_.string());
    while (::mkdir(name.c_str(), 0777) != 0) {
      if (errno != EEXIST) fail_system(folder, errno);
      name = temporary_name_beside(folder_.string());
    }
    temporary_ = TemporaryPath(name);
    place_ = name;
  }
  /// The folder `place`, into which others write too.
  SlicesFolder(const std::string& folder, std::int64_t planes, std::string place)
      : folder_(folder_of_slices(folder)),
        place_(std::move(place)),
        digits_(std::max(kFewestDigits, std::to_string(planes - 1).size())) {}

  std::string name(std::int64_t z) const {
    std::string number = std::to_string(z);
    number.insert(0, digits_ - number.size(), '0');
    return folder_.filename().string() + "_" + number + ".tif";
  }
  /// Opens the file of plane `z`, making it if need be.
  ByteSink open(std::int64_t z) const { return open_as(place_ + "/" + name(z), z); }
  /// A file that nobody else sees before it is complete.
  ByteSink open_alone(std::int64_t z) {
    if (!is_shared()) return open(z);
    alone_ = temporary_name_beside(place_ + "/" + name(z));
    ::unlink(alone_.c_str());
    return open_as(alone_, z);
  }
  void complete(std::int64_t z) {
    if (!is_shared()) return;
    const std::string path = place_ + "/" + name(z);
    if (::rename(alone_.c_str(), path.c_str()) != 0) fail_system(path, errno);
  }

  void commit(const VolumeMeta& meta) {
    sync_file_system(place_);
    if (is_shared()) return;
    rename_slices(place_, folder_, meta);
    temporary_.release();
  }

 private:
  bool is_shared() const { return temporary_.path().empty(); }
  ByteSink open_as(const std::string& path, std::int64_t z) const {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0) fail_system((folder_ / name(z)).string(), errno);
    return {file_device(descriptor, true), (folder_ / name(z)).string()};
  }

  fs::path folder_;
  std::string place_;
  std::size_t digits_ = kFewestDigits;
  TemporaryPath temporary_;
  std::string alone_;
};

/// Uncompressed: all files are alike but for the voxels, which come in any order.
class PlainSlicesSink : public SlabSink {
 public:
  PlainSlicesSink(TiffPlan plan, const VolumeMeta& meta, SlicesFolder folder)
      : plan_(std::move(plan)), folder_(std::move(folder)) {
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
  CodedSlicesSink(TiffPlan plan, const VolumeMeta& meta, SlicesFolder folder, std::int64_t first)
      : TiffCodedSink(std::move(plan)), folder_(std::move(folder)), z_(first) {
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
    file_ = std::make_unique<ByteSink>(folder_.open_alone(z_));
    end_ = static_cast<std::int64_t>(tiff_header(plan_, 0).size());
    offsets_.clear();
    sizes_.clear();
  }

  void end_file() {
    const std::int64_t at = (end_ + 7) / 8 * 8;
    file_->write_at(tiff_directory(plan_, true, at, 0, offsets_, sizes_), at);
    file_->write_at(tiff_header(plan_, at), 0);
    file_.reset();
    folder_.complete(z_++);
  }

  SlicesFolder folder_;
  std::unique_ptr<ByteSink> file_;  ///< of the plane that is being written
  std::int64_t z_;
  std::int64_t end_ = 0;
  std::vector<std::int64_t> offsets_, sizes_;
};

std::unique_ptr<SlabSink> slices_sink(TiffPlan plan, const VolumeMeta& meta, SlicesFolder folder,
                                      std::int64_t first) {
  if (plan.coded()) return std::make_unique<CodedSlicesSink>(std::move(plan), meta, std::move(folder), first);
  return std::make_unique<PlainSlicesSink>(std::move(plan), meta, std::move(folder));
}

/// Some slices of a folder that others write, too.
class SlicesPartSink : public PartSink {
 public:
  SlicesPartSink(const std::string& output, TiffPlan plan, const VolumeMeta& meta, const std::string& store,
                 const Interval& planes)
      : planes_(planes), store_(store), place_(parts_folder(output) + "/" + store) {
    meta_ = meta;
    make_shared_folder(parts_folder(output));
    make_shared_folder(place_);
    SlicesFolder folder(output, meta.shape.z, place_);
    for (std::int64_t z = planes.begin; z < planes.end; ++z) names_.push_back(folder.name(z));
    sink_ = slices_sink(std::move(plan), meta, std::move(folder), planes.begin);
  }

  bool seekable() const override { return sink_->seekable(); }
  Extent3 chunk() const override { return sink_->chunk(); }
  bool encodes() const override { return sink_->encodes(); }
  std::int64_t scratch_bytes() const override { return sink_->scratch_bytes(); }
  std::int64_t held_bytes() const override { return sink_->held_bytes(); }
  void put(const Box3& box, std::span<std::byte> voxels) override { sink_->put(box, voxels); }
  void encode(const Box3& box, std::span<std::byte> voxels, Encoded& encoded) const override {
    sink_->encode(box, voxels, encoded);
  }
  void put_encoded(const Box3& box, const Encoded& encoded) override { sink_->put_encoded(box, encoded); }
  void finish() override { sink_->finish(); }

  std::vector<PartPiece> pieces() const override {
    std::vector<PartPiece> pieces;
    for (const std::string& name : names_)
      pieces.push_back(
          {store_ + "/" + name, 0, static_cast<std::int64_t>(fs::file_size(place_ + "/" + name))});
    return pieces;
  }

 private:
  Interval planes_;
  std::string store_;
  std::string place_;
  std::vector<std::string> names_;
  std::unique_ptr<SlabSink> sink_;
};

std::string store_of_slices(const std::string& layout) { return store_name("slices", layout); }

/// Headers hold some of the meta, so that files of another volume do not fit in place.
PartLayout layout_of_slices(const std::string& output, const VolumeMeta& meta, const CreateOptions& options) {
  const TiffPlan plan = plan_tiff(output, meta, options, TiffStyle::slice);
  const Compression compression = options.compression.value_or(Compression{});
  return {1, "TIFF slices, " + compression.codec +
                 (compression.level ? ":" + std::to_string(*compression.level) : "") +
                 (options.predictor ? ", predictor" : "") + ", " + store_name("meta", meta_to_line(meta))};
}

std::unique_ptr<PartSink> create_slices_part(const std::string& output, const VolumeMeta& meta,
                                             const CreateOptions& options, const Interval& planes) {
  const std::string store = store_of_slices(layout_of_slices(output, meta, options).text);
  return std::make_unique<SlicesPartSink>(output, plan_tiff(output, meta, options, TiffStyle::slice), meta,
                                          store, planes);
}

void join_slices(const std::string& output, const VolumeMeta& meta, const std::string& layout,
                 const std::optional<Range>&, bool force) {
  const fs::path folder = folder_of_slices(output);
  check_folder(folder, force);
  const std::string store = parts_folder(output) + "/" + store_of_slices(layout);
  remove_leftovers(store);
  sync_file_system(store);
  rename_slices(store, folder, meta);
  // Of a task that ran twice and began a file since.
  remove_leftovers(folder);
}

}  // namespace

const SharedFormat kSlicesParts{
    .layout = layout_of_slices, .create = create_slices_part, .join = join_slices};

void check_slices_output(const std::string& folder, bool force) {
  check_folder(folder_of_slices(folder), force);
}

std::unique_ptr<SlabSink> create_slices(const std::string& folder, const VolumeMeta& meta,
                                        const CreateOptions& options) {
  return slices_sink(plan_tiff(folder, meta, options, TiffStyle::slice), meta,
                     SlicesFolder(folder, meta.shape.z, options.force), 0);
}

SinkTraits slices_traits(const std::string& folder, const VolumeMeta& meta, const CreateOptions& options) {
  return tiff_sink_traits(plan_tiff(folder, meta, options, TiffStyle::slice));
}

}  // namespace vox
