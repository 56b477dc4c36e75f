// vmap: runs any program on every block of a volume, blocks side by side, and joins what it gives back.
// Streaming: holds the planes of one layer of blocks with their halo.
//   vmap --halo 8 scan.tif smooth.tif -- python3 filter.py
#include <algorithm>
#include <optional>

#include "cli/context.h"
#include "cli/tool.h"
#include "core/error.h"
#include "engine/command_kernel.h"
#include "io/child_process.h"
#include "ops/filter/neighbourhood.h"
#include "ops/intensity/fits_type.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::array<Length, 3> halo{};
  std::optional<Extent3> block;
  std::optional<DType> dtype;
  BlockFormat format = BlockFormat::npy;
  Boundary boundary;
  std::vector<std::string> words;
};

void describe_text(ToolCard& card) {
  card.name = "vmap";
  card.summary = "Run any program on every block of a volume, and join the results";
  card.description = {
      "For each block COMMAND runs once, --threads of them at a time: its standard input gets the block with "
      "its halo, its standard output must give a block of the same shape back, halo included, of voxel type "
      "--dtype. The halo is cut off and the blocks are joined; with a halo as wide as the program looks, "
      "there is no seam. Outside of the volume --boundary says what is seen.",
      "npy: NumPy's format; back come both orders and byte orders, and bool as uint8. raw: the voxels alone, "
      "little-endian, Z slowest. nrrd: attached, with spacing and origin of the block; back comes also gzip.",
      "Environment of COMMAND: VOXPIPE_BLOCK_BOX (Z0:Z1,Y0:Y1,X0:X1 of the block in the volume, without "
      "halo), VOXPIPE_BLOCK_SHAPE (Z,Y,X on standard input, with halo), VOXPIPE_BLOCK_INDEX (from 0, in scan "
      "order), VOXPIPE_BLOCK_COUNT, VOXPIPE_HALO, VOXPIPE_SHAPE (of the volume), VOXPIPE_DTYPE, "
      "VOXPIPE_OUTPUT_DTYPE; and where they are known VOXPIPE_SPACING, VOXPIPE_UNIT, VOXPIPE_ORIGIN (of the "
      "volume).",
      "The blocks are the same for any number of threads, file or pipe; those of the default are written "
      "into the history. A command that fails, or gives a block of another shape or type back, fails the "
      "run, and the end of its standard error is shown (of others with --verbose). The value map is kept "
      "when the voxel type is, and --kind says what the results are."};
  card.memory = "streaming; the planes of one layer of blocks with halo; what COMMAND takes comes on top";
  card.examples = {{"vmap --halo 8 scan.tif smooth.tif -- python3 -c '\n"
                    "import io, sys, numpy, scipy.ndimage\n"
                    "block = numpy.load(io.BytesIO(sys.stdin.buffer.read()))\n"
                    "result = io.BytesIO()\n"
                    "numpy.save(result, scipy.ndimage.gaussian_filter(block, 2))\n"
                    "sys.stdout.buffer.write(result.getvalue())'",
                    "a filter of scipy, which looks 8 voxels around"},
                   {"vmap --format raw mask.tif inverted.tif -- tr '\\000\\001' '\\001\\000'",
                    "a program of the shell: 0 becomes 1 and 1 becomes 0"},
                   {"vmap --format raw --block 1,64,64 scan.tif copy.tif -- sh -c '\n"
                    "echo $VOXPIPE_BLOCK_BOX >> boxes.txt\n"
                    "exec cat'",
                    "blocks of a size of one's own, and where they lie"}};
}

void describe(ToolCard& card, Options& options) {
  describe_text(card);
  card.input_output(options.input, options.output);
  card.command_words("the program and its arguments; it runs without a shell, for which say sh -c '...'",
                     options.words);
  card.params
      .value(
          "halo", 0, "LENGTH",
          "how far around its block the program sees: Z,Y,X or one for all, in voxels (8) or a unit (5um), "
          "rounded up",
          options.halo)
      .default_is("0");
  card.params.value("block", 0, "Z,Y,X", "size of the blocks in voxels, without the halo", options.block)
      .default_is(
          "128,256,256, in Y and X at most half of the volume; thinner and wider where half of --memory "
          "does not hold a layer of them");
  card.params
      .value("dtype", 't', "T", "voxel type of what the program gives back, and of the output", options.dtype)
      .default_is("the input's");
  card.params.value("format", 0, "FORMAT", "how blocks go to the program and back", options.format)
      .one_of({"npy", "raw", "nrrd"})
      .default_is("npy");
  declare_boundary(card.params, options.boundary);
}

/// The size of the blocks, which the history gets to know where nobody said it.
Extent3 block_of(const Options& options, const VolumeMeta& meta, const BlockCommand& command,
                 std::int64_t memory, Context& context) {
  if (options.block) {
    const auto [z, y, x] = *options.block;
    if (std::min({z, y, x}) < 1) fail_usage("--block: give at least 1 voxel along every axis");
    return *options.block;
  }
  const Extent3 block = default_block(meta, command.output, command.halo, memory);
  context.add_to_history(
      {"--block", std::to_string(block.z) + "," + std::to_string(block.y) + "," + std::to_string(block.x)});
  return block;
}

void run(const Options& options, Context& context) {
  find_program(options.words.front());
  auto source = context.inputs().open(options.input);
  const bool wrap = options.boundary.mode == BoundaryMode::wrap;
  // Then a pipe is kept, in up to half of the memory, and the blocks must be those of a file.
  const std::int64_t memory = context.resources().memory / (wrap ? 2 : 1);
  if (wrap) source = context.inputs().rereadable(std::move(source), options.output);
  const VolumeMeta& meta = source->meta();
  if (options.boundary.mode == BoundaryMode::constant)
    check_fits("--cval", options.boundary.value, meta.dtype);
  BlockCommand command;
  command.words = options.words;
  command.format = options.format;
  command.halo = halo_in_voxels(options.halo, meta, "--halo");
  command.output = options.dtype.value_or(meta.dtype);
  command.block = block_of(options, meta, command, memory, context);
  const auto listen = [&](const std::string& block, const std::string& text) {
    context.say_verbose("block " + block + ": " + text);
  };
  const CommandKernel kernel(meta, command, listen);
  context.map(*source, {&kernel}, options.output, options.boundary);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  ToolCard card;
  describe(card, options);
  card.run = [&options](Context& context) { run(options, context); };
  return tool_main(argc, argv, card);
}
