#include "io/zarr.h"
#include "io/zarr_store.h"

namespace vox {
namespace {

ZarrStorePlan one_level(const VolumeMeta& meta) {
  ZarrStorePlan plan;
  plan.meta = meta;
  plan.levels.push_back({meta.shape, {1, 1, 1}});
  return plan;
}

class ZarrSink : public SlabSink {
 public:
  ZarrSink(const std::string& folder, const VolumeMeta& meta, const CreateOptions& options)
      : store_(folder, one_level(meta), options) {
    meta_ = meta;
  }

  bool seekable() const override { return false; }
  std::int64_t held_bytes() const override { return store_.held_bytes(); }
  void put(const Box3& box, std::span<std::byte> voxels) override { store_.put(0, box, voxels); }
  void finish() override { store_.finish(); }

 private:
  ZarrStoreWriter store_;
};

}  // namespace

std::unique_ptr<SlabSink> create_zarr(const std::string& folder, const VolumeMeta& meta,
                                      const CreateOptions& options) {
  return std::make_unique<ZarrSink>(folder, meta, options);
}

}  // namespace vox
