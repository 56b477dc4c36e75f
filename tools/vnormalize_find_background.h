// Background that is found rather than given, for `background` and `background-mask`.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cli/context.h"
#include "ops/intensity/background_mask.h"

/// Finds the background of a volume in one pass, or two for floating types whose range is not known. With
/// --explain the mask is empty.
vox::BackgroundMask background_of(vox::SlabSource& source, double sigma, vox::Context& context);

/// A mask of `planes` times that plane, for a volume like `like`. REQUIRES: `mask` lives as long.
std::unique_ptr<vox::SlabSource> mask_source(const vox::BackgroundMask& mask, const vox::VolumeMeta& like,
                                             std::int64_t planes);
