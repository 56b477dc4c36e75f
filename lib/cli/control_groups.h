// The limits that Linux control groups (v1 and v2) put on this process: what a container or a batch job may
// use.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace vox {

/// Gives the text of a file, or none when there is none; tests give their own.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

/// Bytes: the least memory limit of this process's group and the groups around it.
std::optional<std::int64_t> control_group_memory(const ReadFile& read_file);

/// Processors: the least CPU quota of this process's group and the groups around it, rounded up.
std::optional<std::int64_t> control_group_threads(const ReadFile& read_file);

}  // namespace vox
