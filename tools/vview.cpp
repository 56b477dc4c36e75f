// vview: pictures of volumes.
#include "vview.h"

int main(int argc, char** argv) {
  vox::ToolCard card;
  card.name = "vview";
  card.summary = "Look at a volume";
  card.description = {"Look."};
  card.memory = "what is shown";
  add_html(card.subcommands.emplace_back());
  return vox::tool_main(argc, argv, card);
}
