// vresample: another spacing, zoom or shape.
// Streaming: holds the planes that the kernel reaches, or bands of their rows.
//   vresample --isotropic scan.tif isotropic.tif
#include <optional>

#include "cli/context.h"
#include "cli/tool.h"
#include "core/error.h"
#include "core/unit_ratio.h"
#include "engine/resample.h"

namespace {

using namespace vox;
using Lengths = std::array<Length, 3>;

struct Options {
  std::optional<Lengths> spacing;
  std::optional<Vector3> zoom;
  std::optional<Extent3> shape;
  std::optional<std::string> isotropic;
  std::optional<std::string> method;
  bool no_antialias = false;
  std::string input = "-";
  std::string output = "-";
};

constexpr const char* kSmallest = "smallest";

void describe(ToolCard& card, Options& options) {
  card.name = "vresample";
  card.summary = "Resample a volume to another spacing, zoom or shape";
  card.description = {
      "Voxels are cells: the volume's first corner stays, voxel i of the result samples position (i + 0.5) * "
      "ratio - 0.5 of the input, where ratio is the new spacing over the old. A size is n * spacing / new "
      "spacing, rounded half to even, at least 1; the new spacing is kept exactly (with --to-shape the "
      "extent is). The new origin is origin + (new spacing - spacing) / 2. With --zoom and --to-shape a "
      "volume without spacing counts as one of spacing 1. An axis that stays is not touched.",
      "Methods: nearest takes voxel floor((i + 0.5) * ratio); linear; cubic is Catmull-Rom's; bspline the "
      "cubic spline through all voxels, its prefilter cut off below single precision; lanczos a sinc "
      "windowed to three voxels; area the exact mean of the box that the new voxel covers (at the volume's "
      "end of what is inside); mode the most frequent voxel whose centre lies in that box, of several the "
      "smallest, nearest where there is none. Beyond the faces the volume is "
      "mirrored (d c b a | a b c d | d c b a: scipy's grid-mirror), which for linear is the same as "
      "repeating the last voxel. Of labels and masks only nearest (the default) and mode are allowed.",
      "Along an axis that shrinks, the kernels of linear, cubic, bspline and lanczos are widened by the "
      "ratio, so that nothing aliases; --no-antialias keeps them as they are. Their weights add up to 1 and "
      "have their centre at the position, so that a ramp stays one.",
      "The voxel type stays. 8-bit integers, float16 and float32 are computed in single precision, all other "
      "types in double; integers are rounded once, half to even, and saturate. A NaN or infinity makes NaN "
      "or infinite what its kernel reaches; with bspline a NaN spreads along whole rows and far along the "
      "other axes.",
      "Where the planes that the kernel reaches do not fit --memory (with bspline some 55 planes of the "
      "result at 4 or 8 bytes a voxel), bands of rows are made one after the other, and what cannot be read "
      "or written at any place is spooled to --tmpdir then: the whole of an input from a pipe, and the whole "
      "result for a pipe, an OME-Zarr or a compressed file. --explain says how much it is."};
  card.memory = "streaming; the planes that the kernel reaches, with bspline some 50, or bands of their rows";
  card.examples = {
      {"vresample --isotropic scan.tif isotropic.tif", "to the smallest spacing on all axes"},
      {"vresample --spacing 2,1,1 --unit um -s 1um -m cubic scan.tif - | vinfo -", "to a spacing, in a pipe"},
      {"vresample -z 0.5 -m area scan.tif half.tif", "half the size, by the mean"},
      {"vresample --kind mask --to-shape 8,8,8 mask.tif small.tif", "a mask, by the nearest voxel"}};
  card.input_output(options.input, options.output);
  card.params
      .value("to-spacing", 's', "Z,Y,X", "New spacing, in the volume's unit or with one (0.5um)",
             options.spacing)
      .not_with({"to-shape", "isotropic"});
  card.params
      .value("zoom", 'z', "F", "Enlarge by this factor, one or Z,Y,X; divides a new spacing", options.zoom)
      .not_with({"to-shape"});
  card.params.value("to-shape", 0, "Z,Y,X", "New shape in voxels; the extent is kept", options.shape)
      .not_with({"to-spacing", "zoom", "isotropic"});
  Param& isotropic = card.params.value(
      "isotropic", 0, "LENGTH", "The same spacing on all axes: the smallest, or this one", options.isotropic);
  isotropic.optional_value = kSmallest;
  isotropic.not_with({"to-spacing", "to-shape"});
  card.params.value("method", 'm', "METHOD", "How voxels are made", options.method)
      .one_of({"nearest", "linear", "cubic", "bspline", "lanczos", "area", "mode"})
      .default_is("linear; nearest for labels and masks");
  card.params.flag("no-antialias", 0, "do not widen kernels where the volume shrinks", options.no_antialias);
}

/// A length that counts in the volume's own unit when it names none.
double in_unit_of(const VolumeMeta& meta, const Length& length) {
  if (length.unit.empty() || length.unit == meta.unit) return length.value;
  const double own = meta.unit ? unit_in_metres(*meta.unit) : 0;
  if (own == 0)
    fail_usage("the volume's spacing has no unit that " + unit_short_name(length.unit) +
               " can be turned into; name it with --unit");
  return length.value * unit_ratio(length.unit, *meta.unit);
}

ResampleWish wish_of(const Options& options, const VolumeMeta& meta) {
  if (!options.spacing && !options.zoom && !options.shape && !options.isotropic)
    fail_usage("nothing to do: give --to-spacing, --zoom, --to-shape or --isotropic");
  ResampleWish wish;
  wish.shape = options.shape;
  wish.zoom = options.zoom.value_or(Vector3{1, 1, 1});
  if (options.spacing) {
    Vector3& spacing = wish.spacing.emplace();
    for (std::size_t i = 0; i < 3; ++i) spacing[i] = in_unit_of(meta, (*options.spacing)[i]);
  }
  if (options.isotropic) {
    const Vector3 own = meta.spacing.value_or(Vector3{1, 1, 1});
    const double length = *options.isotropic == kSmallest
                              ? std::min({own[0], own[1], own[2]})
                              : in_unit_of(meta, parse_length(*options.isotropic));
    wish.spacing = Vector3{length, length, length};
  }
  return wish;
}

ResampleMethod method_of(const Options& options, Kind kind) {
  if (!options.method) return kind == Kind::intensity ? ResampleMethod::linear : ResampleMethod::nearest;
  const ResampleMethod method = parse_resample_method(*options.method);
  if (kind != Kind::intensity && method != ResampleMethod::nearest && method != ResampleMethod::mode)
    fail_usage("--method " + *options.method + " would mix " + std::string(kind_name(kind)) +
               "; use nearest or mode, or --kind intensity");
  return method;
}

void run(const Options& options, Context& context) {
  auto source = context.inputs().open(options.input);
  const VolumeMeta meta = source->meta();
  const ResampleWish wish = wish_of(options, meta);
  const Resample resample(method_of(options, meta.kind), !options.no_antialias, meta.dtype,
                          resample_grid(meta, wish));
  context.inputs().scratch_beside(options.output);
  VolumePass pass;
  pass.plan = [&](const SlabSink* sink, const Interval& planes) {
    if (!source->seekable() && resample_rereads(*source, resample, sink, context.resources()))
      source = context.inputs().rereadable(std::move(source), options.output);
    return plan_resample(*source, resample, sink, context.resources(), planes);
  };
  pass.run = [&](SlabSink& sink, const Interval& planes) {
    run_resample(*source, resample, sink, context.resources(), planes);
    return Tally{};
  };
  context.write(resampled_meta(meta, wish), options.output, pass);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  ToolCard card;
  describe(card, options);
  card.run = [&options](Context& context) { run(options, context); };
  return tool_main(argc, argv, card);
}
