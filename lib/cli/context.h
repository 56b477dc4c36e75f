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
#include "cli/input_volumes.h"
#include "cli/report.h"
#include "cli/volume_pass.h"

namespace vox {

class PartPasses;
class PartTask;
class SharedPass;
struct MultiscalePlan;
struct PyramidSpec;

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
  InputVolumes& inputs() { return inputs_; }
  /// Throws the error for a volume that exists already before any work, instead of at its end. (That of
  /// OUTPUT was checked when the command began.)
  void check_new(const std::string& output) const;
  void check_new_file(const std::string& path) const;  ///< the same for a table or a picture
  /// True for --force, and for files that all parts write alike beside the output.
  bool may_replace() const { return options_.create.force || part_ != nullptr; }

  /// One pass of `reducer` over the volumes. With --explain it is only noted and the reducer stays empty:
  /// results of an empty reducer must be usable. With --pass it may end the run (PassEnd).
  void reduce(SlabSource& source, Reducer& reducer, SlabSource* beside = nullptr);
  void reduce(std::span<SlabSource* const> sources, Reducer& reducer);
  /// The same of a pass over a volume of any other making: `pass` then has what was found in all planes.
  void first_pass(const SlabSource& source, SharedPass& pass);
  /// Notes a pass that the caller runs with `resources()`, with --pass (if `shared`) by `share_last_pass`;
  /// false with --explain: then it must not run.
  bool begin_pass(const PassPlan& plan, bool shared = false);
  bool passes_are_shared() const { return passes_apart_ != nullptr; }  ///< with --pass
  /// The last first pass of a command, in parts like those of its output, of which not all is known yet.
  /// Returns when `pass` has taken all, or with --explain.
  void share_last_pass(const VolumeMeta& input, const VolumeMeta& output, SharedPass& pass);
  /// One pass through `kernels` into a new output; adds the history. With --explain it only notes the pass.
  /// `accept` gets the counts before the output gets its name, and may throw to leave none.
  void map(SlabSource& source, const KernelList& kernels, const std::string& output,
           const Boundary& boundary = {}, const std::function<void(const Tally&)>& accept = {});
  /// Runs a pass that makes the volume `meta` into a new output; adds the history. With --explain it only
  /// notes the pass, planned without a sink. `pass.run` gives counts, which `accept` gets as above.
  void write(VolumeMeta meta, const std::string& output, const VolumePass& pass,
             const std::function<void(const Tally&)>& accept = {});
  /// The run makes one part of `output` (empty: there is none) of these inputs; false when nothing is to do,
  /// which it says.
  bool begin_part(const std::string& output, const std::vector<std::string>& inputs);
  /// A copy of this task was faster, the part or the output is done: then a failure here is none.
  bool finished_by_others() const;
  std::optional<PartPlan> part_plan() const;  ///< once the part's pass was planned
  /// For a command without a volume: what its passes find is kept for `output`, by a part (`part`: "K/N") or,
  /// when that is empty, taken from all parts.
  void share_passes(const std::string& output, const std::string& part, bool redo);
  /// Puts words before the command line's in the history: what a default came to.
  void add_to_history(const std::vector<std::string>& words);
  /// One pass that writes a pyramid into a new store; adds the history. With --explain only noted.
  void pyramid(std::unique_ptr<SlabSource> source, const PyramidSpec& spec, const std::string& output);

  bool explaining() const { return options_.explain; }
  void say(const std::string& line);                         ///< on stderr, unless --quiet
  void say_verbose(const std::string& line);                 ///< with --verbose
  void print(const std::string& text) { printed_ += text; }  ///< results, on stdout; written at the end
  /// A line of results, on stderr (not with --quiet) when `output` is written on standard output.
  void print_beside(const std::string& line, const std::string& output);
  const std::string& printed() const { return printed_; }
  /// A further key of --report, with a value that is JSON already.
  void add_to_report(const std::string& key, const std::string& json) { findings_.emplace_back(key, json); }
  const std::vector<std::pair<std::string, std::string>>& findings() const { return findings_; }
  Tally& tally() { return tally_; }  ///< of the passes so far, for messages and --report
  const std::vector<PassPlan>& passes() const { return passes_; }
  Progress& progress() { return progress_; }
  void set_exit_status(int status) { exit_status_ = status; }  ///< to end with although nothing failed
  int exit_status() const { return exit_status_; }
  bool stream_begun() const { return stream_begun_; }  ///< on standard output: its trailer tells of a failure

 private:
  void add_history(VolumeMeta& meta) const;
  void run_pass_of_part(const VolumeMeta& meta, std::int64_t unit, SharedPass& pass);
  void note_pass(const PassPlan& plan);
  void write_part(const VolumeMeta& meta, const VolumePass& pass,
                  const std::function<void(const Tally&)>& accept);
  void write_pyramid_part(std::unique_ptr<SlabSource> source, PyramidSpec spec, const MultiscalePlan& levels);
  /// Throws a usage error when `output` is the same file as an input that was opened.
  void refuse_same_file(const std::string& output) const;

  std::string tool_;
  std::vector<std::string> args_;
  CommonOptions options_;
  Resources resources_;
  Progress progress_;
  Tally tally_;
  std::vector<PassPlan> passes_;
  InputVolumes inputs_;
  std::string printed_;
  std::vector<std::pair<std::string, std::string>> findings_;
  int exit_status_ = 0;
  bool stream_begun_ = false;
  std::unique_ptr<PartTask> part_;            ///< null: the run makes all
  std::unique_ptr<PartPasses> passes_apart_;  ///< with --pass
  std::optional<std::int64_t> passes_to_share_ = 0;
};

}  // namespace vox
