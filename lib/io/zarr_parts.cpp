// Parts of an OME-Zarr store: each writes whole files of its own, which get their names when complete.
#include <sys/stat.h>

#include <cerrno>

#include "core/error.h"
#include "io/output_file.h"
#include "io/part_sink.h"
#include "io/pyramid_parts.h"
#include "io/zarr_parts.h"

namespace vox {
namespace {

const std::string kArray = "/0";

std::string layout_text(const ZarrArraySpec& spec) { return zarr_array_json(spec, OmeVersion::v05); }

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
        store_(zarr_parts_store(layout_text(spec_))),
        folder_(parts_folder(output)),
        pool_(options.threads),
        held_(zarr_held_bytes({spec_}, options.threads)) {
    meta_ = meta;
    const std::string array = folder_ + "/" + store_ + kArray;
    for (const std::string& path : {folder_, folder_ + "/" + store_, array}) make_shared_folder(path);
    write_text_file(array + "/zarr.json", layout_text(spec_));
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
    return zarr_pieces(folder_, store_ + kArray, spec_, planes_);
  }

 private:
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
  const std::string store = parts_folder(output) + "/" + zarr_parts_store(layout);
  remove_leftovers(store);
  const std::optional<Range> known = meta.range ? meta.range : range;
  const std::optional<PyramidLayout> pyramid = read_pyramid_layout(layout, meta);
  const MultiscalePlan plan = pyramid ? pyramid->plan : one_zarr_level(meta);
  const std::string prefix = store + "/";
  for (const auto& [file, text] : zarr_group_files(plan, zarr_stem(output), known))
    write_text_file(prefix + file, text);
  sync_file_system(store);
  rename_zarr(store, output);
  // Of a task that ran twice and began a file since.
  remove_leftovers(output);
}

}  // namespace

std::string zarr_parts_store(const std::string& layout) { return store_name("zarr", layout); }

std::vector<PartPiece> zarr_pieces(const std::string& folder, const std::string& array,
                                   const ZarrArraySpec& spec, const Interval& planes) {
  const Extent3& file = spec.layout.shard;
  const Extent3& shape = spec.meta.shape;
  const std::string prefix = array + "/";
  const std::string place = folder + "/";
  std::vector<PartPiece> pieces;
  for (std::int64_t z = planes.begin; z < planes.end; z += file.z)
    for (std::int64_t y = 0; y < shape.y; y += file.y)
      for (std::int64_t x = 0; x < shape.x; x += file.x) {
        const std::string path = prefix + zarr_key(spec, {z / file.z, y / file.y, x / file.x});
        struct stat facts {};
        if (::stat((place + path).c_str(), &facts) != 0) fail_system(place + path, errno);
        pieces.push_back({path, 0, facts.st_size});
      }
  return pieces;
}

const SharedFormat kZarrParts{.layout = layout_of_zarr, .create = create_zarr_part, .join = join_zarr_parts};

}  // namespace vox
