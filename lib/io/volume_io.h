// The two central interfaces: where voxels come from and where they go.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/meta.h"

namespace vox {

/// Facts about a file that are not about the volume.
struct SourceInfo {
  std::string name;                             ///< the path, or "standard input"
  std::string format;                           ///< "raw", "TIFF", "stream", "TIFF slices"
  std::string compression = "none";             ///< "none", "zstd", "deflate", "lzw", ...
  int levels = 1;                               ///< resolutions that the file holds
  std::optional<std::int64_t> file_bytes = {};  ///< bytes on disk, where known
  bool parts_chosen = false;  ///< the format has looked at level, channel and time; others hold one of each
};

/// A volume that can be read. A seekable source gives any box, in any order, to several threads at once. A
/// pipe gives boxes of full-width rows in scan order, to one thread at a time; what lies between two boxes is
/// skipped.
class SlabSource {
 public:
  virtual ~SlabSource() = default;
  SlabSource(const SlabSource&) = delete;
  SlabSource& operator=(const SlabSource&) = delete;

  const VolumeMeta& meta() const { return meta_; }
  const SourceInfo& info() const { return info_; }
  /// What a pass over the voxels found out: the exact range goes into the meta, for the tools that follow.
  /// Ends that a double may have rounded are no certain knowledge and are left out.
  void learn_range(const Range& range);

  virtual bool seekable() const = 0;
  /// The box that is decoded at once: boxes that are multiples of it decode nothing twice. Any box may be
  /// asked for.
  virtual Extent3 chunk() const { return {1, 1, meta_.shape.x}; }
  /// Memory that each thread holds while reading, besides the box itself.
  virtual std::int64_t scratch_bytes() const { return 0; }
  /// Memory that it holds in all while it is read, however many threads do that.
  virtual std::int64_t held_bytes() const { return 0; }
  /// Writes the voxels of `box`, dense in (Z, Y, X) order and in this machine's byte order, to `out`.
  /// A stream's end is checked when its last voxel is read. Throws damaged-input, upstream and system errors.
  virtual void read(const Box3& box, std::byte* out) = 0;

 protected:
  SlabSource() = default;
  VolumeMeta meta_;
  SourceInfo info_;
};

/// Bytes as a sink wants them on disk, made by `SlabSink::encode`; one piece per chunk of the box.
struct Encoded {
  std::vector<std::byte> bytes;
  std::vector<std::int64_t> sizes;
};

/// A volume that is being written. Nothing exists under its name before `finish()`; destroyed without it, the
/// sink removes what it wrote or ends its stream with a trailer that readers take as failure.
class SlabSink {
 public:
  virtual ~SlabSink() = default;
  SlabSink(const SlabSink&) = delete;
  SlabSink& operator=(const SlabSink&) = delete;

  const VolumeMeta& meta() const { return meta_; }

  /// True: boxes may be put in any order, by several threads at once. False: in scan order, one at a time.
  virtual bool seekable() const = 0;
  /// Boxes must begin at multiples of this and end at multiples or at the volume's end.
  virtual Extent3 chunk() const { return {1, 1, meta_.shape.x}; }
  /// True: `encode` (by any thread) then `put_encoded` (in scan order) instead of `put`.
  virtual bool encodes() const { return false; }
  /// Memory that each thread holds while encoding, besides the voxels: the encoded bytes and the coder's
  /// state.
  virtual std::int64_t scratch_bytes() const { return 0; }
  /// Memory that it holds in all, however many threads write.
  virtual std::int64_t held_bytes() const { return 0; }

  /// Takes the voxels of `box`: dense, (Z, Y, X) order, this machine's byte order. May use `voxels` as
  /// scratch space (byte swapping), so their contents are lost.
  virtual void put(const Box3& box, std::span<std::byte> voxels) = 0;
  virtual void encode(const Box3& box, std::span<std::byte> voxels, Encoded& encoded) const;
  virtual void put_encoded(const Box3& box, const Encoded& encoded);

  /// Makes the output exist. REQUIRES: every voxel was put.
  virtual void finish() = 0;
  /// For streams: the reason that readers are told when the sink is destroyed unfinished.
  virtual void set_failure(const std::string& reason) { static_cast<void>(reason); }

 protected:
  SlabSink() = default;
  VolumeMeta meta_;
};

/// Raw input described by options instead of a sidecar.
struct RawDescription {
  std::optional<Extent3> shape;
  std::optional<DType> dtype;
  bool big_endian = false;
  std::int64_t offset = 0;

  bool given() const { return shape || dtype || big_endian || offset != 0; }
};

struct OpenOptions {
  RawDescription raw;
  std::optional<std::int64_t> level;
  std::optional<std::int64_t> channel;
  std::optional<std::int64_t> time;
  int threads = 1;                ///< for headers of many files
  std::int64_t memory = 1 << 30;  ///< for a source that must rearrange all voxels before it can give any
  std::string tmpdir = "/tmp";    ///< where it does so when they do not fit
};

/// Opens `path` ("-": standard input; a folder, a quoted glob or `@list.txt`: 2D TIFF slices). The format is
/// found by content; the sidecar, if there is one, completes and overrides what the file says.
std::unique_ptr<SlabSource> open_source(const std::string& path, const OpenOptions& options);

/// Compression as the user writes it: "zstd:3" is {"zstd", 3}, "blosc:lz4:5" is {"blosc:lz4", 5}.
struct Compression {
  std::string codec = "none";
  std::optional<int> level;
};
void parse_value(std::string_view text, Compression& compression);

struct CreateOptions {
  bool force = false;                      ///< replace an existing output
  std::optional<Compression> compression;  ///< none given: the format's default
  bool predictor = false;                  ///< TIFF: horizontal differencing before the codec
  int threads = 1;                         ///< for a codec that has its own
  std::int64_t memory = 1 << 30;           ///< for a sink that must gather voxels before it can write any
};

/// Creates `path` ("-": a stream on standard output) in the format of its extension; a name ending in `/` is
/// a folder of 2D TIFF slices. Throws a usage error, before any work, for an unknown extension, an output
/// that exists (without `force`), or a dtype or codec that the format cannot hold.
std::unique_ptr<SlabSink> create_sink(const std::string& path, const VolumeMeta& meta,
                                      const CreateOptions& options);

/// A line for the user: what of `meta` other programs will not find in the output `path`, and where it stands
/// instead. Empty when there is nothing to say.
std::string unheld_meta(const std::string& path, const VolumeMeta& meta);

}  // namespace vox
