// vpart: spreads a command over independent processes, tells what is done, and joins.
//   vpart slurm -n 64 -- vfilter median -r 2 scan.ome.zarr median.ome.zarr > submit.sh
#include "vpart.h"

int main(int argc, char** argv) {
  vox::ToolCard card;
  card.name = "vpart";
  card.summary = "Spread a command over independent parts, tell what is done, join";
  card.description = {
      "Every command that writes a raw file, a folder of slices or an OME-Zarr can be run as N processes "
      "that need no network between them, each with --part K/N: on one machine, by make, or as a Slurm "
      "array. The result is the same bytes as of one process. Parts lie in OUTPUT.parts until `finish` makes "
      "OUTPUT of them; one that is there and whole is not made again.",
      "Parts of an OME-Zarr own whole shards, of a raw file and of slices whole planes. A first pass over "
      "the volume (percentiles, range, objects) is shared by the parts, too, where what it finds can be "
      "added up (--pass reduce, then --pass map, which `run`, `make` and `slurm` see to); else every part "
      "runs it."};
  card.memory = "what the command takes, per process";
  for (const auto add : {add_run, add_make, add_slurm, add_status, add_finish})
    add(card.subcommands.emplace_back());
  return vox::tool_main(argc, argv, card);
}
