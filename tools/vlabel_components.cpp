// vlabel components: its card.
#include "vlabel_components.h"

#include <memory>

#include "ops/label/label_type.h"
#include "vlabel.h"

namespace {

using namespace vox;

void describe(ToolCard& card, ComponentsOptions& options) {
  card.name = "components";
  card.summary = "Number the connected objects of a volume";
  card.description = {
      "Objects are made of voxels that are not zero (NaN is not), or lie inside the thresholds given, for "
      "which NaN is outside. Labels are 1 to N by the first voxel in scan order, or by size. Of objects, "
      "those that touch the border or are too small go first, then all but the largest; of equally large "
      "ones the first stays. With --multi NaN equals NaN.",
      "The number of labels N is the last line on standard output, or on standard error when labels go to "
      "standard output. With /dev/null as OUTPUT no labels are written, for the number or a --table alone.",
      "Parts (--part K/N) share the pass that finds objects with --pass reduce, then --pass map, as vpart "
      "runs them; the part that has the first plane then writes the --table and the number."};
  card.memory =
      "two passes, of which one reads (with --otsu one more, and a pipe is spooled); objects, a plane of "
      "runs, and, where labels are written, all runs, which are spooled when they do not fit";
  card.examples = {
      {"vlabel components mask.tif labels.tif", "of a mask"},
      {"vlabel components -n 26 --otsu --min-size 100um3 --table objects.csv scan.tif labels.tif",
       "bright objects, the small ones left out, and a table"},
      {"vlabel components --above 30000 --keep-largest 1 scan.tif - | vinfo -", "in a pipe"}};
  card.input_output(options.input, options.output);
  Params& params = card.params;
  params
      .value("connectivity", 'n', "N",
             "neighbours of a voxel: 6 share a face, 18 an edge too, 26 a corner too",
             options.request.connectivity)
      .one_of({"6", "18", "26"})
      .default_is("6");
  options.threshold.declare(params);
  params.flag("multi", 0, "neighbours connect only if they are equal", options.request.by_value);
  params.value("min-size", 0, "N", "drop smaller objects: voxels, or a volume such as 500um3",
               options.min_size);
  params.value("keep-largest", 0, "K", "drop all but the K largest objects", options.choice.keep_largest);
  params.flag("drop-border", 0, "drop objects that touch the volume's border", options.choice.drop_border);
  params
      .option("sort", 0, "ORDER", "number objects by first voxel (scan) or from the largest (size)",
              [&options](std::string_view text) { options.choice.by_size = text == "size"; })
      .one_of({"scan", "size"})
      .default_is("scan");
  params
      .value("table", 0, "FILE",
             "write measurements too, CSV or JSON as of vlabel measure, replacing an existing file",
             options.table)
      .execution_only()
      .path();
  Param& dtype =
      params.value("dtype", 't', "T", "type of the labels; an error when they do not fit", options.dtype)
          .default_is("the smallest of uint8, uint16, uint32 and uint64");
  dtype.choices = label_type_names();
}

}  // namespace

void add_components(ToolCard& card) {
  const auto options = std::make_shared<ComponentsOptions>();
  describe(card, *options);
  card.run = [options](Context& context) { run_components(*options, context); };
}
