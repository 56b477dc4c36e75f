// Numbers found for sections or planes, on their way to a CSV file, a plot and the report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/tool.h"
#include "ops/render/profile_plot.h"

/// Columns of equal length; the first numbers the rows from 0.
struct FactorTable {
  struct Column {
    std::string name;
    std::vector<double> values;
  };
  std::string rows;  ///< what a row is: "section", "plane"
  std::vector<Column> columns;
};

/// Writes the table as CSV with a line of names to `path` if there is one, and its columns as lists into the
/// report. A number that is not known is `nan`, null in the report.
void write_factors(const FactorTable& table, const std::optional<std::string>& path, vox::Context& context);

/// The option --plot.
void declare_plot(vox::Params& params, std::optional<std::string>& path);
/// Throws usage errors for a name that no picture can have, or that is taken.
void check_plot(const std::optional<std::string>& path, vox::Context& context);
/// Draws what was found, if there is a path.
void write_plot(const vox::ProfilePlot& plot, const std::optional<std::string>& path, vox::Context& context);
