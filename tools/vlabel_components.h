// What vlabel components was told, and what it does.
#pragma once

#include <optional>
#include <string>

#include "cli/context.h"
#include "engine/labelled_runs.h"
#include "ops/filter/threshold_choice.h"
#include "ops/label/object_choice.h"

struct ComponentsOptions {
  std::string input;
  std::string output;
  vox::ComponentRequest request;
  vox::ThresholdChoice threshold;
  std::optional<vox::ObjectSize> min_size;
  vox::ObjectChoice choice;
  std::optional<std::string> table;
  std::optional<vox::DType> dtype;
};

/// One pass finds the runs of objects, a second one writes labels from them.
void run_components(ComponentsOptions& options, vox::Context& context);
