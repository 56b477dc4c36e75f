#include "vnormalize_factors.h"

#include "cli/picture_file.h"
#include "cli/table_file.h"
#include "core/json_text.h"
#include "core/numbers.h"

void write_factors(const FactorTable& table, const std::optional<std::string>& path, vox::Context& context) {
  for (const FactorTable::Column& column : table.columns)
    context.add_to_report(column.name, vox::json_text(column.values));
  if (!path) return;
  vox::TableFile file(*path, context.may_replace());
  std::string text = table.rows;
  for (const FactorTable::Column& column : table.columns) text += "," + column.name;
  text += "\n";
  for (std::size_t row = 0; row < table.columns.front().values.size(); ++row) {
    text += std::to_string(row);
    for (const FactorTable::Column& column : table.columns)
      text += "," + vox::format_number(column.values[row]);
    text += "\n";
  }
  file.write(text);
  file.commit();
}

void declare_plot(vox::Params& params, std::optional<std::string>& path) {
  params.value("plot", 0, "FILE", "draw what was found, as PNG, SVG or PDF", path).execution_only().path();
}

void check_plot(const std::optional<std::string>& path, vox::Context& context) {
  if (!path) return;
  vox::picture_format(*path, "--plot");
  context.check_new_file(*path);
}

void write_plot(const vox::ProfilePlot& plot, const std::optional<std::string>& path, vox::Context& context) {
  if (!path) return;
  vox::write_picture(*path, vox::picture_format(*path, "--plot"), context.may_replace(),
                     [&](const vox::PictureOutput& output) { vox::draw_profile(plot, output); });
}
