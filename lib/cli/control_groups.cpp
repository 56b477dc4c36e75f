#include "cli/control_groups.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "core/numbers.h"

namespace vox {
namespace {

/// What v1 gives for "no limit": the largest multiple of a page.
constexpr std::int64_t kNoLimit = 0x7ffffffffffff000;

/// A hierarchy of groups as it is mounted: the folder `mount` shows the group `root` and what is below it.
struct Hierarchy {
  std::string mount;
  std::string root;
  bool v2 = false;
};

bool holds(const std::string& list, const std::string& item) {
  const std::vector<std::string> items = split(list, ',');
  return std::find(items.begin(), items.end(), item) != items.end();
}

/// The v1 hierarchy with that controller and the v2 hierarchy, as far as they are mounted.
std::vector<Hierarchy> mounted_hierarchies(const std::string& controller, const ReadFile& read_file) {
  std::vector<Hierarchy> found;
  std::istringstream lines(read_file("/proc/self/mountinfo").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    // id parent device root mount options [tags...] - type source super-options
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const std::vector<std::string> front = split(std::string_view(line).substr(0, dash), ' ');
    const std::vector<std::string> back = split(std::string_view(line).substr(dash + 3), ' ');
    if (front.size() < 5 || back.size() < 3) continue;
    const bool v2 = back[0] == "cgroup2";
    if (v2 || (back[0] == "cgroup" && holds(back[2], controller))) found.push_back({front[4], front[3], v2});
  }
  return found;
}

/// The group that this process is in: a path from the hierarchy's root.
std::optional<std::string> own_group(const Hierarchy& hierarchy, const std::string& controller,
                                     const ReadFile& read_file) {
  std::istringstream lines(read_file("/proc/self/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    // number:controllers:path; v2 has number 0 and no controllers
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (hierarchy.v2 ? controllers.empty() : holds(controllers, controller)) return line.substr(second + 1);
  }
  return std::nullopt;
}

/// The folders of this process's group and of all groups around it that are visible here, innermost first.
std::vector<std::string> group_folders(const Hierarchy& hierarchy, const std::string& controller,
                                       const ReadFile& read_file) {
  std::string group = own_group(hierarchy, controller, read_file).value_or("/");
  // In a container the mount often shows only the container's own group; what lies outside of it cannot be
  // seen.
  if (hierarchy.root != "/" && group.starts_with(hierarchy.root)) group = group.substr(hierarchy.root.size());
  std::vector<std::string> folders;
  while (!group.empty() && group != "/") {
    folders.push_back(hierarchy.mount + group);
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
  folders.push_back(hierarchy.mount);
  return folders;
}

std::optional<std::int64_t> number_in(const std::optional<std::string>& text) {
  std::int64_t value = 0;
  if (!text || !try_parse(trimmed(*text), value) || value < 0) return std::nullopt;
  return value;
}

std::optional<std::int64_t> memory_limit(const std::string& folder, bool v2, const ReadFile& read_file) {
  const auto limit = number_in(read_file(folder + (v2 ? "/memory.max" : "/memory.limit_in_bytes")));
  if (!limit || *limit >= kNoLimit) return std::nullopt;
  return limit;
}

std::optional<std::int64_t> thread_limit(const std::string& folder, bool v2, const ReadFile& read_file) {
  std::optional<std::int64_t> quota;
  std::optional<std::int64_t> period;
  if (v2) {
    const std::vector<std::string> parts = split(trimmed(read_file(folder + "/cpu.max").value_or("")), ' ');
    if (parts.size() != 2) return std::nullopt;
    quota = number_in(parts[0]);
    period = number_in(parts[1]);
  } else {
    quota = number_in(read_file(folder + "/cpu.cfs_quota_us"));
    period = number_in(read_file(folder + "/cpu.cfs_period_us"));
  }
  if (!quota || !period || *quota == 0 || *period == 0) return std::nullopt;
  return (*quota - 1) / *period + 1;
}

template <class Limit>
std::optional<std::int64_t> least_limit(const std::string& controller, const ReadFile& read_file,
                                        Limit limit_of) {
  std::optional<std::int64_t> least;
  for (const Hierarchy& hierarchy : mounted_hierarchies(controller, read_file))
    for (const std::string& folder : group_folders(hierarchy, controller, read_file)) {
      const std::optional<std::int64_t> limit = limit_of(folder, hierarchy.v2, read_file);
      if (limit && (!least || *limit < *least)) least = limit;
    }
  return least;
}

}  // namespace

std::optional<std::int64_t> control_group_memory(const ReadFile& read_file) {
  return least_limit("memory", read_file, memory_limit);
}

std::optional<std::int64_t> control_group_threads(const ReadFile& read_file) {
  return least_limit("cpu", read_file, thread_limit);
}

}  // namespace vox
