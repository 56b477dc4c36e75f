// The files that a command line names: what is written must not be what is read, nor written twice.
#pragma once

#include <string>
#include <vector>

namespace vox {

struct NamedFile {
  std::string what;  ///< "INPUT", "--report"
  std::string path;
  bool written = false;
  bool volume = true;  ///< else a table, a picture or a report, which has no sidecar
};

/// Throws a usage error when two of them are one file and one of these is written, or when the sidecar of a
/// volume would be overwritten by something else.
void check_named_files(const std::vector<NamedFile>& files);

[[noreturn]] void fail_over_input(const std::string& output);

}  // namespace vox
