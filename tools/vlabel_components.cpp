// vlabel components: one pass finds the runs of objects, a second one writes labels from them.
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "engine/labelled_runs.h"
#include "vlabel.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  ComponentRequest request;
};

void describe(ToolCard& card, Options& options) {
  card.name = "components";
  card.summary = "Number the connected objects of a volume";
  card.memory =
      "two passes, the input is read once; the objects, a plane, and runs that are spooled when they do not "
      "fit";
  card.examples = {{"vlabel components mask.tif labels.tif", "of a mask"}};
  card.input_output(options.input, options.output);
  card.params
      .value("connectivity", 'n', "N",
             "neighbours of a voxel: 6 share a face, 18 an edge too, 26 a corner too",
             options.request.connectivity)
      .one_of({"6", "18", "26"})
      .default_is("6");
  card.params.flag("multi", 0, "neighbours connect only if they are equal", options.request.by_value);
}

DType label_type(std::int64_t count) {
  return count <= 0xff         ? DType::uint8
         : count <= 0xffff     ? DType::uint16
         : count <= 0xffffffff ? DType::uint32
                               : DType::uint64;
}

void run(Options& options, Context& context) {
  const auto source = context.open_input(options.input);
  context.begin_pass(plan_components(*source, options.request, context.resources()));
  const auto runs = find_components(*source, options.request, context.resources());
  VolumeMeta meta = source->meta();
  meta.dtype = label_type(runs->objects());
  meta.kind = Kind::labels;
  meta.range.reset();
  meta.value_map.reset();
  runs->set_labels(size_of(meta.dtype),
                   [](std::int64_t object) { return static_cast<std::uint64_t>(object) + 1; });
  const auto labels = painted(*runs, meta, source->info());
  context.map(*labels, {}, options.output);
  context.print(std::to_string(runs->objects()) + "\n");
}

}  // namespace

void add_components(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
