#include "io/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "core/error.h"
#include "core/numbers.h"
#include "io/sidecar.h"

namespace vox {
namespace {

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

void check_output(const std::string& path, bool force) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0) {
    if (S_ISDIR(facts.st_mode))
      fail_usage(path + ": is a folder; for a folder of slices write '" + path + "/'");
    if (!S_ISREG(facts.st_mode) && !S_ISLNK(facts.st_mode))
      fail_usage(path + ": is not a regular file; choose another name");
    if (!force) fail_usage(path + ": exists; use --force to replace it");
    return;
  }
  if (::stat(folder_of(path).c_str(), &facts) != 0) fail_system(folder_of(path), errno);
  if (!S_ISDIR(facts.st_mode)) fail_usage(folder_of(path) + ": is not a folder");
}

void check_sidecar(const std::string& data_path, bool force) {
  const std::string path = sidecar_path(data_path);
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return;
  if (!S_ISREG(facts.st_mode) && !S_ISLNK(facts.st_mode))
    fail_usage(path + ": is not a regular file, and the sidecar needs that name; choose another output");
  if (force) return;
  try {
    read_sidecar(data_path);
  } catch (const Error&) {
    fail_usage(path + ": exists and is no sidecar; use --force to replace it");
  }
}

void check_space(const std::string& path, std::int64_t bytes) {
  struct statvfs facts {};
  if (::statvfs(folder_of(path).c_str(), &facts) != 0) return;  // some file systems do not say; writing will
  const auto free_bytes = static_cast<double>(facts.f_bavail) * static_cast<double>(facts.f_frsize);
  if (static_cast<double>(bytes) <= free_bytes) return;
  throw Error(ErrorKind::space, path + ": needs " + format_bytes(bytes) + ", the file system has " +
                                    format_bytes(static_cast<std::int64_t>(free_bytes)) + " left");
}

OutputFile::OutputFile(std::string path, bool force) : path_(std::move(path)), force_(force) {
  std::string name;
  int descriptor = -1;
  do {  // what has the name already is not ours
    name = temporary_name_beside(path_);
    descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EEXIST);
  if (descriptor < 0) fail_system(path_, errno);
  temporary_ = TemporaryPath(name);
  bytes_ = std::make_unique<ByteSink>(file_device(descriptor, true), path_);
}

void rename_output(const std::string& from, const std::string& path, bool force) {
  if (!force) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return;
    if (errno == EEXIST) fail_usage(path + ": was made by someone else meanwhile; use --force to replace it");
    // Network file systems may not know that flag.
    if (errno != EINVAL && errno != ENOSYS) fail_system(path, errno);
  }
  if (::rename(from.c_str(), path.c_str()) != 0) fail_system(path, errno);
}

OutputFile begin_sidecar(const std::string& data_path, const VolumeMeta& meta) {
  OutputFile sidecar(sidecar_path(data_path), true);
  const std::string text = meta_to_sidecar(meta);
  sidecar.bytes().write(std::as_bytes(std::span(text)));
  sidecar.complete();
  return sidecar;
}

void write_sidecar(const std::string& data_path, const VolumeMeta& meta) {
  begin_sidecar(data_path, meta).commit();
}

void write_text_file(const std::string& path, const std::string& text) {
  OutputFile file(path, true);
  file.bytes().write(std::as_bytes(std::span(text)));
  file.commit();
}

void sync_file_system(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail_system(folder, errno);
  const int result = ::syncfs(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (result != 0) fail_system(folder, error);
}

void OutputFile::complete() {
  if (bytes_) bytes_->flush();
  bytes_.reset();
}

void OutputFile::commit() {
  complete();
  rename_to_real_name();
}

void OutputFile::commit_with_sidecar(const VolumeMeta& meta) {
  OutputFile sidecar = begin_sidecar(path_, meta);
  commit_with(sidecar);
}

void OutputFile::commit_with(OutputFile& sidecar) {
  complete();
  if (force_) ::unlink(path_.c_str());
  sidecar.commit();
  rename_to_real_name();
}

void rename_folder(const std::string& from, const std::string& folder, const std::function<void()>& between) {
  namespace fs = std::filesystem;
  std::string old;
  if (fs::exists(folder) && !fs::is_empty(folder)) {
    if (!fs::exists(from)) fail_system(from, ENOENT);
    old = temporary_name_beside(folder);
    if (::rename(folder.c_str(), old.c_str()) != 0) fail_system(folder, errno);
  }
  try {
    between();
    if (::rename(from.c_str(), folder.c_str()) != 0) fail_system(folder, errno);
  } catch (...) {
    if (!old.empty()) ::rename(old.c_str(), folder.c_str());
    throw;
  }
  if (!old.empty()) TemporaryPath(std::move(old));
}

}  // namespace vox
