// Projections along z whose planes are added up as they stream by.
#pragma once

#include <span>

#include "engine/buffer.h"
#include "engine/project.h"

namespace vox {

struct StreamPlan {
  std::int64_t planes = 1;  ///< that are read at once
  std::int64_t rows = 1;    ///< of a band; all, unless the sums of a plane do not fit
  std::int64_t peak_memory = 0;
};

StreamPlan plan_project_stream(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                               const Resources& resources);

/// The sums of neighbouring lines along z, taken by several threads at once.
class LineSums {
 public:
  /// REQUIRES: the projection lives as long.
  LineSums(const Projection& projection, std::int64_t width)
      : projection_(projection), width_(width), states_(width * projection.state_bytes()) {}

  /// Adds these rows of some planes, `at_once` planes at a time.
  void add(SlabSource& source, const Interval& planes, const Interval& rows, std::int64_t at_once,
           Progress* progress);
  /// Adds what others of the same width had of the planes that follow. REQUIRES: the projection can merge.
  void merge(std::span<const std::byte> other);
  void finish(std::byte* out) const;

  /// Nothing while no plane was added.
  std::span<const std::byte> bytes() const;

 private:
  template <class Work>
  void for_tasks(Work&& work) const;

  const Projection& projection_;
  std::int64_t width_;
  Buffer states_;
  bool empty_ = true;
};

/// REQUIRES: a source that can seek, where there is more than one band.
void run_project_stream(SlabSource& source, const ProjectSpec& spec, SlabSink& sink,
                        const Resources& resources);

}  // namespace vox
