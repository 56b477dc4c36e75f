// The options that all tools share, as `cli.md` fixes them: declared once, held in one struct.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cli/tool.h"
#include "core/meta.h"
#include "io/volume_io.h"

namespace vox {

enum class ProgressMode { automatic, always, never, json };

/// What a part does of a command with first passes: its share of the next of them, or its share of the
/// output.
enum class PassRole { reduce, map };

struct CommonOptions {
  // Input
  std::optional<std::string> roi;
  std::optional<std::string> roi_world;
  OpenOptions open;
  std::optional<Vector3> spacing;
  std::optional<std::string> unit;
  std::optional<Vector3> origin;
  std::optional<Kind> kind;
  // Output
  CreateOptions create;
  bool no_history = false;
  // Run
  std::optional<int> threads;          ///< none: what affinity, cgroup and Slurm allow
  std::optional<std::int64_t> memory;  ///< bytes; none: a quarter of what is allowed, at most 2 GiB
  std::optional<std::string> tmpdir;
  bool explain = false;
  bool json = false;  ///< --explain --json
  std::optional<std::string> report;
  std::optional<std::string> part;  ///< "K/N" or "auto"
  std::optional<PassRole> pass;     ///< none: first passes, each over the whole volume, then the output
  bool redo = false;
  std::optional<int> requeue_exit;  ///< none: 143
  ProgressMode progress = ProgressMode::automatic;
  bool quiet = false;
  bool verbose = false;
};

/// Adds the groups that `groups` names, with values going to `options`, to a tool's own options, which stand
/// in `params` already: an own --json also chooses the form of --explain. -q and -v are there for every tool;
/// --help, --version and --generate belong to `tool_main`. REQUIRES: `options` lives as long as `params`.
void declare_common(Params& params, const CommonGroups& groups, CommonOptions& options);

/// The words, each with a space before it, that make another command read what this one reads: how the input
/// is laid out and which part of it is meant.
std::string input_words(const CommonOptions& options);

/// Gives a variable of the environment, or none.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// VOXPIPE_THREADS and VOXPIPE_MEMORY where the command line says nothing. Throws a usage error for wrong
/// values.
void apply_environment(const Environment& environment, CommonOptions& options);

}  // namespace vox
