// vpyramid: a volume at every scale, in one pass.
// Streaming: holds a layer of chunks of every level.
//   vconvert slices/ | vpyramid - scan.ome.zarr
#include "vpyramid.h"

#include "core/error.h"
#include "io/formats.h"

namespace {

using namespace vox;

void describe(ToolCard& card, PyramidOptions& options) {
  card.name = "vpyramid";
  card.summary = "Write a volume at every scale as OME-Zarr or OME-TIFF, in one pass";
  card.description = {
      "Each level is made of the one before, and all of them while INPUT is read once, also from a pipe. An "
      "axis of n voxels shrinks to ceil(n / factor); the last voxel reduces what is there. Levels lie where "
      "their voxels' centres are: spacing times the factor, the first centre moved by half of what the "
      "spacing grew. Voxel types stay.",
      "Methods: mean rounds half to even in integers and sums in double precision; gaussian weights the box "
      "and half a factor around it with sigma of half a factor, the volume's last voxels repeated; nearest "
      "takes the voxel at factor / 2, rounded down; mode the most frequent value, of several the smallest; "
      "max and min as they say. auto: mean for intensities, mode for labels and masks; labels are never "
      "averaged. A NaN makes mean, gaussian, max and min NaN.",
      "Factor auto halves an axis when its spacing is less than twice the smallest; axes of one voxel stay. "
      "There are as many levels as it takes until one chunk holds the last.",
      "Chunks of 64 x 64 x 64 voxels become thinner and wider, unless --chunk names their size, where a "
      "layer of planes that deep does not fit half of --memory. Shards (files of many chunks, in version "
      "0.5) take some 256 MiB before compression. Where the planes do not fit --memory, rows do: levels of a "
      "Zarr store are then made one after the other, for which a pipe, and the levels between, are spooled "
      "to --tmpdir; of an OME-TIFF one plane with its levels is. The store appears under its name when it is "
      "complete; one that ends in .ozx is packed then into one zip archive, for which its folder and the "
      "archive need room at once.",
      "With --label-of the store goes into the image's folder labels under --name, is entered in its list, "
      "and has the image's version, levels and factors, and its spacing where INPUT says none, so that "
      "viewers show one over the other; INPUT must have the image's shape. In an OME-TIFF every level has "
      "all planes: factors count along y and x, chunks are the tiles of a plane, whose sides are multiples "
      "of 16, and -c is none, deflate, lzw or zstd.",
      "Parts (--part) share a store that is a folder: each writes the files of all levels that end in its "
      "planes, as long as that reads little of INPUT twice, and `vpart finish` makes the small levels that "
      "are left. The store is the one that a single process writes."};
  card.memory = "streaming; one or two layers of chunks of every level, and a few planes or rows";
  card.examples = {
      {"vpyramid scan.tif scan.ome.zarr", "all levels, by the mean"},
      {"vclip -p 1,99 scan.tif | vpyramid - scan.ome.zarr", "from a pipe"},
      {"vpyramid --kind labels mask.tif mask.ome.zarr", "labels by the mode"},
      {"vpyramid --ome 0.4 -c blosc:zstd:5 --factor 2 scan.tif scan.ome.zarr", "for older readers"},
      {"vpyramid scan.tif scan.ome.tif -c deflate", "a pyramid in one file, for Bio-Formats and QuPath"},
      {"vpyramid scan.tif i.zarr; vlabel components --otsu scan.tif - | vpyramid --label-of i.zarr --name "
       "cells",
       "labels over an image"},
      {"vpyramid --part 1/2 scan.tif p.ome.zarr && vpyramid --part 2/2 scan.tif p.ome.zarr && vpart finish "
       "p.ome.zarr",
       "in two parts"}};
  card.positional("INPUT", "the volume; - reads a stream from standard input", options.input);
  card.positional("OUTPUT.ome.zarr|.ozx|.ome.tif", "the store, a folder, or the file; none with --label-of",
                  options.output);
  card.params.value("method", 'm', "METHOD", "How voxels of a box become one", options.method)
      .one_of({"auto", "mean", "gaussian", "nearest", "mode", "max", "min"})
      .default_is("auto");
  card.params.value("levels", 0, "N", "Number of levels, the full resolution too", options.levels)
      .default_is("until one chunk holds the last");
  card.params
      .value("factor", 0, "F", "auto, or a whole number or Z,Y,X by which each level shrinks", options.factor)
      .default_is("auto");
  card.params.value("chunk", 0, "Z,Y,X", "Voxels that are compressed together", options.chunk)
      .default_is("64");
  card.params.value("shard", 0, "SIZE", "auto, none, or Z,Y,X voxels in one file", options.shard)
      .default_is("auto");
  card.params.value("ome", 0, "VERSION", "Version of OME-Zarr", options.ome)
      .one_of({"0.5", "0.4"})
      .default_is("0.5");
  card.params.value("label-of", 0, "IMAGE.ome.zarr", "Put labels into this image; with --name",
                    options.label_of);
  card.params.value("name", 0, "NAME", "Name of these labels in the image", options.name);
}

void run(const PyramidOptions& options, Context& context) {
  if (!options.label_of.empty()) return write_labels(options, context);
  if (!options.name.empty())
    fail_usage("--name: is of labels; say with --label-of to which image they belong");
  const MultiscaleFormat& format = multiscale_format(options.output, context.options().create);
  context.check_new(options.output);
  auto source = context.inputs().open(options.input);
  const PyramidSpec spec = pyramid_spec(options, source->meta(), format);
  context.pyramid(std::move(source), spec, options.output);
}

}  // namespace

int main(int argc, char** argv) {
  PyramidOptions options;
  ToolCard card;
  describe(card, options);
  card.output = [&options] { return options.label_of.empty() ? options.output : labels_output(options); };
  card.run = [&options](Context& context) { run(options, context); };
  return tool_main(argc, argv, card);
}
