// vinfo: what a volume is, from its header alone.
// Reads no voxels.
//   vconvert scan.tif | vinfo
#include "cli/context.h"
#include "cli/terminal.h"
#include "cli/tool.h"
#include "core/history.h"
#include "core/json_text.h"
#include "core/numbers.h"
#include "core/units.h"
#include "io/sidecar.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  bool json = false;
  bool sidecar = false;
  bool history = false;
  bool script = false;
};

void describe(ToolCard& card, Options& options) {
  card.name = "vinfo";
  card.summary = "Say what a volume is, from its header alone";
  card.description = {
      "Format, shape, voxel type, size, spacing with units and axis names, physical extent, range if known, "
      "levels, compression, kind, value map and history. Vectors stand in Z, Y, X order."};
  card.memory = "streaming; the header only";
  card.examples = {{"vinfo scan.tif", "for people"},
                   {"vinfo --json scan.tif", "for programs; unknown values are null"},
                   {"vclip -r 0,1000 scan.tif | vinfo --history", "the commands that made a volume"}};
  card.positional("INPUT", "the volume", options.input);
  card.common.output = false;
  card.common.run = false;
  card.params.flag("json", 0, "print JSON", options.json).not_with({"sidecar", "history", "script"});
  card.params.flag("sidecar", 0, "print the sidecar that would stand beside the volume", options.sidecar)
      .not_with({"history", "script"});
  card.params.flag("history", 0, "print the commands that made it, oldest first", options.history)
      .not_with({"script"});
  card.params.flag("script", 0, "print the history as a shell script", options.script);
}

std::string vector_text(const Vector3& vector) {
  return "z=" + format_number(vector[0]) + " y=" + format_number(vector[1]) +
         " x=" + format_number(vector[2]);
}

std::string history_json(const History& history) {
  JsonArray list;
  for (const HistoryEntry& entry : history) {
    JsonObject item;
    item.add("tool", entry.tool).add("version", entry.version).add("args", entry.args);
    if (!entry.inputs.empty()) {
      JsonArray inputs;
      for (const HistoryInput& input : entry.inputs)
        inputs.add(JsonObject().add("path", input.path).add_json("history", history_json(input.history)));
      item.add("inputs", inputs);
    }
    list.add(item);
  }
  return list.text();
}

std::string json_of(const VolumeMeta& meta, const SourceInfo& info) {
  JsonObject json;
  json.add("format", info.format)
      .add("shape", std::array{meta.shape.z, meta.shape.y, meta.shape.x})
      .add("dtype", dtype_name(meta.dtype))
      .add("axes", std::vector<std::string>{"z", "y", "x"})
      .add("spacing", meta.spacing)
      .add("unit", meta.unit)
      .add("origin", meta.origin)
      .add("direction", meta.direction)
      .add("kind", kind_name(meta.kind));
  json.add_json("range", meta.range ? json_text(std::array{meta.range->low, meta.range->high}) : "null");
  json.add("bytes", meta.bytes()).add("levels", info.levels).add("compression", info.compression);
  json.add_json("value_map", meta.value_map ? JsonObject()
                                                  .add("slope", meta.value_map->slope)
                                                  .add("intercept", meta.value_map->intercept)
                                                  .text()
                                            : "null");
  json.add_json("history", history_json(meta.history));
  return json.text() + "\n";
}

std::string history_text(const History& history) {
  std::string text;
  for (const HistoryEntry& entry : history) {
    text += shell_quote(entry.tool);
    for (const std::string& argument : entry.args) text += " " + shell_quote(argument);
    text += "\n";
  }
  return text;
}

std::string table_of(const VolumeMeta& meta, const SourceInfo& info) {
  std::string text;
  const auto row = [&](std::string name, const std::string& value) {
    name.resize(12, ' ');
    text += name + value + "\n";
  };
  row("format", info.format + (info.compression == "none" ? "" : ", " + info.compression));
  row("shape", "z=" + std::to_string(meta.shape.z) + " y=" + std::to_string(meta.shape.y) +
                   " x=" + std::to_string(meta.shape.x));
  row("dtype", std::string(dtype_name(meta.dtype)));
  row("size", format_bytes(meta.bytes()));
  const std::string unit = meta.unit ? " " + printable(unit_short_name(*meta.unit)) : "";
  row("spacing", meta.spacing ? vector_text(*meta.spacing) + unit : "unknown");
  if (meta.spacing) {
    const Vector3& step = *meta.spacing;
    row("extent",
        vector_text({static_cast<double>(meta.shape.z) * step[0], static_cast<double>(meta.shape.y) * step[1],
                     static_cast<double>(meta.shape.x) * step[2]}) +
            unit);
  }
  if (meta.origin) row("origin", vector_text(*meta.origin) + unit);
  if (meta.direction) row("direction", json_text(*meta.direction));
  row("kind", std::string(kind_name(meta.kind)));
  row("range",
      meta.range ? format_number(meta.range->low) + " to " + format_number(meta.range->high) : "unknown");
  if (meta.value_map)
    row("value map", "original = " + format_number(meta.value_map->slope) + " * stored + " +
                         format_number(meta.value_map->intercept));
  if (info.levels > 1) row("levels", std::to_string(info.levels));
  if (!meta.history.empty()) row("commands", std::to_string(meta.history.size()) + " (--history)");
  return text;
}

void run(const Options& options, Context& context) {
  const auto source = context.inputs().open(options.input);
  const VolumeMeta& meta = source->meta();
  if (options.sidecar) return context.print(meta_to_sidecar(meta));
  if (options.history) return context.print(history_text(meta.history));
  if (options.script) return context.print(to_shell_script(meta.history));
  context.print(options.json ? json_of(meta, source->info()) : table_of(meta, source->info()));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  ToolCard card;
  describe(card, options);
  card.run = [&options](Context& context) { run(options, context); };
  return tool_main(argc, argv, card);
}
