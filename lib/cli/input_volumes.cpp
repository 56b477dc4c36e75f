#include "cli/input_volumes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "cli/resources.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/numbers.h"
#include "core/roi.h"
#include "core/unit_ratio.h"
#include "core/units.h"
#include "engine/spool_store.h"
#include "io/adapted_source.h"

namespace vox {
namespace {

/// Device and file number of what a path names ("-": standard input); false when there is nothing.
bool file_identity(const std::string& path, struct stat& facts) {
  return path == "-" ? ::fstat(STDIN_FILENO, &facts) == 0 : ::stat(path.c_str(), &facts) == 0;
}

void check_shape(const SlabSource& source, const std::string& path, const VolumeMeta& like,
                 const std::string& option) {
  if (source.meta().shape == like.shape) return;
  fail_usage(option + " " + path + ": has " + to_string(source.meta().shape) + " voxels, the input " +
             to_string(like.shape) + "; they must agree");
}

}  // namespace

std::unique_ptr<SlabSource> InputVolumes::open_path(const std::string& path) {
  if (path == "-" && stdin_is_terminal())
    fail_usage("standard input is a terminal: name an input file or feed a volume through a pipe; see '" +
               tool_ + " --help'");
  paths_.push_back(path);
  return open_source(path, options_.open);
}

void InputVolumes::override_meta(VolumeMeta& meta) const {
  if (options_.spacing) meta.spacing = options_.spacing;
  if (options_.origin) meta.origin = options_.origin;
  if (options_.kind) meta.kind = *options_.kind;
  if (!options_.unit) return;
  const std::string long_name = unit_long_name(*options_.unit);
  const std::string unit = long_name.empty() ? *options_.unit : long_name;
  // A spacing in another unit leaves the volume where it is; a unit alone puts right what it was called.
  if (options_.spacing && meta.origin && meta.unit && !options_.origin) {
    const double scale = unit_ratio(*meta.unit, unit);
    if (std::isfinite(scale) && scale > 0 && scale != 1)
      for (double& place : *meta.origin) place *= scale;
  }
  meta.unit = unit;
}

Box3 InputVolumes::region(const VolumeMeta& meta) const {
  if (options_.roi) return parse_roi(*options_.roi, meta);
  if (options_.roi_world) return parse_world_roi(*options_.roi_world, meta);
  return whole(meta.shape);
}

std::unique_ptr<SlabSource> InputVolumes::open(const std::string& path) {
  std::unique_ptr<SlabSource> source = open_path(path);
  VolumeMeta meta = source->meta();
  override_meta(meta);
  check_meta(meta, source->info().name);
  if (meta != source->meta()) source = with_meta(std::move(source), meta);
  region_ = region(meta);
  whole_ = meta.shape;
  return crop(std::move(source), *region_);
}

LevelInput InputVolumes::open_smallest_level(const std::string& path, const EnoughLevel& enough) {
  std::unique_ptr<SlabSource> source = open(path);
  const VolumeMeta whole = source->meta();
  const bool placed = options_.roi || options_.roi_world || options_.spacing || options_.origin;
  if (options_.open.level || placed) return {std::move(source), whole};
  for (std::int64_t level = source->info().levels - 1; level > 0; --level) {
    options_.open.level = level;
    std::unique_ptr<SlabSource> smaller = open(path);
    options_.open.level.reset();
    if (!enough(whole, smaller->meta().shape)) continue;
    listeners_.say_verbose(smaller->info().name + ": level " + std::to_string(level) + " fills the picture");
    return {std::move(smaller), whole};
  }
  return {std::move(source), whole};
}

std::unique_ptr<SlabSource> InputVolumes::rereadable(std::unique_ptr<SlabSource> source,
                                                     const std::string& output) {
  scratch_beside(output);
  if (source->seekable()) return source;
  if (options_.explain) {
    PassPlan spool;
    spool.what = "spool";
    const std::int64_t bytes = source->meta().bytes();
    const bool in_memory = spools_in_memory(bytes, resources_.memory);
    (in_memory ? spool.peak_memory : spool.spool_bytes) = bytes;
    if (in_memory) resources_.take(bytes);
    listeners_.note_spool(spool);
    return source;
  }
  listeners_.say_verbose(source->info().name + ": " + format_bytes(source->meta().bytes()) +
                         " are kept for a second pass");
  return make_rereadable(std::move(source), resources_);
}

void InputVolumes::scratch_beside(const std::string& output) {
  resources_.tmpdir = scratch_folder(options_.tmpdir, output, this_system());
}

std::unique_ptr<SlabSource> InputVolumes::open_rereadable(const std::string& path,
                                                          const std::string& output) {
  return rereadable(open(path), output);
}

std::unique_ptr<SlabSource> InputVolumes::open_further(const std::string& path, const std::string& option) {
  for (const std::string& other : paths_)
    if (path == "-" && other == "-") fail_usage(option + ": standard input is read already; name a file");
  std::unique_ptr<SlabSource> source = open_path(path);
  beside_.push_back({path, source->meta().history});
  return source;
}

void InputVolumes::fail_empty_mask(const std::string& path) {
  fail("--mask " + path + ": no finite voxel lies inside; use another mask");
}

std::unique_ptr<SlabSource> InputVolumes::open_reference(const std::string& path, const std::string& option) {
  return rereadable(open_further(path, option), "-");
}

std::unique_ptr<SlabSource> InputVolumes::open_mask(const std::optional<std::string>& path,
                                                    const VolumeMeta& like, const std::string& option) {
  if (!path) return nullptr;
  std::unique_ptr<SlabSource> source = open_further(*path, option);
  const Extent3 shape = source->meta().shape;
  if (shape.z != 1) return rereadable(fitted(std::move(source), *path, like, option), "-");
  VolumeMeta plane = like;
  plane.shape.z = 1;
  if (shape != plane.shape && region_ && shape.y == whole_.y && shape.x == whole_.x) {
    // Of the region only rows and columns can be meant.
    Box3 rows = *region_;
    rows.begin.z = 0;
    rows.end.z = 1;
    source = crop(std::move(source), rows);
  }
  check_shape(*source, *path, plane, option);
  return repeat_plane(std::move(source), like.shape.z);
}

std::unique_ptr<SlabSource> InputVolumes::open_beside(const std::string& path, const VolumeMeta& like,
                                                      const std::string& option) {
  return fitted(open_further(path, option), path, like, option);
}

std::unique_ptr<SlabSource> InputVolumes::fitted(std::unique_ptr<SlabSource> source, const std::string& path,
                                                 const VolumeMeta& like, const std::string& option) const {
  const VolumeMeta meta = source->meta();
  // A volume of the cropped shape belongs to the crop; one of the whole shape is cropped in the same way, and
  // in world coordinates one of any shape.
  if (meta.shape != like.shape && (options_.roi_world || (options_.roi && meta.shape == whole_))) {
    VolumeMeta placed = meta;
    override_meta(placed);
    source = crop(std::move(source), region(placed));
  }
  check_shape(*source, path, like, option);
  return source;
}

std::unique_ptr<SlabSource> InputVolumes::open_beside_rereadable(const std::string& path,
                                                                 const VolumeMeta& like,
                                                                 const std::string& option) {
  return rereadable(open_beside(path, like, option), "-");
}

bool InputVolumes::have(const std::string& output) const {
  struct stat written {};
  if (output == "-" || ::stat(output.c_str(), &written) != 0) return false;
  return std::any_of(paths_.begin(), paths_.end(), [&](const std::string& path) {
    struct stat read {};
    return file_identity(path, read) && read.st_dev == written.st_dev && read.st_ino == written.st_ino;
  });
}

}  // namespace vox
