#include "io/temporary.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>

#include "core/error.h"

namespace vox {
namespace {

std::mutex g_mutex;

std::set<std::string>& registered() {
  static std::set<std::string> paths;
  return paths;
}

void remove_quietly(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace

TemporaryPath::TemporaryPath(std::string path) : path_(std::move(path)) {
  const std::lock_guard lock(g_mutex);
  registered().insert(path_);
}

TemporaryPath::TemporaryPath(TemporaryPath&& other) noexcept : path_(std::move(other.path_)) {
  other.path_.clear();
}

TemporaryPath& TemporaryPath::operator=(TemporaryPath&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TemporaryPath::~TemporaryPath() {
  if (path_.empty()) return;
  remove_quietly(path_);
  release();
}

void TemporaryPath::release() {
  const std::lock_guard lock(g_mutex);
  registered().erase(path_);
  path_.clear();
}

std::string temporary_name_beside(const std::string& path) {
  static std::atomic<int> count{0};
  const std::filesystem::path whole(path);
  const std::string name = "." + whole.filename().string() + "." + std::to_string(::getpid()) + "." +
                           std::to_string(count++) + ".part";
  return (whole.parent_path() / name).string();
}

int open_unlinked(const std::string& folder) {
  const int direct = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (direct >= 0) return direct;
  std::string name = folder + "/voxpipe-spool-XXXXXX";
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) fail_system(folder + ": cannot spool; choose another --tmpdir", errno);
  ::unlink(name.c_str());
  return descriptor;
}

void remove_temporaries() {
  const std::lock_guard lock(g_mutex);
  for (const std::string& path : registered()) remove_quietly(path);
}

}  // namespace vox
