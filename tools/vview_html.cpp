// vview html: one self-contained page with the volume made small, its statistics, and what to explore and
// choose with. Reads INPUT twice (for its statistics, and to make it small); a pipe is spooled.
//   vview html scan.tif scan.html
#include "core/numbers.h"
#include "vview.h"
#include "vview_page.h"

namespace {

using namespace vox;

void describe(ToolCard& card, PageOptions& options) {
  card.name = "html";
  card.summary = "Write one page to explore a volume in, which hands back commands";
  card.description = {
      "The page needs no network and no other file. It shows three linked planes, projections and a montage, "
      "the histogram of the whole volume with two cut-offs, and the command line that does to the volume "
      "what was chosen.",
      "The volume is halved along its finest axes until it fits --embed: by the mean, labels and masks by "
      "the most frequent value. Types of 8 and 16 bits and labels stay as they are, others become 16 bits "
      "between the smallest and the largest voxel. Statistics are those of all voxels, as vstats has them."};
  card.memory = "two or more passes, and a pipe is spooled; what is embedded, a few times";
  card.examples = {{"vview html scan.tif scan.html", "a page to choose cut-offs in"},
                   {"vview html --compare mask.tif scan.tif both.html", "two volumes side by side"}};
  card.positional("INPUT", "Volume to show, or - for standard input", options.input);
  card.positional("OUTPUT.html", "Page to write", options.output);
  card.common.output = false;
  card.params.value("compare", 0, "FILE", "A second volume of the same shape", options.compare).path();
  card.params
      .value("overlay", 0, "LABELS", "Labels of the same shape, shown over the volume", options.overlay)
      .path();
  card.params.value("range", 'r', "LO,HI", "Window at first", options.range)
      .not_with({"percentiles", "full"});
  card.params.value("percentiles", 'p', "LO,HI", "Window at first, between percentiles", options.percentiles)
      .not_with({"range", "full"})
      .default_is("0.5,99.5");
  card.params.flag("full", 0, "Window at first: all values", options.full).not_with({"range", "percentiles"});
  card.params
      .option("embed", 0, "SIZE", "What the embedded voxels of each volume may take",
              [&options](std::string_view text) { options.embed = parse_size(text); })
      .default_is("24M");
  card.params.flag("force", 'f', "Replace an existing page", options.force).execution_only();
}

}  // namespace

void add_html(ToolCard& card) {
  const auto options = std::make_shared<PageOptions>();
  describe(card, *options);
  card.run = [options](Context& context) { write_page(*options, context); };
}
