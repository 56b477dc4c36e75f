#include "io/formats.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/error.h"
#include "io/bytes.h"
#include "io/output_file.h"
#include "io/raw.h"
#include "io/slices.h"
#include "io/stream.h"
#include "io/tiff.h"

namespace vox {
namespace {

constexpr std::int64_t kSniffBytes = 16;

bool never(std::span<const std::byte> start) {
  static_cast<void>(start);
  return false;
}

std::unique_ptr<SlabSource> open_raw_file(const std::string& path, const OpenOptions& options) {
  return open_raw(ByteSource::open(path), options.raw);
}

std::unique_ptr<SlabSource> open_stream_file(const std::string& path, const OpenOptions& options) {
  static_cast<void>(options);
  return open_stream(ByteSource::open(path));
}

bool is_folder(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

bool exists(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0;
}

/// Standard input that was redirected from a file and not read yet can be read in any order, by its name.
bool stdin_is_fresh_file() {
  struct stat facts {};
  return ::fstat(STDIN_FILENO, &facts) == 0 && S_ISREG(facts.st_mode) &&
         ::lseek(STDIN_FILENO, 0, SEEK_CUR) == 0;
}

std::string known_extensions() {
  std::string list;
  for (const Format& format : formats())
    for (std::string_view extension : format.extensions)
      list += (list.empty() ? "" : ", ") + std::string(extension);
  return list;
}

std::unique_ptr<SlabSource> open_pipe(const OpenOptions& options) {
  ByteSource bytes = ByteSource::standard_input();
  if (options.raw.given()) return open_raw_pipe(std::move(bytes), options.raw);
  const auto start = bytes.peek(kSniffBytes);
  if (start.empty()) fail_damaged("standard input: is empty; the tool before wrote nothing");
  if (static_cast<std::int64_t>(start.size()) < kSniffBytes)
    fail_damaged("standard input: " + std::to_string(start.size()) + " bytes, the stream is cut short");
  if (looks_like_failure(start)) fail_with_trailer(std::move(bytes));
  if (looks_like_stream(start)) return open_stream(std::move(bytes));
  for (const Format& format : formats())
    if (format.recognises(start))
      fail_usage("standard input: " + std::string(format.name) +
                 " cannot be read from a pipe; name the file instead of `-`");
  return open_raw_pipe(std::move(bytes), options.raw);
}

std::unique_ptr<SlabSource> open_file(const std::string& path, const OpenOptions& options) {
  if (options.raw.given()) return open_raw_file(path, options);
  ByteSource bytes = ByteSource::open(path);
  const auto start = bytes.peek(kSniffBytes);
  for (const Format& format : formats())
    if (format.recognises(start)) return format.open(path, options);
  if (path.ends_with(".json") && exists(path.substr(0, path.size() - 5)))
    fail_usage(path + ": is a sidecar; name the data file " + path.substr(0, path.size() - 5));
  return open_raw_file(path, options);
}

/// A folder, a list of names, or a pattern that is not itself a file's name.
bool names_slices(const std::string& path) {
  if (is_folder(path) || path.starts_with("@")) return true;
  return path.find_first_of("*?[") != std::string::npos && !exists(path);
}

const Format& format_for_writing(const std::string& path) {
  std::string lower = path;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const Format* best = nullptr;
  std::size_t longest = 0;
  for (const Format& format : formats()) {
    for (std::string_view extension : format.extensions) {
      if (!lower.ends_with(extension) || extension.size() <= longest) continue;
      best = &format;
      longest = extension.size();
    }
  }
  if (best == nullptr)
    fail_usage(path + ": the extension says no format to write; known: " + known_extensions() +
               ", or a name ending in / for a folder of slices");
  return *best;
}

}  // namespace

std::span<const Format> formats() {
  static const std::array kFormats = {
      Format{"stream", {}, looks_like_stream, open_stream_file, nullptr},
      Format{"TIFF", {".tif", ".tiff"}, is_tiff, open_tiff, create_tiff},
      Format{"OME-TIFF", {".ome.tif", ".ome.tiff"}, never, open_tiff, create_ome_tiff},
      Format{"raw", {".raw", ".bin", ".dat", ".vol"}, never, open_raw_file, create_raw},
  };
  return kFormats;
}

std::unique_ptr<SlabSource> open_source(const std::string& path, const OpenOptions& options) {
  if (path == "-") return stdin_is_fresh_file() ? open_file("/dev/stdin", options) : open_pipe(options);
  return names_slices(path) ? open_slices(path, options) : open_file(path, options);
}

std::unique_ptr<SlabSink> create_sink(const std::string& path, const VolumeMeta& meta,
                                      const CreateOptions& options) {
  if (path == "-") {
    if (options.compression && options.compression->codec != "none")
      fail_usage("--compression: a stream on standard output is not compressed; name an output file");
    return create_stream(ByteSink::standard_output(), meta);
  }
  if (path.ends_with("/")) return create_slices(path, meta, options);
  const Format& format = format_for_writing(path);
  check_output(path, options.force);
  check_space(path, options.compression ? 0 : meta.bytes());
  return format.create(path, meta, options);
}

}  // namespace vox
