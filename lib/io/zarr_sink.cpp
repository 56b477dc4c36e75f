#include "io/zarr.h"
#include "io/zarr_store.h"

namespace vox {
namespace {

class ZarrSink : public SlabSink {
 public:
  ZarrSink(const std::string& folder, const VolumeMeta& meta, const CreateOptions& options)
      : store_(folder, one_zarr_level(meta), options) {
    meta_ = meta;
  }

  bool seekable() const override { return false; }
  std::int64_t held_bytes() const override { return store_.held_bytes(); }
  void put(const Box3& box, std::span<std::byte> voxels) override { store_.put(0, box, voxels); }
  void finish() override { store_.finish(); }

 private:
  ZarrStoreWriter store_;
};

std::int64_t levels_held_bytes(const std::string& folder, const MultiscalePlan& plan,
                               const CreateOptions& options) {
  return zarr_held_bytes(zarr_specs(plan, options, folder), options.threads);
}

std::unique_ptr<LevelSink> create_levels(const std::string& folder, const MultiscalePlan& plan,
                                         const CreateOptions& options) {
  return std::make_unique<ZarrStoreWriter>(folder, plan, options);
}

}  // namespace

const MultiscaleFormat kZarrLevels{.held_bytes = levels_held_bytes, .create = create_levels};

std::unique_ptr<SlabSink> create_zarr(const std::string& folder, const VolumeMeta& meta,
                                      const CreateOptions& options) {
  return std::make_unique<ZarrSink>(folder, meta, options);
}

SinkTraits zarr_traits(const std::string& folder, const VolumeMeta& meta, const CreateOptions& options) {
  return {.seekable = false,
          .chunk = {1, 1, meta.shape.x},
          .held_bytes = levels_held_bytes(folder, one_zarr_level(meta), options)};
}

}  // namespace vox
