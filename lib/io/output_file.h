// A file that appears under its name only when it is complete, together with its sidecar.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/meta.h"
#include "io/bytes.h"
#include "io/temporary.h"

namespace vox {

/// Throws a usage error when `path` exists and `force` is not set, or when it is something that must not be
/// replaced (a folder, a device), or when its folder does not exist.
void check_output(const std::string& path, bool force);
/// Throws a usage error when the name of the sidecar of `data_path` is taken: by what must not be replaced
/// or, without `force`, by a file that is no sidecar.
void check_sidecar(const std::string& data_path, bool force);
/// Throws an exit-4 error when the file system of `path` has fewer than `bytes` left.
void check_space(const std::string& path, std::int64_t bytes);

/// Gives a complete file its real name. Throws a usage error when that exists, unless `force`.
void rename_output(const std::string& from, const std::string& path, bool force);
/// Puts the sidecar beside a data file, in place of an older one.
void write_sidecar(const std::string& data_path, const VolumeMeta& meta);
/// Writes a whole file by a temporary name, in place of an older one: nobody sees half of it.
void write_text_file(const std::string& path, const std::string& text);
/// Waits until what was written to the file system of a folder is on disk: one call for all files, since
/// thousands of them, flushed one by one, would wait for the disk each time.
void sync_file_system(const std::string& folder);

/// A file being written under a temporary name in the folder of its real one.
class OutputFile {
 public:
  /// REQUIRES: `check_output` passed.
  OutputFile(std::string path, bool force);

  const std::string& path() const { return path_; }
  ByteSink& bytes() { return *bytes_; }

  /// Brings all bytes to the disk: what can fail for lack of space does so before anything is replaced.
  void complete();
  /// Completes the file and gives it its name.
  void commit();
  /// The same with the sidecar of `meta` beside it.
  void commit_with_sidecar(const VolumeMeta& meta);
  /// The same with a sidecar that was begun (`begin_sidecar`). The order keeps a killed run harmless: the
  /// data file that is to be replaced goes first, then the sidecar comes, then the data file, which is what
  /// others wait for.
  void commit_with(OutputFile& sidecar);

 private:
  void rename_to_real_name() {
    rename_output(temporary_.path(), path_, force_);
    temporary_.release();
  }

  std::string path_;
  bool force_;
  TemporaryPath temporary_;
  std::unique_ptr<ByteSink> bytes_;
};

/// The complete sidecar of a data file, which does not have its name yet.
OutputFile begin_sidecar(const std::string& data_path, const VolumeMeta& meta);

/// Gives the folder `from` the name `folder`. What stands there goes first and comes back when that fails: of
/// two calls at once for the same files the second finds nothing to move, and what the first made stays.
/// `between` is called while nothing has the name.
void rename_folder(const std::string& from, const std::string& folder, const std::function<void()>& between);

}  // namespace vox
