// What the user of vpyramid may say, and what comes of it.
#pragma once

#include <optional>
#include <string>

#include "cli/context.h"
#include "cli/tool.h"
#include "engine/pyramid.h"
#include "io/multiscale.h"
#include "io/zarr_labels.h"

struct PyramidOptions {
  std::string input = "-";
  std::string output = "-";
  std::string method = "auto";
  std::optional<std::int64_t> levels;
  std::string factor = "auto";
  std::optional<vox::Extent3> chunk;
  std::string shard = "auto";
  std::optional<std::string> ome;
  std::string label_of;
  std::string name;
};

/// The spec of a pyramid on its own, of a volume with that meta. Throws usage errors.
vox::PyramidSpec pyramid_spec(const PyramidOptions& options, const vox::VolumeMeta& meta,
                              const vox::MultiscaleFormat& format);
/// The same of labels for an image.
vox::PyramidSpec label_spec(const PyramidOptions& options, const vox::ZarrLabelled& image);
/// The store of labels for an image. Throws usage errors for what does not go with --label-of.
std::string labels_output(const PyramidOptions& options);
/// Writes the input into the image that --label-of names.
void write_labels(const PyramidOptions& options, vox::Context& context);
