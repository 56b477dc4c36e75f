// vview: pictures of a volume, and a look at it in the terminal, reading only the voxels that are shown.
//   vclip -p 1,99 scan.tif | vview slice -a y -i 50% - slice.png
#include "vview.h"

int main(int argc, char** argv) {
  vox::ToolCard card;
  card.name = "vview";
  card.summary = "Show a volume: slices, montages, projections, comparisons, in the terminal, as a page";
  card.description = {
      "A pixel shows the voxel that lies nearest: none is interpolated. Axes are stretched by the spacing, "
      "so that shapes are right: the finest axis shown has one pixel for each voxel, or the picture's "
      "longest side has --size pixels."};
  card.common.output = false;
  card.memory = "reads the voxels that are shown and holds them and the picture";
  for (const auto add : {
           add_slice,
           add_ortho,
           add_montage,
           add_mip,
           add_compare,
           add_term,
           add_html,
       })
    add(card.subcommands.emplace_back());
  return vox::tool_main(argc, argv, card);
}
