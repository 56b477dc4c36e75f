// Cards of tools that do not exist, with one of everything that a card can hold.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "cli/tool.h"

namespace vox {

/// A tool without subcommands.
struct ToyTool {
  std::optional<std::array<double, 2>> range;
  std::optional<std::array<double, 2>> percentiles;
  std::string dtype;
  double sigma = 0;
  std::string isotropic;
  bool approx = false;
  bool keep = false;
  std::string input;
  std::string output;

  ToolCard card() {
    ToolCard card;
    card.name = "vtoy";
    card.summary = "Play with intensities";
    card.description = {
        "The first paragraph - with a dash, a back\\slash and .dots.",
        ".A second one that begins with a point and is long enough that it does not fit into a "
        "single line of any terminal that people use."};
    card.memory = "streaming; a few blocks of rows";
    card.examples = {{"vtoy -r 0,9 scan.tif out.tif", "keep what lies between 0 and 9"}};
    card.params.value("range", 'r', "LO,HI", "Limits", range).not_with({"percentiles"});
    card.params.value("percentiles", 'p', "LO,HI", "Limits as percentiles", percentiles);
    card.params.value("dtype", 't', "DTYPE", "Type", dtype)
        .one_of({"uint8", "uint16"})
        .default_is("the input's");
    card.params.value("sigma", 's', "S", "Width", sigma);
    card.params.value("isotropic", 'i', "S", "Same spacing everywhere", isotropic).optional_value =
        "smallest";
    card.params.flag("approx", 'a', "Sample", approx);
    card.params.flag("keep", 'k', "Keep", keep).execution_only();
    card.input_output(input, output);
    return card;
  }
};

/// A tool with subcommands.
struct ToyFamily {
  bool shared = false;
  double factor = 0;
  std::string kernel;
  std::string labels;
  std::string input;
  std::string output;

  ToolCard card() {
    ToolCard card;
    card.name = "vfamily";
    card.summary = "Several things";
    card.params.flag("shared", 'x', "For all", shared);
    ToolCard minmax;
    minmax.name = "minmax";
    minmax.summary = "Stretch";
    minmax.params.value("factor", 't', "F", "By how much", factor);
    minmax.input_output(input, output);
    ToolCard measure;
    measure.name = "measure";
    measure.summary = "Measure";
    measure.params.value("kernel", 't', "FILE", "Same letter, other meaning", kernel).path();
    measure.positional("LABELS", "Volume of labels", labels);
    measure.common.output = false;
    card.subcommands = {minmax, measure};
    return card;
  }
};

}  // namespace vox
