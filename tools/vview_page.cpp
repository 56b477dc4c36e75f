#include "vview_page.h"

#include <filesystem>

#include "cli/viewer_page.h"
#include "core/error.h"
#include "core/json_text.h"
#include "core/units.h"
#include "engine/embedded_volume.h"
#include "io/adapted_source.h"
#include "io/output_file.h"
#include "io/sidecar.h"
#include "ops/render/statistics_text.h"

namespace {

using namespace vox;
using Pair = std::array<double, 2>;

StatisticsRequest request_of(const PageOptions& options) {
  StatisticsRequest request;
  request.percentiles = {0.5, 1, 99, 99.5};
  if (options.percentiles)
    request.percentiles.insert(request.percentiles.end(), options.percentiles->begin(),
                               options.percentiles->end());
  return request;
}

/// One volume of the page.
struct Shown {
  std::string path;
  std::unique_ptr<SlabSource> source;
  Statistics statistics;
};

class Page {
 public:
  Page(const PageOptions& options, Context& context)
      : options_(options), context_(context), request_(request_of(options)) {}

  void write() {
    check_output(options_.output, context_.options().create.force);
    std::vector<Shown> shown;
    shown.push_back({options_.input, context_.open_input_rereadable(options_.input, options_.output), {}});
    const VolumeMeta meta = shown.front().source->meta();
    if (options_.compare)
      shown.push_back({*options_.compare, beside(*options_.compare, meta, "--compare"), {}});
    const std::int64_t bytes = options_.embed / 4 * 3;  // base64 takes four characters for three bytes
    // All volumes are made small alike, so that their voxels stay in step.
    DType widest = DType::uint8;
    for (const Shown& each : shown) {
      const DType codes = embedded_coding(each.source->meta(), {}, each.path).type;
      if (size_of(codes) > size_of(widest)) widest = codes;
    }
    steps_ = embedding_steps(meta, widest, bytes);
    JsonArray volumes;
    for (Shown& each : shown) volumes.add_json(volume_json(each));
    JsonObject data;
    data.add("volumes", volumes).add_json("overlay", overlay_json(meta));
    data.add("window", window(shown.front().statistics));
    if (context_.explaining()) return;
    OutputFile file(options_.output, context_.options().create.force);
    const std::string page = viewer_page(name_of(options_.input), data.text());
    file.bytes().write(std::as_bytes(std::span(page)));
    file.commit();
  }

 private:
  std::unique_ptr<SlabSource> beside(const std::string& path, const VolumeMeta& meta, const char* option) {
    return context_.open_beside_rereadable(path, meta, option);
  }

  static std::string name_of(const std::string& path) {
    return path == "-" ? "standard input" : std::filesystem::path(path).filename().string();
  }

  std::string volume_json(Shown& shown) {
    SlabSource& source = *shown.source;
    shown.statistics = measure(source.meta().dtype, source.meta().shape, request_,
                               [&](Reducer& reducer) { context_.reduce(source, reducer); });
    const Summary& summary = shown.statistics.summary;
    const auto range = summary.count > 0 ? std::optional(Range{summary.min, summary.max}) : std::nullopt;
    JsonObject json = facts(shown.path, source);
    json.add_json("statistics", statistics_json(shown.statistics, request_));
    json.add_json("embedded", embed(source, shown.path, range));
    return json.text();
  }

  JsonObject facts(const std::string& path, const SlabSource& source) const {
    const VolumeMeta& meta = source.meta();
    JsonObject json;
    json.add("name", name_of(path)).add("path", path == "-" ? "standard input" : path);
    json.add("format", source.info().format).add("choice", choice());
    json.add("cropped", context_.options().roi || context_.options().roi_world);
    json.add("unit_name", meta.unit ? unit_short_name(*meta.unit) : std::string());
    json.add("script", to_shell_script(meta.history)).add_json("meta", meta_to_line(meta));
    return json;
  }

  /// Options that say which part of the file was read.
  std::string choice() const {
    const CommonOptions& common = context_.options();
    std::string words;
    const auto add = [&](const char* option, const std::optional<std::int64_t>& value) {
      if (value) words += std::string(" ") + option + " " + std::to_string(*value);
    };
    add("--level", common.open.level);
    add("--channel", common.open.channel);
    add("--time", common.open.time);
    if (common.roi) words += " --roi " + shell_quote(*common.roi);
    if (common.roi_world) words += " --roi-world " + shell_quote(*common.roi_world);
    return words;
  }

  std::string embed(SlabSource& source, const std::string& path, const std::optional<Range>& range) {
    const EmbeddedCoding coding = embedded_coding(source.meta(), range, path);
    if (!context_.begin_pass(plan_embedding(source, steps_, coding, context_.resources()))) return "null";
    return embedded_json(embed_volume(source, steps_, coding, context_.resources()));
  }

  std::string overlay_json(const VolumeMeta& like) {
    if (!options_.overlay) return "null";
    auto source = context_.open_beside(*options_.overlay, like, "--overlay");
    VolumeMeta meta = source->meta();
    if (is_float(meta.dtype))
      fail_usage("--overlay " + *options_.overlay + ": labels are whole numbers, not " +
                 std::string(dtype_name(meta.dtype)));
    meta.kind = Kind::labels;
    source = with_meta(std::move(source), meta);
    JsonObject json = facts(*options_.overlay, *source);
    return json.add_json("embedded", embed(*source, *options_.overlay, {})).text();
  }

  Pair window(const Statistics& statistics) const {
    if (options_.range) return *options_.range;
    if (statistics.summary.count == 0) return {0, 1};
    if (options_.full) return {statistics.summary.min, statistics.summary.max};
    if (options_.percentiles) return {statistics.percentiles[4], statistics.percentiles[5]};
    return {statistics.percentiles[0], statistics.percentiles[3]};
  }

  const PageOptions& options_;
  Context& context_;
  StatisticsRequest request_;
  std::vector<Extent3> steps_;
};

}  // namespace

void write_page(const PageOptions& options, Context& context) { Page(options, context).write(); }
