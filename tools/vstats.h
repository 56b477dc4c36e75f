// The command line of vstats.
#pragma once

#include <optional>
#include <string>

#include "cli/result_parts.h"
#include "cli/tool.h"
#include "ops/stats/statistics.h"

struct StatisticsOptions {
  std::string input = "-";
  vox::StatisticsRequest request{{0.1, 1, 5, 25, 50, 75, 95, 99, 99.9}, 256, {}, {}};
  std::optional<std::string> mask;
  std::optional<std::string> labels;
  bool json = false;
  bool csv = false;
  std::optional<std::string> plot;
  std::optional<std::string> output;
  vox::ResultParts parts;
};

/// Fills in the card, with values going to `options`.
void describe_statistics(vox::ToolCard& card, StatisticsOptions& options);
