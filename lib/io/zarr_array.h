// What the metadata of one Zarr array say, version 2 and 3 alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/dtype.h"
#include "io/json_view.h"
#include "io/zarr_codec.h"
#include "io/zarr_files.h"

namespace vox {

/// How the index of a shard is stored.
struct ZarrShardIndex {
  bool at_end = true;
  bool big_endian = false;
  bool checksum = false;
  std::vector<int> order;  ///< axis k of the index is the array's axis order[k]
};

/// Vectors hold one entry per axis, as the array has them.
struct ZarrArray {
  ZarrFolder folder;
  int version = 3;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> outer;  ///< one file; a whole number of chunks
  std::vector<std::int64_t> chunk;  ///< coded at once
  DType dtype = DType::uint8;
  bool boolean = false;
  bool big_endian = false;
  std::vector<std::byte> fill;  ///< one element, in this machine's byte order
  std::string separator = "/";
  bool prefixed = true;    ///< files are named c/0/0/0, not 0/0/0
  std::vector<int> order;  ///< axis k of the stored chunk is the array's axis order[k]
  std::vector<ZarrCoding> codings;
  std::optional<ZarrShardIndex> shards;
  std::vector<std::string> names;  ///< of the axes; empty where not all have one

  std::size_t axes() const { return shape.size(); }
  std::int64_t chunk_bytes() const;
  /// In one file.
  std::int64_t chunks_per_shard() const;
  /// The file of a chunk of size `outer`, relative to the folder.
  std::string key(const std::vector<std::int64_t>& index) const;
};

/// The metadata of the node in a folder: of zarr.json, or of .zarray, or of .zgroup and .zattrs.
struct ZarrNode {
  bool is_array = false;
  int version = 3;
  JsonDocument attributes;  ///< its root holds them
  std::string path;         ///< of the file with the attributes
};

/// True when a folder is a node of a Zarr hierarchy.
bool is_zarr_folder(const ZarrFolder& folder);
/// Throws a damaged-input error that names the file when the metadata are wrong.
ZarrNode read_zarr_node(const ZarrFolder& folder);
/// REQUIRES: the folder is a node. Throws damaged-input errors, and usage errors for what voxpipe cannot
/// read.
ZarrArray read_zarr_array(const ZarrFolder& folder);

// What the two versions' readers share.
JsonDocument read_zarr_json(const ZarrFolder& folder, const std::string& file);
std::vector<std::int64_t> zarr_extents(const JsonView& list, const std::string& key, std::int64_t least,
                                       const std::string& where);
/// One of two words; `unsaid` where the object has no such key.
std::string zarr_choice(const JsonView& object, const std::string& key, std::string_view one,
                        std::string_view other, std::string_view unsaid, const std::string& where);
/// One element of the array's type.
std::vector<std::byte> zarr_fill(const JsonView& value, DType dtype, const std::string& where);
ZarrArray parse_zarr_v2(const JsonView& json, const std::string& where);
ZarrArray parse_zarr_v3(const JsonView& json, const std::string& where);

}  // namespace vox
