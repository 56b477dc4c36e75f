// vlabel: finds, measures and cleans objects.
//   vfilter median scan.tif | vlabel components --otsu --min-size 500um3 --table objects.csv - labels.tif
#include "vlabel.h"

int main(int argc, char** argv) {
  vox::ToolCard card;
  card.name = "vlabel";
  card.summary = "Find connected objects, measure, choose and clean them";
  card.description = {
      "Labels never wrap, and do not depend on threads, memory, file or pipe. An object is numbered by its "
      "first voxel in scan order (z, then y, then x)."};
  card.memory =
      "two passes; memory grows with the objects and the plane, not with the number of voxels; watershed "
      "holds the volume";
  for (const auto add : {
           add_components,
           add_measure,
           add_select,
           add_fill_holes,
           add_distance,
           add_watershed,
       })
    add(card.subcommands.emplace_back());
  return vox::tool_main(argc, argv, card);
}
