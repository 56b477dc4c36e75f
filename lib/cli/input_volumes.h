// The volumes that a command reads, opened as the common options say.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/common_options.h"
#include "cli/level_input.h"
#include "engine/engine.h"

namespace vox {

/// Opens inputs and remembers them: what was read, which region of it, and the histories of what lay beside.
class InputVolumes {
 public:
  /// Who hears of what happens on the way.
  struct Listeners {
    std::function<void(const std::string& line)> say_verbose;
    std::function<void(const PassPlan& plan)> note_spool;  ///< with --explain
  };

  /// `options` and `resources` outlive this; scratch files and what is held are taken from the latter.
  InputVolumes(std::string tool, CommonOptions& options, Resources& resources, Listeners listeners)
      : tool_(std::move(tool)), options_(options), resources_(resources), listeners_(std::move(listeners)) {}

  /// Puts --spacing, --unit, --origin and --kind in place of what `meta` says.
  void override_meta(VolumeMeta& meta) const;

  /// The input, cropped by --roi, with --spacing and its kin in place of what it says.
  std::unique_ptr<SlabSource> open(const std::string& path);
  /// The same at the smallest level that `enough` calls large enough, given the whole resolution's meta and
  /// the level's shape; the whole resolution when the command line says which level or voxels, or how large.
  LevelInput open_smallest_level(const std::string& path, const EnoughLevel& enough);
  /// The same, readable more than once: a pipe is spooled (said with -v), by default beside `output`.
  std::unique_ptr<SlabSource> open_rereadable(const std::string& path, const std::string& output = "-");
  std::unique_ptr<SlabSource> rereadable(std::unique_ptr<SlabSource> source, const std::string& output);
  /// Scratch files go there unless the user says otherwise.
  void scratch_beside(const std::string& output);

  /// A further volume (mask, labels, reference) with the same --roi. It must have the shape of `like`;
  /// `option` names it in messages. Its history goes under `inputs` of the output's.
  std::unique_ptr<SlabSource> open_beside(const std::string& path, const VolumeMeta& like,
                                          const std::string& option);
  std::unique_ptr<SlabSource> open_beside_rereadable(const std::string& path, const VolumeMeta& like,
                                                     const std::string& option);
  /// The same for a mask, of which one plane serves all planes of `like`; null when none is named.
  std::unique_ptr<SlabSource> open_mask(const std::optional<std::string>& path, const VolumeMeta& like,
                                        const std::string& option);
  /// For passes under a mask that found nothing to go by.
  [[noreturn]] static void fail_empty_mask(const std::string& path);
  /// A volume of any shape to compare with, readable more than once; --roi is not of it.
  std::unique_ptr<SlabSource> open_reference(const std::string& path, const std::string& option);

  const std::vector<std::string>& paths() const { return paths_; }  ///< of all that were opened
  const std::vector<HistoryInput>& beside() const { return beside_; }
  /// True when `output` is the same file as one that was opened.
  bool have(const std::string& output) const;

 private:
  std::unique_ptr<SlabSource> open_path(const std::string& path);
  std::unique_ptr<SlabSource> open_further(const std::string& path, const std::string& option);
  /// The source, cropped as the input was where it has another shape than `like`; throws when it still has.
  std::unique_ptr<SlabSource> fitted(std::unique_ptr<SlabSource> source, const std::string& path,
                                     const VolumeMeta& like, const std::string& option) const;
  /// What --roi or --roi-world names; all without them.
  Box3 region(const VolumeMeta& meta) const;

  std::string tool_;
  CommonOptions& options_;
  Resources& resources_;
  Listeners listeners_;
  std::vector<std::string> paths_;
  std::optional<Box3> region_;  ///< what --roi named of the input
  Extent3 whole_{};             ///< of the input, without --roi
  std::vector<HistoryInput> beside_;
};

}  // namespace vox
