// The stream that tools hand to each other through a pipe: a header line, the voxels, a trailer.
// `share/doc/stream.md` is its specification.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "io/bytes.h"
#include "io/volume_io.h"

namespace vox {

/// The header's line, with its newline, ends at a multiple of this many bytes.
inline constexpr std::int64_t kStreamHeaderMultiple = 4096;
/// The trailer's line, with its newline, has exactly this many bytes.
inline constexpr std::int64_t kStreamTrailerBytes = 512;

/// True when `start` begins as a stream or sidecar header does.
bool looks_like_stream(std::span<const std::byte> start);

/// Reads a stream. Its checksum and trailer are checked when the last voxel is read: a stream that was cut
/// short is a damaged-input error, one whose producer failed an upstream error with the producer's reason.
std::unique_ptr<SlabSource> open_stream(ByteSource bytes);

/// True when `start` is what a tool leaves that failed before its header: a trailer alone.
bool looks_like_failure(std::span<const std::byte> start);
/// Throws the upstream error that such a trailer tells.
[[noreturn]] void fail_with_trailer(ByteSource bytes);
/// Leaves such a trailer.
void send_failure(ByteSink bytes, const std::string& reason);

/// Writes a stream; destroyed unfinished, it ends with a trailer that says failed.
std::unique_ptr<SlabSink> create_stream(ByteSink bytes, const VolumeMeta& meta);

}  // namespace vox
