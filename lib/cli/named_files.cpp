#include "cli/named_files.h"

#include <sys/stat.h>

#include <filesystem>

#include "core/error.h"
#include "core/path_text.h"
#include "io/sidecar.h"

namespace vox {
namespace {

bool is_file(const NamedFile& file) {
  return !file.path.empty() && file.path != "-" && file.path != "/dev/null";
}

bool is_one_file(const std::string& a, const std::string& b) {
  std::error_code unknown;
  const auto whole = [&](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(without_slashes(path)), unknown);
  };
  if (whole(a) == whole(b)) return true;
  struct stat first {
  }, second{};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && S_ISREG(first.st_mode) &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

void check_pair(const NamedFile& written, const NamedFile& other) {
  if (is_one_file(written.path, other.path)) {
    if (written.volume && !other.written) fail_over_input(written.path);
    fail_usage(written.what + " " + written.path + ": is " + other.what +
               " too; what is written needs a name of its own");
  }
  if (other.volume && is_one_file(written.path, sidecar_path(other.path)))
    fail_usage(written.what + " " + written.path + ": is the name of the sidecar of " + other.what + ", " +
               other.path + "; choose another one");
}

}  // namespace

void fail_over_input(const std::string& output) {
  fail_usage(output + ": is the input; a volume cannot be written over itself, choose another name");
}

void check_named_files(const std::vector<NamedFile>& files) {
  for (const NamedFile& written : files)
    for (const NamedFile& other : files)
      if (&written != &other && written.written && is_file(written) && is_file(other))
        check_pair(written, other);
}

}  // namespace vox
