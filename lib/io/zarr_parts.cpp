// Parts of an OME-Zarr store: each writes whole files of its own, which get their names when complete.
#include <sys/stat.h>

#include <cerrno>
#include <random>

#include "core/error.h"
#include "io/output_file.h"
#include "io/part_sink.h"
#include "io/zarr_store.h"

namespace vox {
namespace {

const std::string kArray = "/0";

std::string layout_text(const ZarrArraySpec& spec) { return zarr_array_json(spec, OmeVersion::v05); }

/// The store, below the folder of the parts.
std::string store_of(const std::string& layout) { return store_name("zarr", layout); }

void write_whole(const std::string& path, const std::string& text) {
  OutputFile file(path, true);
  file.bytes().write(std::as_bytes(std::span(text)));
  file.commit();
}

ZarrArraySpec spec_of(const std::string& output, const VolumeMeta& meta, const CreateOptions& options) {
  ZarrArraySpec spec = zarr_specs(one_zarr_level(meta), options, output).front();
  spec.shared = true;
  return spec;
}

class ZarrPartSink : public PartSink {
 public:
  ZarrPartSink(const std::string& output, const VolumeMeta& meta, const CreateOptions& options,
               const Interval& planes)
      : spec_(spec_of(output, meta, options)),
        planes_(planes),
        store_(store_of(layout_text(spec_))),
        folder_(parts_folder(output)),
        pool_(options.threads),
        held_(zarr_held_bytes({spec_}, options.threads)) {
    meta_ = meta;
    const std::string array = folder_ + "/" + store_ + kArray;
    for (const std::string& path : {folder_, folder_ + "/" + store_, array}) make_shared_folder(path);
    write_whole(array + "/zarr.json", layout_text(spec_));
    writer_ = std::make_unique<ZarrArrayWriter>(array, array, spec_, pool_, coders_);
  }

  bool seekable() const override { return false; }
  std::int64_t held_bytes() const override { return held_; }
  void put(const Box3& box, std::span<std::byte> voxels) override { writer_->put(box, voxels); }
  void finish() override {
    writer_->finish();
    sync_file_system(folder_);
  }
  std::optional<Range> range() const override { return writer_->range(); }

  std::vector<PartPiece> pieces() const override {
    const Extent3& file = spec_.layout.shard;
    std::vector<PartPiece> pieces;
    for (std::int64_t z = planes_.begin; z < planes_.end; z += file.z)
      for (std::int64_t y = 0; y < meta_.shape.y; y += file.y)
        for (std::int64_t x = 0; x < meta_.shape.x; x += file.x)
          pieces.push_back(piece({z / file.z, y / file.y, x / file.x}));
    return pieces;
  }

 private:
  PartPiece piece(const Extent3& file) const {
    const std::string path = store_ + kArray + "/" + zarr_key(spec_, file);
    struct stat facts {};
    if (::stat((folder_ + "/" + path).c_str(), &facts) != 0) fail_system(folder_ + "/" + path, errno);
    return {path, 0, facts.st_size};
  }

  ZarrArraySpec spec_;
  Interval planes_;
  std::string store_;
  std::string folder_;
  WorkerPool pool_;
  ZarrCoders coders_;
  std::int64_t held_;
  std::unique_ptr<ZarrArrayWriter> writer_;
};

PartLayout layout_of_zarr(const std::string& output, const VolumeMeta& meta, const CreateOptions& options) {
  const ZarrArraySpec spec = spec_of(output, meta, options);
  return {spec.layout.shard.z, layout_text(spec)};
}

std::unique_ptr<PartSink> create_zarr_part(const std::string& output, const VolumeMeta& meta,
                                           const CreateOptions& options, const Interval& planes) {
  return std::make_unique<ZarrPartSink>(output, meta, options, planes);
}

void join_zarr_parts(const std::string& output, const VolumeMeta& meta, const std::string& layout,
                     const std::optional<Range>& range, bool force) {
  check_zarr_output(output, force);
  const std::string store = parts_folder(output) + "/" + store_of(layout);
  remove_leftovers(store);
  const std::optional<Range> known = meta.range ? meta.range : range;
  for (const auto& [file, text] : zarr_group_files(one_zarr_level(meta), zarr_stem(output), known))
    write_whole(store + "/" + file, text);
  sync_file_system(store);
  rename_zarr(store, output);
  // Of a task that ran twice and began a file since.
  remove_leftovers(output);
}

}  // namespace

const SharedFormat kZarrParts{.layout = layout_of_zarr, .create = create_zarr_part, .join = join_zarr_parts};

}  // namespace vox
