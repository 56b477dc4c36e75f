#include "io/formats.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/error.h"
#include "core/path_text.h"
#include "io/bytes.h"
#include "io/deflate_sink.h"
#include "io/gzip.h"
#include "io/metaimage.h"
#include "io/nifti.h"
#include "io/nifti_header.h"
#include "io/npy.h"
#include "io/nrrd.h"
#include "io/output_file.h"
#include "io/raw.h"
#include "io/sidecar.h"
#include "io/slices.h"
#include "io/stream.h"
#include "io/tiff.h"
#include "io/tiff_choice.h"
#include "io/tiff_imagej.h"
#include "io/tiff_ome.h"
#include "io/zarr.h"
#include "io/zarr_store.h"
#include "io/zip_archive.h"
#include "io/zstd_stream.h"

namespace vox {
namespace {

constexpr std::int64_t kSniffBytes = 348;    // NIfTI-1 says at the end of its header what it is
constexpr std::int64_t kShortestBytes = 16;  // of anything that a pipe brings

bool never(std::span<const std::byte> start) {
  static_cast<void>(start);
  return false;
}

std::unique_ptr<SlabSource> open_raw_bytes(ByteSource bytes, const OpenOptions& options) {
  return open_raw(std::move(bytes), options.raw);
}

std::unique_ptr<SlabSource> open_stream_bytes(ByteSource bytes, const OpenOptions& options) {
  static_cast<void>(options);
  return open_stream(std::move(bytes));
}

/// For formats whose files and pipes are opened alike.
template <std::unique_ptr<SlabSource> (*Open)(ByteSource, const OpenOptions&)>
std::unique_ptr<SlabSource> open_path(const std::string& path, const OpenOptions& options) {
  return Open(ByteSource::open(path), options);
}

bool is_compressed(std::span<const std::byte> start) { return is_gzip(start) || is_zstd(start); }

ByteSource expanded(ByteSource bytes) {
  const auto start = bytes.peek(kSniffBytes);
  if (is_gzip(start)) return inflated(std::move(bytes), DeflateWrapper::gzip);
  if (is_zstd(start)) return zstd_expanded(std::move(bytes));
  return bytes;
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

/// Opens what comes in order: by its content, without the compression that may be around it.
std::unique_ptr<SlabSource> open_in_order(ByteSource compressed, const OpenOptions& options) {
  ByteSource bytes = expanded(std::move(compressed));
  const bool piped = bytes.origin().compression == "none";
  if (options.raw.given()) return open_raw(std::move(bytes), options.raw);
  const auto start = bytes.peek(kSniffBytes);
  if (start.empty())
    fail_damaged(bytes.name() + (piped ? ": is empty; the tool before wrote nothing" : ": holds nothing"));
  if (piped && static_cast<std::int64_t>(start.size()) < kShortestBytes)
    fail_damaged(bytes.name() + ": " + std::to_string(start.size()) + " bytes, the stream is cut short");
  if (looks_like_failure(start)) fail_with_trailer(std::move(bytes));
  for (const Format& format : formats()) {
    if (!format.recognises(start)) continue;
    if (format.open_in_order != nullptr) return format.open_in_order(std::move(bytes), options);
    fail_usage(bytes.name() + ": " + std::string(format.name) +
               (piped ? " cannot be read from a pipe; name the file instead of `-`"
                      : " cannot be read in order; decompress the file first"));
  }
  return open_raw(std::move(bytes), options.raw);
}

const Format* format_of_name(const std::string& path);

/// The format's file is damaged at its beginning, or it is another's under a wrong name; raw voxels need a
/// sidecar.
[[noreturn]] void fail_unrecognised(const std::string& path, const Format& format) {
  fail_damaged(path + ": does not begin as " + std::string(format.name) +
               " does: it is cut short or something else; for raw voxels say --in-shape Z,Y,X --in-dtype T");
}

std::unique_ptr<SlabSource> open_file(const std::string& path, const OpenOptions& options) {
  ByteSource bytes = ByteSource::open(path);
  const auto start = bytes.peek(kSniffBytes);
  if (!bytes.size() || is_compressed(start)) return open_in_order(std::move(bytes), options);
  if (options.raw.given()) return open_raw(std::move(bytes), options.raw);
  for (const Format& format : formats())
    if (format.recognises(start)) return format.open(path, options);
  if (path.ends_with(".json") && exists(path.substr(0, path.size() - 5)))
    fail_usage(path + ": is a sidecar; name the data file " + path.substr(0, path.size() - 5));
  const Format* named = format_of_name(path);
  if (named != nullptr && named->recognises != never && !exists(sidecar_path(path)))
    fail_unrecognised(path, *named);
  return open_raw(std::move(bytes), options.raw);
}

/// A folder, a list of names, or a pattern that is not itself a file's name.
bool names_slices(const std::string& path) {
  if (is_folder(path) || path.starts_with("@")) return true;
  return path.find_first_of("*?[") != std::string::npos && !exists(path);
}

/// The format of a folder that is one volume by its content; none for slices.
const Format* format_of_folder(const std::string& path) {
  if (!is_folder(path)) return nullptr;
  for (const Format& format : formats())
    if (format.recognises_folder != nullptr && format.recognises_folder(path)) return &format;
  return nullptr;
}

std::unique_ptr<SlabSource> open_any(const std::string& path, const OpenOptions& options) {
  if (path == "-")
    return stdin_is_fresh_file() ? open_file("/dev/stdin", options)
                                 : open_in_order(ByteSource::standard_input(), options);
  if (const Format* format = format_of_folder(path)) return format->open(path, options);
  const Format* named = is_folder(path) ? format_of_name(path) : nullptr;
  if (named != nullptr && named->recognises_folder != nullptr)
    fail_damaged(path + ": holds no metadata, it is no complete " + std::string(named->name));
  return names_slices(path) ? open_slices(path, options) : open_file(path, options);
}

/// The format that a name's extension stands for; none when it stands for none. What lies in a folder of a
/// format is of that format.
const Format* format_of_name(const std::string& path) {
  std::string lower = without_slashes(path);
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
  if (best != nullptr) return best;
  const std::size_t parent = lower.find_last_of('/');
  const Format* around = parent == std::string::npos ? nullptr : format_of_name(lower.substr(0, parent));
  return around != nullptr && around->recognises_folder != nullptr ? around : nullptr;
}

void check_predictor(const Format& format, const CreateOptions& options) {
  if (options.predictor && !format.predicts)
    fail_usage("--predictor: " + std::string(format.name) + " files have none; name a TIFF file");
}

}  // namespace

bool names_slices_to_write(const std::string& path) {
  if (!path.ends_with("/")) return false;
  const Format* format = format_of_name(path);
  return format == nullptr || format->recognises_folder == nullptr;
}

const Format& format_for_writing(const std::string& path) {
  const Format* format = format_of_name(path);
  if (format == nullptr)
    fail_usage(path + ": the extension says no format to write; known: " + extensions_to_write() +
               ", or a name ending in / for a folder of slices");
  return *format;
}

std::string extensions_to_write() {
  std::string list;
  for (const Format& format : formats())
    for (std::string_view extension : format.extensions)
      list += (list.empty() ? "" : ", ") + std::string(extension);
  return list;
}

std::span<const Format> formats() {
  static const std::array kFormats = {
      Format{.name = "stream",
             .extensions = {},
             .recognises = looks_like_stream,
             .open = open_path<open_stream_bytes>,
             .create = nullptr,
             .open_in_order = open_stream_bytes},
      Format{.name = "TIFF",
             .extensions = {".tif", ".tiff"},
             .recognises = is_tiff,
             .open = open_tiff,
             .create = create_tiff,
             .meta = {.fields = imagej_fields, .sidecar = true},
             .predicts = true,
             .traits = tiff_traits},
      Format{.name = "OME-TIFF",
             .extensions = {".ome.tif", ".ome.tiff"},
             .recognises = never,
             .open = open_tiff,
             .create = create_ome_tiff,
             .meta = {.fields = ome_fields, .inside = true, .sidecar = true},
             .predicts = true,
             .multiscale = &kOmeTiffLevels,
             .traits = ome_tiff_traits},
      Format{.name = "NumPy",
             .extensions = {".npy"},
             .recognises = is_npy,
             .open = open_path<open_npy>,
             .create = create_npy,
             .open_in_order = open_npy,
             .meta = {.fields = npy_fields, .sidecar = true}},
      Format{.name = "NRRD",
             .extensions = {".nrrd", ".nhdr"},
             .recognises = is_nrrd,
             .open = open_path<open_nrrd>,
             .create = create_nrrd,
             .open_in_order = open_nrrd,
             .meta = {.fields = nrrd_fields, .inside = true}},
      Format{.name = "NIfTI",
             .extensions = {".nii"},
             .recognises = is_nifti,
             .open = open_path<open_nifti>,
             .create = create_nifti,
             .open_in_order = open_nifti,
             .meta = {.fields = nifti_fields, .inside = true, .sidecar = true}},
      Format{.name = "NIfTI, gzip",
             .extensions = {".nii.gz"},
             .recognises = never,
             .open = open_file,
             .create = create_nifti,
             .meta = {.fields = nifti_fields, .inside = true, .sidecar = true},
             .compresses = true},
      Format{.name = "MetaImage",
             .extensions = {".mha", ".mhd"},
             .recognises = is_metaimage,
             .open = open_path<open_metaimage>,
             .create = create_metaimage,
             .open_in_order = open_metaimage,
             .meta = {.fields = metaimage_fields, .sidecar = true}},
      Format{.name = "OME-Zarr",
             .extensions = {".ome.zarr", ".zarr"},
             .recognises = never,
             .open = open_zarr,
             .create = create_zarr,
             .meta = {.fields = zarr_fields, .inside = true},
             .compresses = true,
             .check_output = check_zarr_output,
             .recognises_folder = is_zarr,
             .multiscale = &kZarrLevels,
             .shared = &kZarrParts,
             .traits = zarr_traits},
      Format{.name = "OME-Zarr, zip",
             .extensions = {".ozx"},
             .recognises = is_zip,
             .open = open_ozx,
             .create = create_zarr,
             .meta = {.fields = zarr_fields, .inside = true},
             .compresses = true,
             .multiscale = &kZarrLevels,
             .traits = zarr_traits},
      Format{.name = "raw",
             .extensions = {".raw", ".bin", ".dat", ".vol"},
             .recognises = never,
             .open = open_path<open_raw_bytes>,
             .create = create_raw,
             .meta = {.sidecar = true},
             .shared = &kRawParts},
      Format{.name = "gzip",
             .extensions = {".raw.gz"},
             .recognises = never,
             .open = open_file,
             .create = create_raw_gzip,
             .meta = {.sidecar = true},
             .compresses = true},
      Format{.name = "zstd",
             .extensions = {".raw.zst", ".raw.zstd"},
             .recognises = never,
             .open = open_file,
             .create = create_raw_zstd,
             .meta = {.sidecar = true},
             .compresses = true,
             .traits = raw_zstd_traits},
  };
  return kFormats;
}

MetaPlaces slices_meta() { return {.fields = imagej_fields, .sidecar = true}; }

std::unique_ptr<SlabSource> open_source(const std::string& path, const OpenOptions& options) {
  std::unique_ptr<SlabSource> source = open_any(path, options);
  const SourceInfo& info = source->info();
  if (!info.parts_chosen) {
    choose_part(info.name, "--level", "levels", 1, options.level);
    choose_part(info.name, "--time", "time points", 1, options.time);
    choose_part(info.name, "--channel", "channels", 1, options.channel);
  }
  return source;
}

void check_new_output(const std::string& path, const CreateOptions& options) {
  if (path == "-") {
    if (options.compression && options.compression->codec != "none")
      fail_usage("--compression: a stream on standard output is not compressed; name an output file");
    if (options.predictor) fail_usage("--predictor: a stream on standard output has none; name a TIFF file");
    return;
  }
  if (names_slices_to_write(path)) {
    check_slices_output(path, options.force);
  } else {
    const Format& format = format_for_writing(path);
    check_predictor(format, options);
    format.check_output(path, options.force);
  }
  check_sidecar(path, options.force);
}

std::unique_ptr<SlabSink> create_sink(const std::string& path, const VolumeMeta& meta,
                                      const CreateOptions& options) {
  check_new_output(path, options);
  if (path == "-") return create_stream(ByteSink::standard_output(), meta);
  if (names_slices_to_write(path)) return create_slices(path, meta, options);
  const Format& format = format_for_writing(path);
  check_space(path, options.compression || format.compresses ? 0 : meta.bytes());
  return format.create(path, meta, options);
}

const SharedFormat& shared_format(const std::string& output) {
  const std::string names =
      "name an .ome.zarr or, for one resolution, a raw file or a folder of slices (a name ending in /)";
  if (output == "-") fail_usage("parts cannot share standard output; " + names);
  if (names_slices_to_write(output)) return kSlicesParts;
  const Format& format = format_for_writing(output);
  if (format.shared == nullptr)
    fail_usage(output + ": parts cannot share a file of format " + std::string(format.name) + "; " + names);
  return *format.shared;
}

const MultiscaleFormat& multiscale_format(const std::string& path, const CreateOptions& options) {
  const Format* format = format_of_name(path);
  if (format == nullptr || format->multiscale == nullptr)
    fail_usage(path + ": holds one resolution; name an output that ends in .ome.zarr, .ozx or .ome.tif");
  check_predictor(*format, options);
  return *format->multiscale;
}

std::string unheld_meta(const std::string& path, const VolumeMeta& meta) {
  if (path == "-") return {};
  if (names_slices_to_write(path)) return unheld_text(path, "TIFF", slices_meta(), meta);
  const Format& format = format_for_writing(path);
  return unheld_text(path, format.name, format.meta, meta);
}

}  // namespace vox
