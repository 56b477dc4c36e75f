#include "engine/look_through.h"

#include <utility>

namespace vox {
namespace {

/// Keeps the projection.
class PlaneSink final : public SlabSink {
 public:
  PlaneSink(const SlabSource& source, const ProjectSpec& spec, std::int64_t held) : held_(held) {
    meta_ = projected_meta(source.meta(), spec.method, spec.axis);
  }

  bool seekable() const override { return false; }
  std::int64_t held_bytes() const override { return held_ + meta_.bytes(); }
  void put(const Box3&, std::span<std::byte> voxels) override {
    voxels_.insert(voxels_.end(), voxels.begin(), voxels.end());
  }
  void finish() override {}

  PlaneVoxels plane(Axis axis) {
    const Extent3& shape = meta_.shape;
    return {meta_.dtype, axis == Axis::z ? shape.y : shape.z, axis == Axis::x ? shape.y : shape.x,
            std::move(voxels_)};
  }

 private:
  std::int64_t held_;
  std::vector<std::byte> voxels_;
};

}  // namespace

bool look_through_rereads(const SlabSource& source, const ProjectSpec& spec, std::int64_t held,
                          const Resources& resources) {
  const PlaneSink sink(source, spec, held);
  return project_rereads(source, spec, &sink, resources);
}

PassPlan plan_look_through(const SlabSource& source, const ProjectSpec& spec, std::int64_t held,
                           const Resources& resources) {
  const PlaneSink sink(source, spec, held);
  return plan_project(source, spec, &sink, resources, {0, sink.meta().shape.z});
}

PlaneVoxels run_look_through(SlabSource& source, const ProjectSpec& spec, std::int64_t held,
                             const Resources& resources) {
  PlaneSink sink(source, spec, held);
  run_project(source, spec, sink, resources, {0, sink.meta().shape.z});
  return sink.plane(spec.axis);
}

}  // namespace vox
