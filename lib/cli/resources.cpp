#include "cli/resources.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "cli/control_groups.h"
#include "core/numbers.h"

namespace vox {
namespace {

constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
constexpr std::int64_t kMostByDefault = std::int64_t{2} << 30;

std::optional<std::string> read_whole_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

/// The processors in the affinity mask, however many the machine has.
int affinity_threads() {
  for (std::size_t processors = 1024; processors <= (std::size_t{1} << 20); processors *= 2) {
    std::vector<cpu_set_t> set(processors / (8 * sizeof(cpu_set_t)));
    const std::size_t bytes = set.size() * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, bytes, set.data()) == 0) return CPU_COUNT_S(bytes, set.data());
  }
  return 1;
}

/// A positive whole number from the environment; anything else counts as not set.
std::optional<std::int64_t> environment_number(const SystemView& system, const std::string& name) {
  const std::optional<std::string> text = system.environment(name);
  std::int64_t value = 0;
  if (!text || !try_parse(*text, value) || value <= 0) return std::nullopt;
  return value;
}

void lower(std::optional<std::int64_t>& least, const std::optional<std::int64_t>& limit) {
  if (limit && (!least || *limit < *least)) least = limit;
}

/// Slurm counts in MiB.
std::optional<std::int64_t> mebibytes(const std::optional<std::int64_t>& count, std::int64_t times) {
  std::int64_t bytes = 0;
  if (!count || __builtin_mul_overflow(*count, kMebibyte, &bytes) ||
      __builtin_mul_overflow(bytes, times, &bytes))
    return std::nullopt;
  return bytes;
}

}  // namespace

SystemView this_system() {
  const std::int64_t pages = ::sysconf(_SC_PHYS_PAGES);
  const std::int64_t page_bytes = ::sysconf(_SC_PAGESIZE);
  const std::int64_t memory = pages > 0 && page_bytes > 0 ? pages * page_bytes : 0;
  return {read_whole_file, environment_variable, affinity_threads(), memory};
}

int allowed_threads(const SystemView& system) {
  std::optional<std::int64_t> least = std::max(system.affinity_threads, 1);
  lower(least, control_group_threads(system.read_file));
  lower(least, environment_number(system, "SLURM_CPUS_PER_TASK"));
  return static_cast<int>(*least);
}

std::optional<std::int64_t> allowed_memory(const SystemView& system) {
  std::optional<std::int64_t> least;
  if (system.physical_memory > 0) least = system.physical_memory;
  lower(least, control_group_memory(system.read_file));
  lower(least, mebibytes(environment_number(system, "SLURM_MEM_PER_NODE"), 1));
  lower(least, mebibytes(environment_number(system, "SLURM_MEM_PER_CPU"), allowed_threads(system)));
  return least;
}

std::int64_t default_memory(const SystemView& system) {
  return std::min(allowed_memory(system).value_or(4 * kMostByDefault) / 4, kMostByDefault);
}

std::string scratch_folder(const std::optional<std::string>& option, const std::string& output,
                           const SystemView& system) {
  if (option) return *option;
  const std::optional<std::string> variable = system.environment("TMPDIR");
  if (variable && !variable->empty()) return *variable;
  if (output.empty() || output == "-") return "/tmp";
  std::filesystem::path path(output);
  if (!path.has_filename()) path = path.parent_path();  // "slices/" lies in the folder around it
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  std::error_code problem;
  const bool usable =
      std::filesystem::is_directory(folder, problem) && ::access(folder.c_str(), W_OK | X_OK) == 0;
  return usable ? folder : "/tmp";
}

}  // namespace vox
