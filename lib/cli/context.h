// What a tool's run function has at hand: volumes opened and created as the common options say, passes run
// with the resources allowed, and words for the user.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/common_options.h"
#include "cli/level_input.h"
#include "cli/part_task.h"
#include "cli/report.h"
#include "engine/engine.h"
#include "engine/pyramid.h"

namespace vox {

class Context {
 public:
  /// `args`: the command line without the program's name and without options that leave the voxels alone.
  Context(std::string tool, std::vector<std::string> args, CommonOptions options);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const std::string& tool() const { return tool_; }
  const CommonOptions& options() const { return options_; }
  Resources& resources() { return resources_; }

  /// Puts --spacing, --unit, --origin and --kind in place of what `meta` says.
  void override_meta(VolumeMeta& meta) const;

  /// The input, cropped by --roi, with --spacing and its kin in place of what it says.
  std::unique_ptr<SlabSource> open_input(const std::string& path);
  /// The same at the smallest level that `enough` calls large enough, given the meta of the whole resolution
  /// and the level's shape. The whole resolution when there is no other, or when the command line says which
  /// level, which voxels or how large they are.
  LevelInput open_smallest_level(const std::string& path, const EnoughLevel& enough);
  /// The same, readable more than once: a pipe is spooled (said with -v), by default beside `output`.
  std::unique_ptr<SlabSource> open_input_rereadable(const std::string& path, const std::string& output = "-");
  /// A source that is open already, readable more than once.
  std::unique_ptr<SlabSource> rereadable(std::unique_ptr<SlabSource> source, const std::string& output);
  /// Scratch files go beside `output` unless the user says otherwise.
  void scratch_beside(const std::string& output);
  /// A further volume (mask, labels, reference) with the same --roi. It must have the shape of `like`;
  /// `option` names it in messages. Its history goes under `inputs` of the output's.
  std::unique_ptr<SlabSource> open_beside(const std::string& path, const VolumeMeta& like,
                                          const std::string& option);
  std::unique_ptr<SlabSource> open_beside_rereadable(const std::string& path, const VolumeMeta& like,
                                                     const std::string& option);
  /// A mask, readable more than once: as `open_beside_rereadable`, but a mask of one plane serves all planes
  /// of `like`.
  std::unique_ptr<SlabSource> open_mask(const std::string& path, const VolumeMeta& like,
                                        const std::string& option);
  /// A volume of any shape that the input is compared with, readable more than once; --roi is not of it.
  std::unique_ptr<SlabSource> open_reference(const std::string& path, const std::string& option);

  /// Throws the error for an output that exists already before a first pass, instead of after it.
  void check_new(const std::string& output) const;

  /// One pass of `reducer` over `source` and, if not null, `beside`. With --explain it only notes the pass,
  /// and the reducer stays empty: results of an empty reducer must be usable.
  void reduce(SlabSource& source, Reducer& reducer, SlabSource* beside = nullptr);
  /// The same with any number of further volumes behind the first.
  void reduce(std::span<SlabSource* const> sources, Reducer& reducer);
  /// Notes a pass that the caller runs with `resources()`; false with --explain: then it must not run.
  bool begin_pass(const PassPlan& plan);
  /// One pass through `kernels` into a new output; adds the history. With --explain it only notes the pass.
  /// `accept` gets the counts before the output gets its name, and may throw to leave none.
  void map(SlabSource& source, const KernelList& kernels, const std::string& output,
           const Boundary& boundary = {}, const std::function<void(const Tally&)>& accept = {});
  /// Notes a pass that makes the volume `meta`, and runs it into a new output; adds the history. With
  /// --explain it only notes the pass, `plan(nullptr)`. `run` gives counts, which `accept` gets as above.
  void write(VolumeMeta meta, const std::string& output, const std::function<PassPlan(const SlabSink*)>& plan,
             const std::function<Tally(SlabSink&)>& run,
             const std::function<void(const Tally&)>& accept = {});
  /// The run makes one part of `output` (empty: the command has none); false when there is nothing to do,
  /// which is said. Throws a usage error when parts cannot share the output.
  bool begin_part(const std::string& output);
  /// A copy of this task was faster, the part or the output is done: then a failure here is none.
  bool finished_by_others() const;
  /// Of the part, once its pass was planned.
  std::optional<PartPlan> part_plan() const;

  /// Puts words before those of the command line in the history: what a default came to, where it depends on
  /// more than the volume.
  void add_to_history(const std::vector<std::string>& words);
  /// One pass that writes a pyramid into a new store; adds the history. With --explain only noted.
  void pyramid(std::unique_ptr<SlabSource> source, const PyramidSpec& spec, const std::string& output);

  bool explaining() const { return options_.explain; }
  /// A line on stderr, unless --quiet.
  void say(const std::string& line);
  /// A line on stderr with --verbose.
  void say_verbose(const std::string& line);
  /// Text for standard output: results that people or programs read. Written at the end, checked.
  void print(const std::string& text) { printed_ += text; }
  /// A line of results: on standard output, or on stderr (not with --quiet) when `output` is written there.
  void print_beside(const std::string& line, const std::string& output);
  const std::string& printed() const { return printed_; }
  /// A further key of --report, with a value that is JSON already.
  void add_to_report(const std::string& key, const std::string& json) { findings_.emplace_back(key, json); }
  const std::vector<std::pair<std::string, std::string>>& findings() const { return findings_; }
  /// Counts of the passes so far, for messages and --report.
  Tally& tally() { return tally_; }
  const std::vector<PassPlan>& passes() const { return passes_; }
  Progress& progress() { return progress_; }
  /// Ends the process with this status although nothing failed (vdiff: 1 when volumes differ).
  void set_exit_status(int status) { exit_status_ = status; }
  int exit_status() const { return exit_status_; }
  /// True when a stream on standard output has begun: its trailer tells the reader of a failure.
  bool stream_begun() const { return stream_begun_; }

 private:
  std::unique_ptr<SlabSource> open(const std::string& path);
  std::unique_ptr<SlabSource> open_further(const std::string& path, const std::string& option);
  /// The source, cropped as the input was where it has another shape than `like`; throws when it still has.
  std::unique_ptr<SlabSource> fitted(std::unique_ptr<SlabSource> source, const std::string& path,
                                     const VolumeMeta& like, const std::string& option);
  /// The box that --roi or --roi-world names; everything without them.
  Box3 region(const VolumeMeta& meta) const;
  void add_history(VolumeMeta& meta) const;
  void map_part(SlabSource& source, const KernelList& kernels, const VolumeMeta& meta,
                const Boundary& boundary, const std::function<void(const Tally&)>& accept);
  /// Throws a usage error when `output` is the same file as an input that was opened.
  void refuse_same_file(const std::string& output) const;

  std::string tool_;
  std::vector<std::string> args_;
  CommonOptions options_;
  Resources resources_;
  Progress progress_;
  Tally tally_;
  std::vector<PassPlan> passes_;
  std::vector<std::string> inputs_;
  std::optional<Box3> input_region_;  ///< what --roi named of the input
  std::vector<HistoryInput> beside_;
  std::string printed_;
  std::vector<std::pair<std::string, std::string>> findings_;
  int exit_status_ = 0;
  bool stream_begun_ = false;
  std::unique_ptr<PartTask> part_;  ///< null: the run makes all
  std::string part_output_;
};

}  // namespace vox
