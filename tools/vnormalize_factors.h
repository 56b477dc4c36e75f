// Numbers found for sections or planes, on their way to a CSV file and to the report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"

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
