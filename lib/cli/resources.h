// What this process may use: processors, memory and a folder for scratch files, as the machine, its container
// and its batch system allow.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cli/control_groups.h"

namespace vox {

/// Where limits are read; tests give their own.
struct SystemView {
  ReadFile read_file;
  std::function<std::optional<std::string>(const std::string& name)> environment;  ///< none: not set
  int affinity_threads = 1;          ///< processors that the scheduler lets this process run on
  std::int64_t physical_memory = 0;  ///< bytes; 0: unknown
};

/// The machine that this process runs on.
SystemView this_system();

/// The least of affinity, CPU quota of the control groups (rounded up) and SLURM_CPUS_PER_TASK; at least 1.
int allowed_threads(const SystemView& system);

/// Bytes: the least of physical memory, the memory limits of the control groups (v1 and v2, also of those
/// further up) and Slurm's. None when nothing is known.
std::optional<std::int64_t> allowed_memory(const SystemView& system);

/// A quarter of what is allowed, at most 2 GiB.
std::int64_t default_memory(const SystemView& system);

/// --tmpdir (`option`), else $TMPDIR, else the folder of `output` if it can be written, else /tmp. `output`
/// may be `-`, empty, or a folder that does not exist yet.
std::string scratch_folder(const std::optional<std::string>& option, const std::string& output,
                           const SystemView& system);

}  // namespace vox
