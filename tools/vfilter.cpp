// vfilter: filters that look at the neighbourhood of every voxel; one subcommand per filter of the table of
// kernels. Streaming: holds the planes that the filter's neighbourhood needs.
//   vclip -p 0.1,99.9 scan.tif | vfilter median -r 1 - | vfilter threshold --otsu - mask.tif
#include <deque>
#include <optional>

#include "cli/context.h"
#include "cli/tool.h"
#include "core/numbers.h"
#include "ops/intensity/convert.h"
#include "ops/intensity/fits_type.h"
#include "ops/kernel_table.h"

namespace {

using namespace vox;

/// What the user said to one subcommand.
struct Command {
  std::string input = "-";
  std::string output = "-";
  Boundary boundary;
  std::optional<DType> dtype;
  std::unique_ptr<KernelSpec> filter;
};

void describe(ToolCard& card, const KernelEntry& entry, Command& command) {
  const std::string name(entry.name);
  card.name = name;
  card.summary = entry.summary;
  card.description = {std::string(entry.description)};
  card.memory = "streaming; the planes of the neighbourhood";
  card.examples = {
      {"vfilter " + name + " " + std::string(entry.example) + " scan.tif " + name + ".tif", "to a file"}};
  card.input_output(command.input, command.output);
  command.filter->declare(card.params);
  declare_boundary(card.params, command.boundary);
  card.params.value("dtype", 't', "T", "voxel type of the output; half to even, saturating", command.dtype)
      .default_is("the filter's");
}

void say_losses(const Tally& tally, Context& context) {
  if (tally.nan > 0) context.say(format_count(tally.nan) + " NaN became 0");
  if (tally.saturated > 0)
    context.say(format_count(tally.saturated) + " voxels did not fit the type and became its end");
}

void run(Command& command, Context& context) {
  auto source = context.inputs().open(command.input);
  if (command.boundary.mode == BoundaryMode::constant)
    check_fits("--cval", command.boundary.value, source->meta().dtype);
  if (command.filter->must_look() || command.boundary.mode == BoundaryMode::wrap)
    source = context.inputs().rereadable(std::move(source), command.output);
  if (command.filter->must_look())
    command.filter->look(source->meta(), [&](Reducer& reducer) { context.reduce(*source, reducer); });
  command.filter->look_outside(command.boundary);
  const KernelChain chain = command.filter->build(source->meta(), command.dtype);
  KernelList kernels;
  for (const auto& kernel : chain) kernels.push_back(kernel.get());
  std::optional<Convert> convert;
  if (command.dtype && output_meta(source->meta(), kernels).dtype != *command.dtype)
    kernels.push_back(&convert.emplace(*command.dtype));
  context.map(*source, kernels, command.output, command.boundary);
  if (!context.explaining()) say_losses(context.tally(), context);
}

}  // namespace

int main(int argc, char** argv) {
  ToolCard card;
  card.name = "vfilter";
  card.summary = "Filter every voxel by its neighbourhood: smooth, sharpen, find edges, erode and dilate";
  card.description = {
      "Outside of the volume --boundary says what is seen there, also of masks and between the steps of "
      "filters that have several. With a constant, gradient -s, log and sobel see it also outside of what they "
      "have computed along one axis and filter along the next, as scipy.ndimage does; they divide by the "
      "spacing afterwards. Voxels are the same for any number of threads, memory, file or pipe."};
  card.memory = "streaming; the planes of the neighbourhood";
  std::deque<Command> commands;
  for (const KernelEntry* entry : kernels()) {
    if (entry->family != "filter") continue;
    Command& command = commands.emplace_back();
    command.filter = entry->make_spec();
    ToolCard& subcommand = card.subcommands.emplace_back();
    describe(subcommand, *entry, command);
    subcommand.run = [&command](Context& context) { run(command, context); };
  }
  return tool_main(argc, argv, card);
}
