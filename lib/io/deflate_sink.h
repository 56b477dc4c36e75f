// A sink whose voxels are one gzip or zlib stream, compressed by all threads.
#pragma once

#include <memory>

#include "io/dense_sink.h"
#include "io/gzip.h"
#include "io/planned_sink.h"

namespace vox {

/// Little-endian voxels in scan order, compressed.
std::unique_ptr<SlabSink> deflate_sink(const DenseOutput& output, const VolumeMeta& meta,
                                       const CreateOptions& options, DeflateWrapper wrapper, int level);
SinkTraits deflate_sink_traits(const VolumeMeta& meta);

/// A raw file compressed by gzip, with a sidecar.
std::unique_ptr<SlabSink> create_raw_gzip(const std::string& path, const VolumeMeta& meta,
                                          const CreateOptions& options);

}  // namespace vox
