// A watershed as a volume that can be read once it was computed; it and all that it takes stand in memory.
#pragma once

#include <optional>

#include "engine/buffer.h"
#include "engine/engine.h"
#include "ops/label/flood_loader.h"

namespace vox {

struct WatershedSettings {
  Connectivity connectivity = Connectivity::faces;
  FloodInputs inputs;
  DType marker_dtype = DType::uint32;  ///< with markers; an integer type
  std::optional<double> depth;         ///< without: of basins that are marked; none: the default
};

class WatershedSource final : public SlabSource {
 public:
  /// `input`: the meta of the volume whose levels are flooded; with distances that of the volume they belong
  /// to. Throws an exit-3 error that says how much would do when all does not fit `resources.memory`.
  WatershedSource(const VolumeMeta& input, const std::string& name, const WatershedSettings& settings,
                  const Resources& resources);

  /// Taken from the memory of all passes, the last included, so it is no `held_bytes`.
  std::int64_t flood_bytes() const { return held_; }
  /// What is planned, for `--explain`.
  const PassPlan& plan() const { return plan_; }

  /// Allocates. Then `loader` is to be shown the volumes in one pass, then `compute` floods.
  void prepare();
  FloodLoader& loader() { return loader_; }
  void compute();
  /// Basins that were marked, when nobody gave markers, and how deep they are at least.
  std::int64_t marked() const { return marked_; }
  double depth() const { return depth_; }

  bool seekable() const override { return true; }
  void read(const Box3& box, std::byte* out) override;

 private:
  double default_depth() const;

  WatershedSettings settings_;
  Vector3 spacing_;
  FloodGrid grid_;
  FloodVolume volume_;
  FloodLoader loader_;
  std::int64_t held_ = 0;
  PassPlan plan_;
  Buffer cells_;
  Buffer free_;
  std::int64_t marked_ = 0;
  double depth_ = 0;
};

}  // namespace vox
