// What a run did or would do, for people and programs: --report, --explain and the closing line of -v.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/tally.h"
#include "engine/engine.h"

namespace vox {

/// What --report holds.
struct RunReport {
  double seconds = 0;
  std::int64_t bytes_in = 0;  ///< of voxels, over all passes
  std::int64_t bytes_out = 0;
  std::int64_t peak_memory = 0;  ///< largest resident size so far, bytes
  Tally tally;
  std::vector<std::pair<std::string, std::string>> findings;  ///< a tool's own keys, values as JSON
};

/// The largest resident size that this process has had, in bytes.
std::int64_t peak_memory_bytes();

/// One JSON object: seconds, bytes_in, bytes_out, peak_memory, clipped_low, clipped_high, nan, rounded,
/// saturated, and what the tool found.
std::string report_json(const RunReport& report);
/// "2.31 s, 512.0 MiB in, 256.0 MiB out, peak memory 40.1 MiB".
std::string report_line(const RunReport& report);
/// Replaces the file `path` by the report; nobody sees half of it.
void write_report(const std::string& path, const RunReport& report);

/// What --explain says of a part.
struct PartPlan {
  std::string output;
  std::vector<std::string> inputs;
  Interval planes;
  std::int64_t units = 0;              ///< so many parts have something to do at most
  std::optional<std::int64_t> passes;  ///< first passes that --pass shares; none: there is one that it cannot
  bool finish_computes = false;        ///< `vpart finish` makes voxels, with as much memory
};

/// The plan of --explain. JSON: {"passes": [{"pass", "block", "halo", "blocks_in_flight", "peak_memory",
/// "spool_bytes", "bytes_in", "bytes_out"}], "peak_memory", "threads", "memory", "tmpdir"}, shapes in Z, Y,
/// X. A pass in tiles also has "tile" and "tiles_in_flight", a
/// part "part": {"output", "inputs", "planes", "units", "first_passes", "finish_computes"}.
std::string plan_json(const std::vector<PassPlan>& passes, const Resources& resources,
                      const std::optional<PartPlan>& part);
std::string plan_text(const std::vector<PassPlan>& passes, const Resources& resources);

}  // namespace vox
