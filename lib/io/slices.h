// Folders of 2D TIFF slices: a volume as one file per plane, the usual output of a reconstruction.
#pragma once

#include <memory>
#include <string>

#include "io/planned_sink.h"
#include "io/volume_io.h"

namespace vox {

/// Opens the slices that `input` names (`list_slices`). All headers are read at once, by `options.threads`
/// threads; slices may differ in compression and byte order, not in size or type (a damaged-input error that
/// names the file). The first slice's description (ImageJ's or OME-XML, which must give the distance of
/// planes for the spacing to be known) and, of a folder, the sidecar `FOLDER.json` complete the meta.
std::unique_ptr<SlabSource> open_slices(const std::string& input, const OpenOptions& options);

/// Creates a folder with files `NAME_0000.tif`, NAME being the folder's. It is written under a temporary name
/// beside and renamed when complete. An existing folder is replaced with `options.force` and only when it
/// holds nothing but .tif, .tiff and .json files; an empty one is taken.
std::unique_ptr<SlabSink> create_slices(const std::string& folder, const VolumeMeta& meta,
                                        const CreateOptions& options);
/// Throws a usage error unless the folder may be made or replaced.
void check_slices_output(const std::string& folder, bool force);
SinkTraits slices_traits(const std::string& folder, const VolumeMeta& meta, const CreateOptions& options);

}  // namespace vox
