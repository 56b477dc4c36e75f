#include "cli/report.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <span>

#include "core/json_text.h"
#include "core/numbers.h"
#include "io/output_file.h"

namespace vox {
namespace {

std::array<std::int64_t, 3> zyx(const Extent3& extent) { return {extent.z, extent.y, extent.x}; }

/// Pipes that are kept in memory while other passes run.
std::int64_t kept_in_memory(const std::vector<PassPlan>& passes) {
  std::int64_t bytes = 0;
  for (const PassPlan& pass : passes)
    if (pass.what == "spool") bytes += pass.peak_memory;
  return bytes;
}

std::int64_t plan_peak(const std::vector<PassPlan>& passes) {
  std::int64_t peak = 0;
  for (const PassPlan& pass : passes)
    if (pass.what != "spool") peak = std::max(peak, pass.peak_memory);
  return peak + kept_in_memory(passes);
}

}  // namespace

std::int64_t peak_memory_bytes() {
  // getrusage counts what the process was before exec, too: started by a large parent it says the parent's
  // size.
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    constexpr std::string_view kKey = "VmHWM:";
    std::int64_t kibibytes = 0;
    if (!line.starts_with(kKey) || !line.ends_with(" kB")) continue;
    if (try_parse(trimmed(line.substr(kKey.size(), line.size() - kKey.size() - 3)), kibibytes))
      return kibibytes * 1024;
  }
  struct rusage usage {};
  return ::getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss * 1024 : 0;
}

std::string report_json(const RunReport& report) {
  JsonObject object;
  object.add("seconds", report.seconds).add("bytes_in", report.bytes_in).add("bytes_out", report.bytes_out);
  object.add("peak_memory", report.peak_memory).add("clipped_low", report.tally.clipped_low);
  object.add("clipped_high", report.tally.clipped_high).add("nan", report.tally.nan);
  object.add("rounded", report.tally.rounded).add("saturated", report.tally.saturated);
  for (const auto& [key, json] : report.findings) object.add_json(key, json);
  return object.text();
}

std::string report_line(const RunReport& report) {
  return format_rounded(report.seconds, 3) + " s, " + format_bytes(report.bytes_in) + " in, " +
         format_bytes(report.bytes_out) + " out, peak memory " + format_bytes(report.peak_memory);
}

void write_report(const std::string& path, const RunReport& report) {
  const std::string text = report_json(report) + "\n";
  OutputFile file(path, true);
  file.bytes().write(std::as_bytes(std::span(text)));
  file.commit();
}

std::string plan_json(const std::vector<PassPlan>& passes, const Resources& resources,
                      const std::optional<PartPlan>& part) {
  JsonArray list;
  for (const PassPlan& pass : passes) {
    JsonObject object;
    object.add("pass", pass.what).add("block", zyx(pass.block)).add("halo", zyx(pass.halo));
    if (pass.tiles_in_flight > 0)
      object.add("tile", zyx(pass.tile)).add("tiles_in_flight", pass.tiles_in_flight);
    object.add("blocks_in_flight", pass.blocks_in_flight).add("peak_memory", pass.peak_memory);
    object.add("spool_bytes", pass.spool_bytes)
        .add("bytes_in", pass.bytes_in)
        .add("bytes_out", pass.bytes_out);
    list.add(object);
  }
  JsonObject plan;
  plan.add("passes", list).add("peak_memory", plan_peak(passes)).add("threads", resources.threads);
  plan.add("memory", resources.memory + kept_in_memory(passes)).add("tmpdir", resources.tmpdir);
  if (part)
    plan.add("part", JsonObject()
                         .add("output", part->output)
                         .add("inputs", part->inputs)
                         .add("planes", std::array<std::int64_t, 2>{part->planes.begin, part->planes.end})
                         .add("units", part->units)
                         .add("first_passes", part->passes)
                         .add("finish_computes", part->finish_computes));
  return plan.text() + "\n";
}

std::string plan_text(const std::vector<PassPlan>& passes, const Resources& resources) {
  std::string text;
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const PassPlan& pass = passes[i];
    text += "pass " + std::to_string(i + 1) + ": " + pass.what + "\n";
    text += "  block             " + to_string(pass.block) + " voxels (Z, Y, X)\n";
    if (pass.tiles_in_flight > 0)
      text += "  tiles             " + to_string(pass.tile) + ", " + std::to_string(pass.tiles_in_flight) +
              " at once\n";
    text += "  halo              " + to_string(pass.halo) + "\n";
    text += "  blocks in flight  " + std::to_string(pass.blocks_in_flight) + "\n";
    text += "  peak memory       " + format_bytes(pass.peak_memory) + "\n";
    text += "  scratch           " +
            (pass.spool_bytes == 0 ? std::string("none")
                                   : format_bytes(pass.spool_bytes) + " in " + resources.tmpdir) +
            "\n";
    text += "  reads             " + format_bytes(pass.bytes_in) + "\n";
    text += "  writes            " + format_bytes(pass.bytes_out) + "\n";
  }
  if (passes.empty()) text += "no pass over the voxels\n";
  return text + "allowed: " + std::to_string(resources.threads) +
         (resources.threads == 1 ? " thread, " : " threads, ") +
         format_bytes(resources.memory + kept_in_memory(passes)) + "\n";
}

}  // namespace vox
