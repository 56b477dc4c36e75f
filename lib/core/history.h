// Where a volume comes from: the commands that made it, oldest first.
#pragma once

#include <string>
#include <vector>

namespace vox {

struct HistoryInput;

/// One command. `args` leave out what does not change the voxels (threads, memory, progress); no time, no
/// host.
struct HistoryEntry {
  std::string tool;
  std::string version;
  std::vector<std::string> args;
  std::vector<HistoryInput> inputs;  ///< further volumes that the command read (a mask, a reference)

  bool operator==(const HistoryEntry&) const;
};

/// A further volume and its own history.
struct HistoryInput {
  std::string path;
  std::vector<HistoryEntry> history;

  bool operator==(const HistoryInput&) const;
};

using History = std::vector<HistoryEntry>;

inline bool HistoryEntry::operator==(const HistoryEntry& other) const {
  return tool == other.tool && version == other.version && args == other.args && inputs == other.inputs;
}
inline bool HistoryInput::operator==(const HistoryInput& other) const {
  return path == other.path && history == other.history;
}

/// The history as a shell script that makes the volume again, one command a line, in the order given.
/// Commands that wrote to a pipe are joined to the next by `|`.
std::string to_shell_script(const History& history);

/// An argument quoted for the shell, only where it needs it. Control characters, which a terminal would obey,
/// are spelled out.
std::string shell_quote(const std::string& argument);

}  // namespace vox
