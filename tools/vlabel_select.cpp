// vlabel select: one pass counts the labels, a second one keeps those that are wanted.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "core/exact_number.h"
#include "core/numbers.h"
#include "ops/label/label_measures.h"
#include "ops/label/label_type.h"
#include "ops/label/object_choice.h"
#include "ops/label/relabel.h"
#include "vlabel.h"

namespace {

using namespace vox;

struct Options {
  std::string input;
  std::string output;
  std::optional<ObjectSize> min_size;
  std::optional<ObjectSize> max_size;
  std::optional<std::vector<std::int64_t>> ids;
  ObjectChoice choice;
  bool relabel = false;

  bool counts() const { return min_size || max_size || choice.needs_sizes() || relabel; }
};

std::vector<std::int64_t> parse_ids(std::string_view text) {
  std::vector<std::int64_t> ids;
  for (const std::string& part : split(text, ',')) {
    std::int64_t id = 0;
    long double large = 0;
    if (!try_parse(part, id) && try_parse_exact(part, large) && large >= 0x1p63L && large < 0x1p64L)
      id = static_cast<std::int64_t>(static_cast<std::uint64_t>(large));
    if (id == 0) fail_usage("'" + std::string(text) + "' is not a list of labels; write for example 3,17,20");
    ids.push_back(id);
  }
  return ids;
}

void describe(ToolCard& card, Options& options) {
  card.name = "select";
  card.summary = "Keep some labels of a volume, and make the others background";
  card.description = {
      "A label stays when it meets every condition; --keep-largest is asked last, and of equally large "
      "labels the smaller number stays. Numbers stay as they are, or with --relabel become 1 to N in their "
      "order. The type stays. Says how many labels were kept."};
  card.memory =
      "two passes, and a pipe is spooled (one with --ids alone); memory grows with the number of labels";
  card.examples = {
      {"vlabel select --min-size 100 --relabel scan.tif large.tif", "without small labels"},
      {"vlabel select --ids 1,4 mask.tif some.tif", "two of them"},
      {"vlabel select --drop-border --keep-largest 10 scan.tif inner.tif", "the largest that are whole"}};
  card.input_output(options.input, options.output);
  Params& params = card.params;
  params.value("min-size", 0, "N", "drop smaller labels: voxels, or a volume such as 500um3",
               options.min_size);
  params.value("max-size", 0, "N", "drop larger labels", options.max_size);
  params.value("keep-largest", 0, "K", "drop all but the K largest labels", options.choice.keep_largest);
  params.option("ids", 0, "LIST", "keep only these labels",
                [&options](std::string_view text) { options.ids = parse_ids(text); });
  params.flag("drop-border", 0, "drop labels that touch the volume's border", options.choice.drop_border);
  params.flag("relabel", 0, "number what stays 1 to N", options.relabel);
}

void check(const Options& options) {
  if (!options.counts() && !options.ids)
    fail_usage(
        "nothing to do: give --min-size, --max-size, --keep-largest, --ids, --drop-border or --relabel");
  if (options.choice.keep_largest && *options.choice.keep_largest < 0)
    fail_usage("--keep-largest: give a number of labels, 0 or more");
}

/// The labels that stay, with their new values.
struct Kept {
  LabelIndex index;
  std::vector<std::uint64_t> values;

  void add(std::uint64_t label, std::uint64_t value) {
    index.add(label);
    values.push_back(value);
  }
};

Kept by_ids(const std::vector<std::int64_t>& ids) {
  Kept kept;
  for (const std::int64_t id : ids) {
    const auto label = static_cast<std::uint64_t>(id);
    if (kept.index.find(label) < 0) kept.add(label, label);
  }
  return kept;
}

/// From counted labels.
Kept by_facts(const Options& options, const LabelMeasures& measures, const Extent3& shape) {
  std::vector<std::int64_t> places = measures.by_label();
  if (options.ids) {
    const Kept named = by_ids(*options.ids);
    std::erase_if(places, [&](std::int64_t place) { return named.index.find(measures.label(place)) < 0; });
  }
  std::vector<ObjectFacts> facts;
  for (const std::int64_t place : places) {
    const ObjectMeasure& measure = measures.measure(place);
    facts.push_back({measure.voxels, measure.touches_border(shape)});
  }
  Kept kept;
  for (const std::int64_t i : chosen_objects(facts, options.choice)) {
    const std::uint64_t label = measures.label(places[static_cast<std::size_t>(i)]);
    kept.add(label, options.relabel ? kept.values.size() + 1 : label);
  }
  return kept;
}

void run(Options& options, Context& context) {
  check(options);
  const auto source = options.counts() ? context.inputs().open_rereadable(options.input, options.output)
                                       : context.inputs().open(options.input);
  const VolumeMeta meta = source->meta();
  check_label_type(meta.dtype, source->info().name);
  if (options.min_size) options.choice.min_size = size_in_voxels(*options.min_size, meta);
  if (options.max_size) options.choice.max_size = size_in_voxels(*options.max_size, meta);
  Kept kept;
  if (options.counts()) {
    const std::int64_t memory = context.resources().memory / (context.resources().threads + 1);
    LabelMeasures measures(meta.dtype, {}, meta.shape.x, memory);
    context.reduce(*source, measures);
    kept = by_facts(options, measures, meta.shape);
    if (!context.explaining())
      context.say(format_count(kept.index.size()) + " of " + format_count(measures.count()) + " labels kept");
  } else {
    kept = by_ids(*options.ids);
  }
  const Relabel relabel(meta.dtype, std::move(kept.index), kept.values);
  context.map(*source, {&relabel}, options.output);
}

}  // namespace

void add_select(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
