#include "vnormalize_factors.h"

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
