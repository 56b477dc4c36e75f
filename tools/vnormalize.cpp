// vnormalize: brings intensities onto a common scale.
//   vnormalize drift --factors drift.csv sections.tif - | vnormalize minmax -p 1,99 -t uint8 - clean.tif
#include "vnormalize.h"

int main(int argc, char** argv) {
  vox::ToolCard card;
  card.name = "vnormalize";
  card.summary = "Bring intensities onto a common scale";
  card.description = {
      "Statistics are exact, taken over finite voxels, and the same whatever the threads and the memory. "
      "Where a step is one linear map of all voxels, the value map in the metadata leads back to the "
      "original intensities; behind other steps there is none, and the history says what was done. A mask is "
      "any volume of the input's shape, not zero is inside; a mask of one plane serves all planes."};
  card.memory = "streaming where the range is given or known; else two or more passes, and a pipe is spooled";
  for (const auto add : {
           add_minmax,
           add_zscore,
           add_gamma,
           add_equalize,
           add_clahe,
           add_match,
           add_background,
           add_drift,
           add_zprofile,
           add_background_mask,
       })
    add(card.subcommands.emplace_back());
  return vox::tool_main(argc, argv, card);
}
