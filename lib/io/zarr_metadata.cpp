// The JSON of stores that are written.
#include "core/json_text.h"
#include "core/version.h"
#include "io/embedded_meta.h"
#include "io/zarr.h"
#include "io/zarr_store.h"

namespace vox {
namespace {

std::array<std::int64_t, 3> list_of(const Extent3& extent) { return {extent.z, extent.y, extent.x}; }

/// Codecs of version 3: an object with a name and a configuration.
std::string codec_json(const std::string& name, const JsonObject& configuration) {
  return JsonObject().add("name", name).add("configuration", configuration).text();
}

std::string bytes_json(std::int64_t element) {
  if (element == 1) return JsonObject().add("name", std::string("bytes")).text();
  return codec_json("bytes", JsonObject().add("endian", std::string("little")));
}

std::string coding_json(const ZarrCoding& coding, std::int64_t element) {
  JsonObject configuration;
  if (coding.codec == ZarrCodec::blosc) {
    configuration.add("cname", coding.blosc_codec)
        .add("clevel", coding.level)
        .add("shuffle", std::string("bitshuffle"));
    configuration.add("typesize", element).add("blocksize", 0);
  } else {
    configuration.add("level", coding.level);
    if (coding.codec == ZarrCodec::zstd) configuration.add("checksum", false);
  }
  return codec_json(zarr_codec_name(coding.codec), configuration);
}

JsonArray chunk_codecs(const ZarrArraySpec& spec) {
  const std::int64_t element = size_of(spec.meta.dtype);
  JsonArray codecs;
  codecs.add_json(bytes_json(element));
  if (spec.coding) codecs.add_json(coding_json(*spec.coding, element));
  return codecs;
}

JsonArray array_codecs(const ZarrArraySpec& spec) {
  if (!spec.layout.sharded()) return chunk_codecs(spec);
  JsonArray index;
  index.add_json(bytes_json(8)).add_json(JsonObject().add("name", std::string("crc32c")).text());
  JsonObject configuration;
  configuration.add("chunk_shape", list_of(spec.layout.chunk)).add("codecs", chunk_codecs(spec));
  configuration.add("index_codecs", index).add("index_location", std::string("end"));
  return JsonArray().add_json(codec_json("sharding_indexed", configuration));
}

std::string array_json_v3(const ZarrArraySpec& spec) {
  JsonObject json;
  json.add("zarr_format", 3).add("node_type", std::string("array")).add("shape", list_of(spec.meta.shape));
  json.add("data_type", dtype_name(spec.meta.dtype));
  json.add_json("chunk_grid",
                codec_json("regular", JsonObject().add("chunk_shape", list_of(spec.layout.shard))));
  json.add_json("chunk_key_encoding", codec_json("default", JsonObject().add("separator", std::string("/"))));
  json.add_json("fill_value", is_float(spec.meta.dtype) ? "0.0" : "0").add("codecs", array_codecs(spec));
  json.add("attributes", JsonObject()).add("dimension_names", std::vector<std::string>{"z", "y", "x"});
  return json.text() + "\n";
}

std::string compressor_v2(const std::optional<ZarrCoding>& coding) {
  if (!coding) return "null";
  JsonObject json;
  json.add("id", zarr_codec_name(coding->codec));
  if (coding->codec == ZarrCodec::blosc)
    json.add("cname", coding->blosc_codec).add("clevel", coding->level).add("shuffle", 2).add("blocksize", 0);
  else
    json.add("level", coding->level);
  return json.text();
}

std::string array_json_v2(const ZarrArraySpec& spec) {
  const DType dtype = spec.meta.dtype;
  const std::int64_t element = size_of(dtype);
  const std::string type = std::string(element == 1 ? "|" : "<") +
                           (is_float(dtype)    ? "f"
                            : is_signed(dtype) ? "i"
                                               : "u") +
                           std::to_string(element);
  JsonObject json;
  json.add("zarr_format", 2).add("shape", list_of(spec.meta.shape)).add("chunks", list_of(spec.layout.chunk));
  json.add("dtype", type).add_json("compressor", compressor_v2(spec.coding));
  json.add_json("fill_value", is_float(dtype) ? "0.0" : "0")
      .add("order", std::string("C"))
      .add_json("filters", "null");
  return json.add("dimension_separator", std::string("/")).text() + "\n";
}

JsonArray axes_json(const VolumeMeta& meta) {
  JsonArray axes;
  for (const char* name : {"z", "y", "x"}) {
    JsonObject axis;
    axis.add("name", std::string(name)).add("type", std::string("space"));
    if (meta.unit) axis.add("unit", *meta.unit);
    axes.add(axis);
  }
  return axes;
}

/// Scale and, where the first voxel's centre is not 0, translation: a voxel that stands for several has its
/// centre between theirs. What is not known of the spacing is the number of voxels.
JsonArray transformations_json(const VolumeMeta& meta, const Extent3& factor) {
  const Vector3 base = meta.spacing.value_or(Vector3{1, 1, 1});
  const Vector3 factors{static_cast<double>(factor.z), static_cast<double>(factor.y),
                        static_cast<double>(factor.x)};
  Vector3 scale{}, translation = meta.origin.value_or(Vector3{0, 0, 0});
  bool moved = meta.origin.has_value();
  for (std::size_t i = 0; i < 3; ++i) {
    scale[i] = base[i] * factors[i];
    translation[i] += (scale[i] - base[i]) / 2;
    moved = moved || factors[i] > 1;
  }
  JsonArray list;
  list.add(JsonObject().add("type", std::string("scale")).add("scale", scale));
  if (moved) list.add(JsonObject().add("type", std::string("translation")).add("translation", translation));
  return list;
}

JsonObject multiscale_json(const MultiscalePlan& plan, const std::string& name) {
  JsonObject json;
  if (plan.version == OmeVersion::v04) json.add("version", std::string("0.4"));
  json.add("name", name).add("axes", axes_json(plan.meta));
  JsonArray datasets;
  for (std::size_t i = 0; i < plan.levels.size(); ++i)
    datasets.add(
        JsonObject()
            .add("path", std::to_string(i))
            .add("coordinateTransformations", transformations_json(plan.meta, plan.levels[i].factor)));
  json.add("datasets", datasets);
  if (plan.method.empty()) return json;
  return json.add("type", plan.method)
      .add("metadata",
           JsonObject().add("method", "voxpipe " + plan.method).add("version", std::string(version())));
}

/// What viewers need to show grey values without looking at all of them.
JsonObject omero_json(const std::string& name, const Range& range) {
  JsonObject window;
  window.add("min", range.low).add("max", range.high).add("start", range.low).add("end", range.high);
  JsonObject channel;
  channel.add("active", true).add("color", std::string("FFFFFF")).add("label", name).add("window", window);
  return JsonObject()
      .add("channels", JsonArray().add(channel))
      .add("rdefs", JsonObject().add("model", std::string("greyscale")));
}

JsonObject label_json(const MultiscalePlan& plan, const std::string& version) {
  JsonObject label;
  label.add("version", version);
  if (!plan.labels_of.empty()) label.add("source", JsonObject().add("image", plan.labels_of));
  return label;
}

void add_ome(const MultiscalePlan& plan, const std::string& name, const std::optional<Range>& range,
             JsonObject& json) {
  json.add("multiscales", JsonArray().add(multiscale_json(plan, name)));
  if (plan.meta.kind == Kind::intensity && range) json.add("omero", omero_json(name, *range));
  const std::string own = plan.version == OmeVersion::v05 ? "0.5" : "0.4";
  if (plan.meta.kind == Kind::labels && !is_float(plan.meta.dtype))
    json.add("image-label", label_json(plan, own));
}

}  // namespace

std::string zarr_array_json(const ZarrArraySpec& spec, OmeVersion version) {
  return version == OmeVersion::v05 ? array_json_v3(spec) : array_json_v2(spec);
}

std::vector<std::pair<std::string, std::string>> zarr_group_files(const MultiscalePlan& plan,
                                                                  const std::string& name,
                                                                  const std::optional<Range>& range) {
  JsonObject ome;
  if (plan.version == OmeVersion::v04) {
    add_ome(plan, name, range, ome);
    ome.add_json("voxpipe", embedded_meta(plan.meta));
    return {{".zattrs", ome.text() + "\n"}, {".zgroup", JsonObject().add("zarr_format", 2).text() + "\n"}};
  }
  ome.add("version", std::string("0.5"));
  add_ome(plan, name, range, ome);
  JsonObject attributes;
  attributes.add("ome", ome).add_json("voxpipe", embedded_meta(plan.meta));
  JsonObject json;
  json.add("zarr_format", 3).add("node_type", std::string("group")).add("attributes", attributes);
  return {{"zarr.json", json.text() + "\n"}};
}

MetaFields zarr_fields(const VolumeMeta&) { return {.spacing = true, .unit = true, .origin = true}; }

}  // namespace vox
