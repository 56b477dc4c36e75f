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
    if (!context_.explaining()) check_output(options_.output, options_.force);
    std::vector<Shown> shown;
    shown.push_back({options_.input, context_.inputs().open_rereadable(options_.input, options_.output), {}});
    const VolumeMeta meta = shown.front().source->meta();
    if (options_.compare)
      shown.push_back({*options_.compare,
                       context_.inputs().open_beside_rereadable(*options_.compare, meta, "--compare"),
                       {}});
    settle_steps(shown);
    if (!context_.explaining()) file_.emplace(options_.output, options_.force);
    put(viewer_page_start(name_of(options_.input)));
    put("{\"volumes\": [");
    for (Shown& each : shown) {
      if (&each != &shown.front()) put(", ");
      put_volume(each);
    }
    put("], \"overlay\": ");
    put_overlay(meta);
    put(", \"window\": " + json_text(window(shown.front().statistics)) + "}");
    put(viewer_page_end());
    if (file_) file_->commit();
  }

 private:
  static std::string name_of(const std::string& path) {
    return path == "-" ? "standard input" : std::filesystem::path(path).filename().string();
  }

  /// All volumes are made small alike, so that their voxels stay in step.
  void settle_steps(const std::vector<Shown>& shown) {
    const std::int64_t bytes = options_.embed / 4 * 3;  // base64 takes four characters for three bytes
    DType widest = DType::uint8;
    for (const Shown& each : shown) {
      const DType codes = embedded_coding(each.source->meta(), {}).type;
      if (size_of(codes) > size_of(widest)) widest = codes;
    }
    steps_ = embedding_steps(shown.front().source->meta(), widest, bytes);
  }

  void put(std::string_view text) {
    if (file_) file_->bytes().write(std::as_bytes(std::span(text)));
  }

  void put_volume(Shown& shown) {
    SlabSource& source = *shown.source;
    shown.statistics = measure(source.meta().dtype, source.meta().shape, request_,
                               [&](Reducer& reducer) { context_.reduce(source, reducer); });
    const Summary& summary = shown.statistics.summary;
    const auto range = summary.count > 0 ? std::optional(Range{summary.min, summary.max}) : std::nullopt;
    JsonObject json = facts(shown.path, source);
    json.add_json("statistics", statistics_json(shown.statistics, request_));
    put_embedded(json.text(), source, range);
  }

  void put_overlay(const VolumeMeta& like) {
    if (!options_.overlay) return put("null");
    auto source = context_.inputs().open_beside(*options_.overlay, like, "--overlay");
    VolumeMeta meta = source->meta();
    if (is_float(meta.dtype))
      fail_usage("--overlay " + *options_.overlay + ": labels are whole numbers, not " +
                 std::string(dtype_name(meta.dtype)));
    meta.kind = Kind::labels;
    source = with_meta(std::move(source), meta);
    put_embedded(facts(*options_.overlay, *source).text(), *source, {});
  }

  /// The JSON of `facts` and, with it, the voxels.
  void put_embedded(std::string facts, SlabSource& source, const std::optional<Range>& range) {
    const EmbeddedCoding coding = embedded_coding(source.meta(), range);
    if (!context_.begin_pass(plan_embedding(source, steps_, coding, context_.resources()))) return;
    facts.pop_back();  // more follows
    put(without_tags(facts) + ", \"embedded\": ");
    write_embedded(embed_volume(source, steps_, coding, context_.resources()),
                   [this](std::string_view text) { put(text); });
    put("}");
  }

  JsonObject facts(const std::string& path, const SlabSource& source) const {
    const VolumeMeta& meta = source.meta();
    JsonObject json;
    json.add("name", name_of(path)).add("path", path == "-" ? "standard input" : path);
    json.add("format", source.info().format).add("choice", input_words(context_.options()));
    json.add("cropped", context_.options().roi || context_.options().roi_world);
    json.add("unit_name", meta.unit ? unit_short_name(*meta.unit) : std::string());
    json.add("script", to_shell_script(meta.history)).add_json("meta", meta_to_line(meta));
    return json;
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
  std::optional<OutputFile> file_;  ///< none with --explain
};

}  // namespace

void write_page(const PageOptions& options, Context& context) { Page(options, context).write(); }
