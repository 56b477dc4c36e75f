// Parts of a raw file: all write in place into one file of the full size.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <map>
#include <mutex>

#include "core/error.h"
#include "io/bytes.h"
#include "io/checksum.h"
#include "io/dense_sink.h"
#include "io/output_file.h"
#include "io/part_sink.h"
#include "io/raw.h"

namespace vox {
namespace {

const std::string kData = "data";

std::string data_path(const std::string& output) { return parts_folder(output) + "/" + kData; }

/// The file at its full size, with what others wrote into it.
ByteSink open_shared(const std::string& path, std::int64_t bytes) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) fail_system(path, errno);
  ByteSink sink(file_device(descriptor, true), path);
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0) fail_system(path, errno);
  if (facts.st_size != bytes && ::ftruncate(descriptor, bytes) != 0) fail_system(path, errno);
  return sink;
}

/// Checksums of what was written, in whatever order: nothing must be read back for them.
class WrittenRuns {
 public:
  /// `voxels`: as they are on disk.
  void add(const VolumeMeta& meta, const Box3& box, std::span<const std::byte> voxels) {
    const Extent3 size = box.shape();
    const bool whole_planes = size.y == meta.shape.y && size.x == meta.shape.x;
    if (size.x != meta.shape.x) return;
    const auto count = static_cast<std::size_t>(whole_planes ? 1 : size.z);
    const std::size_t bytes = voxels.size() / count;
    for (std::size_t i = 0; i < count; ++i) {
      Crc32c checksum;
      checksum.add(voxels.subspan(i * bytes, bytes));
      const auto z = box.begin.z + static_cast<std::int64_t>(i);
      const std::lock_guard lock(mutex_);
      insert(z * meta.plane_bytes() + box.begin.y * meta.row_bytes(),
             {static_cast<std::int64_t>(bytes), checksum.value()});
    }
  }
  /// Of all bytes from `begin` to `end`; empty when not all of them were seen, each once.
  std::string checksum(std::int64_t begin, std::int64_t end) const {
    if (runs_.size() != 1 || runs_.begin()->first != begin) return {};
    const Run& run = runs_.begin()->second;
    return run.bytes == end - begin ? crc32c_text(run.checksum) : "";
  }

 private:
  struct Run {
    std::int64_t bytes = 0;
    std::uint32_t checksum = 0;
  };

  /// Neighbours become one run, so that there are few.
  void insert(std::int64_t at, const Run& run) {
    auto here = runs_.insert_or_assign(at, run).first;
    if (here != runs_.begin())
      if (const auto before = std::prev(here); before->first + before->second.bytes == at) {
        join(before->second, run);
        runs_.erase(here);
        here = before;
      }
    if (const auto next = std::next(here);
        next != runs_.end() && here->first + here->second.bytes == next->first) {
      join(here->second, next->second);
      runs_.erase(next);
    }
  }
  static void join(Run& run, const Run& next) {
    run.checksum = joined_crc32c(run.checksum, next.checksum, next.bytes);
    run.bytes += next.bytes;
  }

  std::mutex mutex_;                  ///< of `runs_` while they come
  std::map<std::int64_t, Run> runs_;  ///< by offset
};

class RawPartSink : public PartSink {
 public:
  RawPartSink(const std::string& output, const VolumeMeta& meta, const Interval& planes)
      : planes_(planes), file_(open_shared(data_path(output), meta.bytes())) {
    meta_ = meta;
  }

  bool seekable() const override { return true; }
  void put(const Box3& box, std::span<std::byte> voxels) override {
    write_dense(file_, 0, meta_, box, voxels);
    runs_.add(meta_, box, voxels);
  }
  void finish() override { file_.flush(); }
  std::vector<PartPiece> pieces() const override {
    const std::int64_t begin = planes_.begin * meta_.plane_bytes();
    const std::int64_t bytes = planes_.size() * meta_.plane_bytes();
    return {{kData, begin, bytes, runs_.checksum(begin, begin + bytes)}};
  }

 private:
  Interval planes_;
  ByteSink file_;
  WrittenRuns runs_;
};

PartLayout layout_of_raw(const std::string& output, const VolumeMeta& meta, const CreateOptions& options) {
  check_raw_options(options);
  static_cast<void>(output);
  return {1, "raw, " + to_string(meta.shape) + " " + std::string(dtype_name(meta.dtype))};
}

std::unique_ptr<PartSink> create_raw_part(const std::string& output, const VolumeMeta& meta,
                                          const CreateOptions& options, const Interval& planes) {
  static_cast<void>(options);
  make_shared_folder(parts_folder(output));
  check_space(output, planes.size() * meta.plane_bytes());
  return std::make_unique<RawPartSink>(output, meta, planes);
}

void join_raw_parts(const std::string& output, const VolumeMeta& meta, const std::string&,
                    const std::optional<Range>&, bool force) {
  check_output(output, force);
  check_sidecar(output, force);
  if (force) ::unlink(output.c_str());
  write_sidecar(output, meta);
  rename_output(data_path(output), output, force);
}

}  // namespace

const SharedFormat kRawParts{.layout = layout_of_raw, .create = create_raw_part, .join = join_raw_parts};

}  // namespace vox
