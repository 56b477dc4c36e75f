// A pyramid as an OME-Zarr whose files several processes write: what its store will be, and its writer.
//
// It lies in the folder of the parts of its output (part_sink.h). Levels that are too small to share are made
// when the parts are joined.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/multiscale.h"
#include "io/part_sink.h"

namespace vox {

struct PyramidLayout {
  MultiscalePlan plan;
  std::optional<Compression> compression;
  std::vector<ZarrLayout> arrays;  ///< one per level
  std::size_t shared = 1;  ///< levels whose files parts write; the others are made of the last of them
};

/// As one process would write it, all levels shared. Throws what creating it would throw.
PyramidLayout pyramid_layout(const std::string& output, const MultiscalePlan& plan,
                             const CreateOptions& options);
/// The same text: parts fit together.
std::string pyramid_layout_text(const PyramidLayout& layout);
/// None when `text` is the layout of anything else. `meta`: of level 0.
std::optional<PyramidLayout> read_pyramid_layout(const std::string& text, const VolumeMeta& meta);

/// The folder of a level while parts are there.
std::string pyramid_level_folder(const std::string& output, const PyramidLayout& layout, std::size_t level);
/// What writing levels from `first` up to `end` holds.
std::int64_t pyramid_held_bytes(const PyramidLayout& layout, std::size_t first, std::size_t end, int threads);

/// Takes whole layers of files of some levels, each from the first plane on that is put. A file gets its name
/// when it is complete; whoever else writes it, writes the same bytes.
class PyramidPartSink : public LevelSink {
 public:
  virtual std::optional<Range> range() const = 0;
  /// The files with those planes, one interval per level. REQUIRES: finished.
  virtual std::vector<PartPiece> pieces(const std::vector<Interval>& planes) const = 0;
};

/// For levels from `first` up to `end`, which it counts from 0 on. Makes the folders if they are not there.
std::unique_ptr<PyramidPartSink> create_pyramid_part(const std::string& output, const PyramidLayout& layout,
                                                     std::size_t first, std::size_t end, int threads);

}  // namespace vox
