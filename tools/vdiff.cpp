// Tells whether two volumes are equal, and how far they differ: streaming; a few blocks of rows of both.
//
//   vfilter median -r 1 scan.tif - | vdiff - reference.tif --tolerance 1
#include "cli/context.h"
#include "cli/tool.h"
#include "core/error.h"
#include "core/json_text.h"
#include "ops/stats/compare.h"
#include "ops/stats/compare_labels.h"
#include "ops/stats/compare_report.h"

namespace {

struct Options {
  std::string a;
  std::string b;
  double tolerance = 0;
  bool labels = false;
  bool json = false;
};

/// Spacing, unit and origin are not compared, but a difference is worth a line.
void note_metadata(const vox::VolumeMeta& a, const vox::VolumeMeta& b, vox::Context& context) {
  std::string names;
  const auto note = [&names](bool same, const char* name) {
    if (!same) names += (names.empty() ? "" : ", ") + std::string(name);
  };
  note(a.spacing == b.spacing, "spacing");
  note(a.unit == b.unit, "unit");
  note(a.origin == b.origin, "origin");
  if (!names.empty()) context.say("note: " + names + " differ; only voxels are compared");
}

/// Voxels of volumes of unlike shape are not compared at all.
void print_shapes(const Options& options, const vox::Extent3& a, const vox::Extent3& b,
                  vox::Context& context) {
  vox::JsonObject json;
  json.add("equal", false);
  json.add("shape_a", std::array{a.z, a.y, a.x}).add("shape_b", std::array{b.z, b.y, b.x});
  context.print(options.json ? json.text() + "\n"
                             : "different shapes: " + vox::to_string(a) + " and " + vox::to_string(b) + "\n");
}

void run(const Options& options, vox::Context& context) {
  if (!(options.tolerance >= 0)) vox::fail_usage("--tolerance: must be 0 or more");
  if (options.a == "-" && options.b == "-")
    vox::fail_usage("A and B are both standard input; name a file for one");
  const auto a = context.inputs().open(options.a);
  const auto b = context.inputs().open(options.b);
  if (a->meta().shape != b->meta().shape) {
    context.set_exit_status(1);
    return print_shapes(options, a->meta().shape, b->meta().shape, context);
  }
  note_metadata(a->meta(), b->meta(), context);
  if (options.labels) {
    if (vox::is_float(a->meta().dtype) || vox::is_float(b->meta().dtype))
      vox::fail_usage(
          "--labels: labels are integers, and a volume is of floating type; convert it with vconvert -t");
    vox::CompareLabelsReducer reducer(a->meta().shape);
    context.reduce(*a, reducer, b.get());
    if (context.explaining()) return;
    const vox::LabelComparison found = reducer.result();
    context.print(options.json ? vox::comparison_json(found) : vox::comparison_text(found));
    context.set_exit_status(found.equal() ? 0 : 1);
  } else {
    vox::CompareReducer reducer(a->meta().shape, options.tolerance);
    context.reduce(*a, reducer, b.get());
    if (context.explaining()) return;
    const vox::Comparison found = reducer.result();
    context.print(options.json ? vox::comparison_json(found, options.tolerance)
                               : vox::comparison_text(found, options.tolerance));
    context.set_exit_status(found.equal() ? 0 : 1);
  }
}

vox::ToolCard describe(Options& options) {
  vox::ToolCard card;
  card.name = "vdiff";
  card.summary = "Tell whether two volumes are equal, and how far they differ";
  card.description = {
      "Voxels are compared as values, whatever the types; 64-bit integers exactly. NaN equals NaN, an "
      "infinity itself. A voxel differs when |A - B| exceeds the tolerance, or when it is NaN or infinite in "
      "one volume only; such voxels are left out of maximum, mean and PSNR. The peak of the PSNR is the "
      "range of A's finite voxels. The first difference is the first in scan order (z, then y, then x).",
      "With --labels, volumes are equal when a one-to-one renumbering turns A into B; background (0) must "
      "stay. The first difference is then the first voxel that the renumbering so far cannot explain.",
      "Metadata is not compared; a note says when spacing, unit or origin differ. Exit status: 0 equal, 1 "
      "different (also in shape), 2 and above trouble."};
  card.one_means = "the volumes differ, also in shape";
  card.memory = "streaming; a few blocks of rows of both (with --labels also the labels)";
  card.examples = {
      {"vdiff scan.tif scan.tif", "equal"},
      {"vconvert -t uint8 scan.tif - | vdiff - scan.tif --tolerance 65535 --json", "how far, for programs"},
      {"vdiff --labels mask.tif mask.tif", "same objects, whatever their numbers"}};
  card.common.output = false;
  card.positional("A", "A volume, or - for standard input", options.a);
  card.positional("B", "Another volume, or - for standard input", options.b);
  card.params.value("tolerance", 0, "T", "Largest difference that counts as equal", options.tolerance)
      .default_is("0");
  card.params.flag("labels", 0, "Equal up to a renumbering of labels", options.labels)
      .not_with({"tolerance"});
  card.params.flag("json", 0, "Print JSON", options.json).execution_only();
  card.run = [&](vox::Context& context) { run(options, context); };
  return card;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return vox::tool_main(argc, argv, describe(options));
}
