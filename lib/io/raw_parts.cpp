// Parts of a raw file: all write in place into one file of the full size.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/error.h"
#include "io/bytes.h"
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

class RawPartSink : public PartSink {
 public:
  RawPartSink(const std::string& output, const VolumeMeta& meta, const Interval& planes)
      : planes_(planes), file_(open_shared(data_path(output), meta.bytes())) {
    meta_ = meta;
  }

  bool seekable() const override { return true; }
  void put(const Box3& box, std::span<std::byte> voxels) override {
    write_dense(file_, 0, meta_, box, voxels);
  }
  void finish() override { file_.flush(); }
  std::vector<PartPiece> pieces() const override {
    return {{kData, planes_.begin * meta_.plane_bytes(), planes_.size() * meta_.plane_bytes()}};
  }

 private:
  Interval planes_;
  ByteSink file_;
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
