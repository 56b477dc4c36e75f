// Zarr: folders of chunks, with the metadata of OME-Zarr around them or as plain arrays.
#pragma once

#include <memory>
#include <string>

#include "io/meta_fields.h"
#include "io/multiscale.h"
#include "io/planned_sink.h"
#include "io/volume_io.h"

namespace vox {

/// True for a folder that is a node of a Zarr hierarchy, version 2 or 3.
bool is_zarr(const std::string& folder);

/// Opens an image (a group with multiscales, OME-Zarr up to 0.5) or an array of 2 to 5 axes. Level 0 unless
/// `options` say another; of several channels or time points one must be named. Chunks that are not there
/// have the fill value. Only the chunks that a box touches are read, by as many threads as ask; what planes
/// need of deep chunks is kept, within a quarter of the run's memory or else in an unlinked file.
std::unique_ptr<SlabSource> open_zarr(const std::string& folder, const OpenOptions& options);

/// The same in one file, a zip archive whose top is the node (.ozx).
std::unique_ptr<SlabSource> open_ozx(const std::string& path, const OpenOptions& options);

/// Creates an image of one level. It is written under a temporary name beside and renamed when complete. An
/// existing store is replaced with `options.force`, and nothing else than a store or an empty folder. A name
/// that ends in .ozx becomes one file: the folder is packed when it is complete.
std::unique_ptr<SlabSink> create_zarr(const std::string& folder, const VolumeMeta& meta,
                                      const CreateOptions& options);
SinkTraits zarr_traits(const std::string& folder, const VolumeMeta& meta, const CreateOptions& options);

/// The same of any number of levels.
extern const MultiscaleFormat kZarrLevels;

/// OME-Zarr has no direction and no value map.
MetaFields zarr_fields(const VolumeMeta& meta);

}  // namespace vox
