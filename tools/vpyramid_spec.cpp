// From the words of the user to the levels and the layout of a pyramid.
#include <algorithm>

#include "core/error.h"
#include "ops/pyramid/levels.h"
#include "vpyramid.h"

using namespace vox;

namespace {

constexpr std::int64_t kLargestChunk = 1 << 20;

Extent3 positive(const char* option, const Extent3& extent, std::int64_t most) {
  const auto [smallest, largest] = std::minmax({extent.z, extent.y, extent.x});
  if (smallest < 1 || largest > most)
    fail_usage(std::string("--") + option + ": must be from 1 to " + std::to_string(most) +
               " along every axis");
  return extent;
}

ShrinkMethod method_of(const PyramidOptions& options, Kind kind) {
  const bool blends = options.method == "mean" || options.method == "gaussian";
  if (kind == Kind::labels && blends)
    fail_usage("--method " + options.method +
               ": labels must not be averaged; choose mode, nearest, max or min");
  if (options.method == "auto") return kind == Kind::intensity ? ShrinkMethod::mean : ShrinkMethod::mode;
  return shrink_method_named(options.method).value_or(ShrinkMethod::mean);
}

/// What the user wants of the factors.
PyramidWish wish_of(const PyramidOptions& options, const MultiscaleFormat& format) {
  PyramidWish wish;
  wish.keeps_planes = format.keeps_planes;
  if (options.levels && (*options.levels < 1 || *options.levels > 64))
    fail_usage("--levels: must be from 1 to 64");
  wish.levels = options.levels;
  if (options.chunk) wish.chunk = positive("chunk", *options.chunk, kLargestChunk);
  if (options.factor == "auto") return wish;
  wish.factor.emplace();
  parse_value(options.factor, *wish.factor);
  positive("factor", *wish.factor, 64);
  if (format.keeps_planes && options.factor.find(',') != std::string::npos && wish.factor->z != 1)
    fail_usage("--factor " + options.factor + ": the levels of an OME-TIFF have all planes; begin with 1");
  return wish;
}

void set_shards(const PyramidOptions& options, PyramidSpec& spec) {
  const bool any = options.shard == "auto" || options.shard == "none";
  spec.layout.sharded = options.shard != "none" && spec.version == OmeVersion::v05;
  if (any) return;
  if (!spec.layout.sharded)
    fail_usage("--shard: OME-Zarr 0.4 has no shards; leave it out or choose --ome 0.5");
  if (!options.chunk) fail_usage("--shard " + options.shard + ": needs --chunk, of which it is a multiple");
  spec.layout.shard.emplace();
  parse_value(options.shard, *spec.layout.shard);
  positive("shard", *spec.layout.shard, kLargestChunk);
}

}  // namespace

PyramidSpec pyramid_spec(const PyramidOptions& options, const VolumeMeta& meta,
                         const MultiscaleFormat& format) {
  if (!format.has_chunks && (options.ome || options.shard != "auto"))
    fail_usage("--ome and --shard are of OME-Zarr; leave them out or name an output that ends in .ome.zarr");
  PyramidSpec spec;
  spec.planes_in_turn = format.keeps_planes;
  spec.method = method_of(options, meta.kind);
  spec.steps = pyramid_steps(meta, wish_of(options, format));
  spec.version = options.ome == "0.4" ? OmeVersion::v04 : OmeVersion::v05;
  spec.layout.chunk = options.chunk;
  set_shards(options, spec);
  return spec;
}

PyramidSpec label_spec(const PyramidOptions& options, const ZarrLabelled& image) {
  if (options.levels || options.factor != "auto" || options.ome)
    fail_usage("--levels, --factor and --ome are the image's with --label-of; leave them out");
  PyramidSpec spec;
  spec.method = method_of(options, Kind::labels);
  spec.steps = image.factors;
  spec.version = image.version;
  spec.layout.chunk = options.chunk;
  spec.labels_of = kImageOfLabels;
  set_shards(options, spec);
  return spec;
}
