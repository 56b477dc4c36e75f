// vlabel: objects of a volume; one file per subcommand.
#include "vlabel.h"

int main(int argc, char** argv) {
  vox::ToolCard card;
  card.name = "vlabel";
  card.summary = "Label, measure, clean and split objects";
  card.memory = "depends on the subcommand";
  vox::add_distance(card);
  vox::add_watershed(card);
  return vox::tool_main(argc, argv, card);
}
