// Makes up a realistic volume of any size: streaming; a few blocks of rows.
//
//   vphantom foam --shape 2000,2000,2000 --spacing 1.3um - | vstats -
#include <cmath>
#include <memory>

#include "cli/context.h"
#include "cli/tool.h"
#include "core/error.h"
#include "engine/generated_source.h"
#include "ops/phantom/phantom.h"

namespace {

struct Options {
  vox::PhantomSettings settings;
  std::int64_t seed = 1;
  std::string output = "-";
};

void run(const vox::PhantomEntry& entry, Options options, vox::Context& context) {
  if (options.seed < 0) vox::fail_usage("--seed: must be 0 or more");
  if (options.settings.noise && !(*options.settings.noise >= 0 && std::isfinite(*options.settings.noise)))
    vox::fail_usage("--noise: must be 0 or more");
  vox::PhantomSettings& settings = options.settings;
  settings.seed = static_cast<std::uint64_t>(options.seed);

  vox::VolumeMeta meta;
  meta.shape = settings.shape;
  meta.dtype = settings.dtype;
  context.inputs().override_meta(meta);
  try {
    vox::check_meta(meta, "--shape");
  } catch (const vox::Error& error) {
    vox::fail_usage(error.what());
  }

  const auto phantom = entry.make(settings);
  vox::SourceInfo info;
  info.name = entry.name;
  info.format = "made up";
  vox::GeneratedSource source(
      meta, info, [&](const vox::Block& out) { vox::fill_phantom(entry, *phantom, settings, out); },
      vox::kPhantomScratchBytes);
  context.map(source, {}, options.output);
}

vox::ToolCard card_of(const vox::PhantomEntry& entry, Options& options) {
  vox::ToolCard card;
  card.name = entry.name;
  card.summary = entry.summary;
  card.description = {std::string(entry.description)};
  card.memory = "streaming; a few blocks of rows";
  card.examples = {
      {"vphantom " + card.name + " --shape 64,64,64 " + card.name + ".tif", "a small one as TIFF"}};
  card.common.input = false;
  card.common.scale = true;
  card.positional("OUTPUT", "Volume to write; its extension says the format, - means standard output",
                  options.output);
  card.params.value("shape", 0, "Z,Y,X", "Voxels along each axis", options.settings.shape)
      .default_is("256,256,256");
  vox::Param& dtype =
      card.params.value("dtype", 't', "T", "Voxel type", options.settings.dtype).default_is("uint16");
  for (const vox::DType known : vox::kAllDTypes) dtype.choices.emplace_back(vox::dtype_name(known));
  card.params.value("seed", 0, "N", "Another number makes another volume of the same kind", options.seed)
      .default_is("1");
  card.params
      .value("noise", 0, "S", "Standard deviation of Gaussian noise that is added, in the voxels' units",
             options.settings.noise)
      .default_is(std::string(entry.noise_text));
  card.run = [&](vox::Context& context) { run(entry, options, context); };
  return card;
}

vox::ToolCard describe(Options& options) {
  vox::ToolCard card;
  card.name = "vphantom";
  card.summary = "Make up a realistic volume of any size";
  card.description = {
      "Voxels are a pure function of kind, seed and coordinates, so the same command gives the same voxels "
      "on every machine, whatever the number of threads; a larger shape continues a smaller one (gradient "
      "and shepp-logan aside). Any size is streamed. Grey values go from black to white: the ends of an "
      "integer type, 0 and 1 of a floating type. They are computed in single precision, rounded half to even "
      "and saturated.",
      "Noise is the sum of four uniform numbers, shaped to the variance and kurtosis of a Gaussian; it ends "
      "at 4.07 standard deviations."};
  card.memory = "streaming; a few blocks of rows";
  card.examples = {
      {"vphantom foam --shape 96,128,128 --spacing 2.5um foam.tif", "foam with a voxel size"},
      {"vphantom noise -t float32 --noise 0.1 --shape 64 - | vstats", "noise of known standard deviation"}};
  card.common.input = false;
  card.common.scale = true;
  for (const vox::PhantomEntry& entry : vox::phantoms()) card.subcommands.push_back(card_of(entry, options));
  return card;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return vox::tool_main(argc, argv, describe(options));
}
