// vproject: projections along an axis.
// Streaming: holds the sums of one plane; the median along z takes the volume in bands of rows.
//   vproject max scan.tif mip.tif
#include "vproject.h"

#include "cli/tool.h"

namespace {

using namespace vox;

struct Method {
  ProjectionMethod method;
  const char* name;
  const char* summary;
  const char* description;
  Example example;
};

const Method kMethods[] = {
    {ProjectionMethod::max,
     "max",
     "Largest voxel along an axis",
     "The voxel type stays, and of labels and masks the kind.",
     {"vproject max scan.tif mip.tif", "a maximum intensity projection"}},
    {ProjectionMethod::min,
     "min",
     "Smallest voxel along an axis",
     "The voxel type stays, and of labels and masks the kind.",
     {"vproject min -a y scan.tif min.tif", "along y"}},
    {ProjectionMethod::mean,
     "mean",
     "Mean along an axis",
     "float32, rounded once: sums of integers are exact, those of floating types carry twice the digits of "
     "double precision.",
     {"vproject mean --roi 2:10,:,: scan.tif mean.tif", "of some planes"}},
    {ProjectionMethod::sum,
     "sum",
     "Sum along an axis",
     "int64 for signed and uint64 for unsigned integers, exact (a sum that exceeds 64 bits is an error); "
     "float64 for floating types, from sums that carry twice the digits of double precision.",
     {"vproject sum mask.tif thickness.nrrd", "how much of the mask lies behind each pixel"}},
    {ProjectionMethod::std,
     "std",
     "Standard deviation along an axis",
     "float32, of the population (divided by n). Exact sums for integers of up to 16 bits; else in double "
     "precision around the first voxel of each line, so that nothing cancels.",
     {"vproject std scan.tif std.tif", "where something changes along z"}},
    {ProjectionMethod::median,
     "median",
     "Exact median along an axis",
     "float32: the middle, or the mean of both middle voxels. Along z whole lines are read in bands of rows, "
     "as large as the memory allows for compressed files; a pipe is spooled.",
     {"vproject median -a x scan.tif median.tif", "along x"}}};

constexpr const char* kOfLines =
    "A NaN makes its whole line NaN; infinities count as values. The axis stays, with one voxel as thick as the "
    "volume, its centre in the middle.";

void run(const Method& method, const ProjectOptions& options, Context& context) {
  const Axis axis = options.axis == "z" ? Axis::z : options.axis == "y" ? Axis::y : Axis::x;
  const ProjectSpec spec{method.method, axis};
  auto source = context.inputs().open(options.input);
  if (axis == Axis::z && context.options().part) return run_project_part(spec, options, *source, context);
  const VolumeMeta meta = source->meta();
  VolumePass pass;
  pass.plan = [&](const SlabSink* sink, const Interval& planes) {
    if (!source->seekable() && project_rereads(*source, spec, sink, context.resources()))
      source = context.inputs().rereadable(std::move(source), options.output);
    return plan_project(*source, spec, sink, context.resources(), planes);
  };
  pass.run = [&](SlabSink& sink, const Interval& planes) {
    run_project(*source, spec, sink, context.resources(), planes);
    return Tally{};
  };
  context.write(projected_meta(meta, spec.method, spec.axis), options.output, pass);
}

ToolCard card_of(const Method& method, ProjectOptions& options) {
  ToolCard card;
  card.name = method.name;
  card.summary = method.summary;
  card.description = {method.description,
                      std::string(kOfLines) + " The map to original intensities stays right."};
  card.memory = method.method == ProjectionMethod::median
                    ? "a band of whole lines; along z a pipe is spooled"
                    : "streaming; sums of one plane or band along z, else a few planes or tiles";
  card.examples = {method.example};
  card.input_output(options.input, options.output);
  card.params.value("axis", 'a', "AXIS", "The axis that is projected", options.axis)
      .one_of({"z", "y", "x"})
      .default_is("z");
  card.run = [&method, &options](Context& context) { run(method, options, context); };
  return card;
}

void describe(ToolCard& card, ProjectOptions& options) {
  card.name = "vproject";
  card.summary = "Project a volume along an axis: max, min, mean, sum, std or median";
  card.description = {
      "Every line of voxels along the axis becomes one voxel. Voxels of a line are taken in their order, so "
      "that digits depend on nothing else.",
      kOfLines};
  card.memory = "streaming; sums of one plane or band along z, else a few planes or tiles";
  card.examples = {{"vproject max scan.tif mip.tif", "a maximum intensity projection"},
                   {"vclip -p 1,99 scan.tif | vproject mean -a y - side.tif", "from the side, in a pipe"}};
  for (const Method& method : kMethods) card.subcommands.push_back(card_of(method, options));
}

}  // namespace

int main(int argc, char** argv) {
  ProjectOptions options;
  ToolCard card;
  describe(card, options);
  return tool_main(argc, argv, card);
}
