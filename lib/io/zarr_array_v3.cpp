#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "io/zarr_array.h"

namespace vox {
namespace {

/// A codec or grid is an object with a name, or its bare name.
std::string name_of(const JsonView& extension) {
  return (extension["name"] ? extension["name"] : extension).text().value_or("?").substr(0, 40);
}

void parse_type(const JsonView& json, const std::string& where, ZarrArray& array) {
  const std::string name = name_of(json["data_type"]);
  array.boolean = name == "bool";
  if (!array.boolean && !try_parse_dtype(name, array.dtype))
    fail_usage(where + ": data_type " + name + " is none that voxpipe knows");
}

void parse_grid(const JsonView& json, const std::string& where, ZarrArray& array) {
  if (name_of(json["chunk_grid"]) != "regular")
    fail_usage(where + ": chunk_grid " + name_of(json["chunk_grid"]) + " is not read, regular is");
  array.outer = zarr_extents(json["chunk_grid"]["configuration"]["chunk_shape"], "chunk_shape", 1, where);
  const JsonView keys = json["chunk_key_encoding"];
  const std::string encoding = name_of(keys);
  if (encoding != "default" && encoding != "v2")
    fail_usage(where + ": chunk_key_encoding " + encoding + " is not read, default and v2 are");
  array.prefixed = encoding == "default";
  array.separator =
      zarr_choice(keys["configuration"], "separator", ".", "/", array.prefixed ? "/" : ".", where);
}

/// True when big-endian.
bool parse_endian(const JsonView& codec, const std::string& where) {
  return zarr_choice(codec["configuration"], "endian", "little", "big", "little", where) == "big";
}

/// Composes a transposition with those before it.
void parse_transpose(const JsonView& codec, const std::string& where, ZarrArray& array) {
  const std::size_t axes = array.shape.size();
  const auto bad = [&] { fail_damaged(where + ": transpose: \"order\" must name every axis once"); };
  const JsonView order = codec["configuration"]["order"];
  if (const auto text = order.text(); text == "C" || text == "F") {  // of drafts of the specification
    if (text == "F") std::reverse(array.order.begin(), array.order.end());
    return;
  }
  const std::vector<std::int64_t> steps = zarr_extents(order, "order", 0, where);
  if (steps.size() != axes) bad();
  std::vector<int> composed;
  std::vector<bool> named(axes, false);
  for (const std::int64_t step : steps) {
    if (step >= static_cast<std::int64_t>(axes) || named[static_cast<std::size_t>(step)]) bad();
    named[static_cast<std::size_t>(step)] = true;
    composed.push_back(array.order[static_cast<std::size_t>(step)]);
  }
  array.order = composed;
}

/// Codecs of bytes, behind the one that makes bytes of voxels.
ZarrCoding parse_coding(const std::string& name, const std::string& where) {
  for (const ZarrCodec codec : {ZarrCodec::zstd, ZarrCodec::gzip, ZarrCodec::blosc, ZarrCodec::crc32c}) {
    if (name != zarr_codec_name(codec)) continue;
    ZarrCoding coding;
    coding.codec = codec;
    return coding;
  }
  fail_usage(where + ": codec " + name +
             " is not read; bytes, transpose, sharding_indexed, zstd, gzip, blosc and crc32c are");
}

ZarrShardIndex parse_index(const JsonView& configuration, const std::string& where) {
  ZarrShardIndex index;
  index.at_end = zarr_choice(configuration, "index_location", "start", "end", "end", where) == "end";
  const JsonView codecs = configuration["index_codecs"];
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    const std::string name = name_of(codecs.at(i));
    if (i == 0 && name == "bytes")
      index.big_endian = parse_endian(codecs.at(i), where);
    else if (i == 1 && name == "crc32c")
      index.checksum = true;
    else
      fail_usage(where + ": index_codecs: bytes and crc32c are read");
  }
  if (codecs.size() == 0) fail_damaged(where + ": \"index_codecs\" must begin with bytes");
  return index;
}

void parse_codecs(const JsonView& codecs, const std::string& where, bool in_shard, ZarrArray& array);

void parse_sharding(const JsonView& codecs, std::size_t at, bool misplaced, const std::string& where,
                    ZarrArray& array) {
  if (misplaced || at + 1 != codecs.size())
    fail_usage(where + ": sharding_indexed is read as the last codec, behind nothing but transpose");
  const JsonView configuration = codecs.at(at)["configuration"];
  array.shards = parse_index(configuration, where);
  array.shards->order = array.order;
  const std::vector<std::int64_t> chunk = zarr_extents(configuration["chunk_shape"], "chunk_shape", 1, where);
  if (chunk.size() != array.axes() || chunk.size() != array.outer.size())
    fail_damaged(where + ": chunks and shards must have the same number of axes");
  for (std::size_t k = 0; k < chunk.size(); ++k)
    array.chunk[static_cast<std::size_t>(array.order[k])] = chunk[k];
  parse_codecs(configuration["codecs"], where, true, array);
}

void parse_codecs(const JsonView& codecs, const std::string& where, bool in_shard, ZarrArray& array) {
  if (!codecs.is_array() || codecs.size() == 0 || codecs.size() > 16)
    fail_damaged(where + ": \"codecs\" must be a list of codecs");
  bool bytes_seen = false;
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    const JsonView codec = codecs.at(i);
    const std::string name = name_of(codec);
    if (name == "sharding_indexed") return parse_sharding(codecs, i, in_shard || bytes_seen, where, array);
    if (name == "bytes" && !bytes_seen) {
      array.big_endian = parse_endian(codec, where);
      bytes_seen = true;
    } else if (name == "transpose" && !bytes_seen) {
      parse_transpose(codec, where, array);
    } else if (!bytes_seen) {
      fail_usage(std::string(where).append(": codec ").append(name) +
                 " before bytes is not read, transpose is");
    } else {
      array.codings.push_back(parse_coding(name, where));
    }
  }
  if (!bytes_seen) fail_damaged(where + ": \"codecs\" must hold bytes");
}

void parse_names(const JsonView& names, ZarrArray& array) {
  for (std::size_t i = 0; i < names.size() && i < array.axes(); ++i)
    if (const auto name = names.at(i).text()) array.names.push_back(*name);
  if (array.names.size() != array.axes()) array.names.clear();
}

}  // namespace

ZarrArray parse_zarr_v3(const JsonView& json, const std::string& where) {
  if (json["zarr_format"].whole() != 3 || json["node_type"].text() != "array")
    fail_damaged(where + ": \"zarr_format\" must be 3 and \"node_type\" array");
  if (json["storage_transformers"].size() > 0) fail_usage(where + ": storage_transformers are not read");
  ZarrArray array;
  array.shape = zarr_extents(json["shape"], "shape", 0, where);
  parse_type(json, where, array);
  parse_grid(json, where, array);
  array.chunk = array.outer;
  array.order.resize(array.shape.size());
  std::iota(array.order.begin(), array.order.end(), 0);
  array.fill = zarr_fill(json["fill_value"], array.dtype, where);
  parse_codecs(json["codecs"], where, false, array);
  parse_names(json["dimension_names"], array);
  return array;
}

}  // namespace vox
