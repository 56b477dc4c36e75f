// The table of file formats.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/bytes.h"
#include "io/meta_fields.h"
#include "io/multiscale.h"
#include "io/output_file.h"
#include "io/part_sink.h"
#include "io/planned_sink.h"
#include "io/volume_io.h"

namespace vox {

/// What the library knows of one format of single files. Found by content when reading, by extension when
/// writing.
struct Format {
  std::string_view name;
  std::vector<std::string_view> extensions;  ///< lower case, with the point; the longest that fits wins
  /// True when a file that begins so is of this format.
  bool (*recognises)(std::span<const std::byte> start);
  std::unique_ptr<SlabSource> (*open)(const std::string& path, const OpenOptions& options);
  std::unique_ptr<SlabSink> (*create)(const std::string& path, const VolumeMeta& meta,
                                      const CreateOptions& options);
  /// Opens what can only be read in order: a pipe, a compressed file. None: the format needs a file that can
  /// seek.
  std::unique_ptr<SlabSource> (*open_in_order)(ByteSource bytes, const OpenOptions& options) = nullptr;
  MetaPlaces meta = {};
  bool compresses = false;  ///< always: a file may be far smaller than its voxels
  bool predicts = false;    ///< knows --predictor
  /// Throws a usage error when `path` is taken and must not be replaced.
  void (*check_output)(const std::string& path, bool force) = vox::check_output;
  /// True when a folder is of this format; its files are folders then, and `open` and `create` check them.
  bool (*recognises_folder)(const std::string& path) = nullptr;
  const MultiscaleFormat* multiscale = nullptr;  ///< none: holds one resolution
  const SharedFormat* shared = nullptr;          ///< none: only one process can write it
  /// Of what `create` gives; none: a plain sink, or one that deflates.
  SinkTraits (*traits)(const std::string& path, const VolumeMeta& meta,
                       const CreateOptions& options) = nullptr;
};

/// THE table: to add a format, write its file and one line here.
std::span<const Format> formats();
/// ".tif, .tiff, .ome.tif", and so on.
std::string extensions_to_write();
/// The format that a file of that name gets. Throws a usage error when its extension says none.
const Format& format_for_writing(const std::string& path);
/// True for a name that ends in / unless its extension is that of a format which is a folder.
bool names_slices_to_write(const std::string& path);
/// Throws the usage errors that an output of that name must give, before any work: of its extension, and of
/// what stands there and must not be replaced.
void check_new_output(const std::string& path, const CreateOptions& options);
/// The format that `path` names. Throws a usage error unless it holds several resolutions and has what the
/// options ask for.
const MultiscaleFormat& multiscale_format(const std::string& path, const CreateOptions& options);
/// Where a folder of slices, which no entry of the table is, has its meta.
MetaPlaces slices_meta();

}  // namespace vox
