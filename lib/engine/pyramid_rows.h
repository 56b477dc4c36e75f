// Levels of volumes whose planes do not fit the memory: one after the other, some rows at a time; of the
// whole volume, or of one plane where the store wants its levels together.
#pragma once

#include "engine/pyramid.h"

namespace vox {

struct PyramidRows {
  std::int64_t rows = 1;  ///< of a level that are made at once
  std::int64_t bytes = 0;
  std::int64_t spool_bytes = 0;  ///< of the levels between, which are read again, at once
};

/// Throws an exit-3 error with the arithmetic when one row does not fit.
PyramidRows plan_pyramid_rows(const SlabSource& source, const PyramidSpec& spec, std::int64_t held,
                              const Resources& resources);
/// Copies `source`, then makes each level of the one before, which is read from `source` or a spool in
/// `resources.tmpdir`. REQUIRES: a source that can seek, unless planes are taken in turn.
void run_pyramid_rows(SlabSource& source, const PyramidSpec& spec, const PyramidShare& share,
                      LevelSink& store, const PyramidRows& plan, const Resources& resources);

}  // namespace vox
