// The data of the page that `vview html` writes.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "cli/context.h"

struct PageOptions {
  std::string input = "-";
  std::string output;
  std::optional<std::string> compare;
  std::optional<std::string> overlay;
  std::optional<std::array<double, 2>> range;
  std::optional<std::array<double, 2>> percentiles;
  bool full = false;
  std::int64_t embed = 24 << 20;
  bool force = false;
};

/// Measures the volumes, makes them small, and writes the page.
void write_page(const PageOptions& options, vox::Context& context);
