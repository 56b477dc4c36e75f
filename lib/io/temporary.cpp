#include "io/temporary.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <string_view>
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

/// What numbers of processes are known to mean the same within: the running kernel and its namespace of
/// processes. Machines and containers that share a folder may well share a host name. Empty when unknown.
std::string process_realm() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  std::error_code unknown;
  const std::string space = std::filesystem::read_symlink("/proc/self/ns/pid", unknown).string();
  return boot.empty() || space.empty() ? std::string() : boot + space;
}

/// Of temporary names of `name` in this realm of processes, which stands there as a number of fixed length:
/// FNV-1a.
std::string begin_of_names(const std::string& name) {
  static const std::string realm = process_realm();
  std::uint32_t hash = 2166136261U;
  for (const char letter : realm) hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619U;
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(hash));
  return "." + name + "." + digits + ".";
}

/// `rest`: of a temporary name, PROCESS.COUNT.part.
bool is_abandoned(std::string_view rest) {
  pid_t process = 0;
  int count = 0;
  const char* const end = rest.data() + rest.size();
  const auto [dot, problem] = std::from_chars(rest.data(), end, process);
  if (problem != std::errc() || dot == end || *dot != '.' || process <= 0) return false;
  const auto [suffix, other] = std::from_chars(dot + 1, end, count);
  if (other != std::errc() || std::string_view(suffix, static_cast<std::size_t>(end - suffix)) != ".part")
    return false;
  return ::kill(process, 0) != 0 && errno == ESRCH;
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
  const std::string name = begin_of_names(whole.filename().string()) + std::to_string(::getpid()) + "." +
                           std::to_string(count++) + ".part";
  return (whole.parent_path() / name).string();
}

std::vector<std::string> remove_abandoned(const std::string& path) {
  const std::filesystem::path whole(path);
  const std::string name = whole.filename().string();
  const std::string begins[] = {begin_of_names(name), begin_of_names(name + ".json")};
  std::vector<std::string> removed;
  if (process_realm().empty()) return removed;
  std::error_code ignored;
  const std::filesystem::path folder = whole.has_parent_path() ? whole.parent_path() : ".";
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string found = entry.path().filename().string();
    for (const std::string& begin : begins)
      if (found.starts_with(begin) && is_abandoned(std::string_view(found).substr(begin.size())))
        removed.push_back(found);
  }
  for (const std::string& found : removed) remove_quietly((folder / found).string());
  return removed;
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
