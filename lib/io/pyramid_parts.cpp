#include "io/pyramid_parts.h"

#include <array>

#include "core/error.h"
#include "core/json_text.h"
#include "io/json_view.h"
#include "io/output_file.h"
#include "io/part_record.h"
#include "io/zarr_parts.h"

namespace vox {
namespace {

constexpr std::string_view kBegin = R"({"pyramid": )";
constexpr int kFormat = 1;

std::array<std::int64_t, 3> list_of(const Extent3& extent) { return {extent.z, extent.y, extent.x}; }

Extent3 extent_of(const JsonView& list) {
  const auto at = [&](std::size_t i) {
    const std::int64_t value = list.at(i).whole().value_or(0);
    if (value < 1) fail_damaged("the layout of a pyramid's parts is damaged; run the parts with --redo");
    return value;
  };
  return {at(0), at(1), at(2)};
}

std::vector<ZarrArraySpec> specs_of(const PyramidLayout& layout) {
  const std::optional<ZarrCoding> coding = zarr_coding(layout.compression);
  std::vector<ZarrArraySpec> specs;
  for (std::size_t level = 0; level < layout.arrays.size(); ++level) {
    specs.push_back(zarr_spec(layout.plan, level, layout.arrays[level], coding));
    specs.back().shared = true;
  }
  return specs;
}

std::vector<ZarrArraySpec> specs_of(const PyramidLayout& layout, std::size_t first, std::size_t end) {
  const std::vector<ZarrArraySpec> all = specs_of(layout);
  return {all.begin() + static_cast<std::ptrdiff_t>(first), all.begin() + static_cast<std::ptrdiff_t>(end)};
}

class LevelsOfParts : public PyramidPartSink {
 public:
  LevelsOfParts(const std::string& output, const PyramidLayout& layout, std::size_t first, std::size_t end,
                int threads)
      : specs_(specs_of(layout, first, end)),
        folder_(parts_folder(output)),
        store_(zarr_parts_store(pyramid_layout_text(layout))),
        first_(first),
        pool_(threads) {
    // Levels behind others belong to a store that is there, unless somebody else has finished it.
    if (first == 0)
      for (const std::string& path : {folder_, folder_ + "/" + store_}) make_shared_folder(path);
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      const std::string array = folder_ + "/" + array_of(i);
      make_shared_folder(array);
      write_text_file(folder_ + "/" + store_ + "/" + zarr_array_file(first + i, layout.plan.version),
                      zarr_array_json(specs_[i], layout.plan.version));
      arrays_.push_back(std::make_unique<ZarrArrayWriter>(array, array, specs_[i], pool_, coders_));
    }
  }

  void put(std::size_t level, const Box3& box, std::span<const std::byte> voxels) override {
    arrays_[level]->put(box, voxels);
  }
  void finish() override {
    for (const auto& array : arrays_) array->finish();
    sync_file_system(folder_);
  }
  std::optional<Range> range() const override { return arrays_.front()->range(); }

  std::vector<PartPiece> pieces(const std::vector<Interval>& planes) const override {
    std::vector<PartPiece> pieces;
    for (std::size_t i = 0; i < planes.size(); ++i)
      for (const PartPiece& piece : zarr_pieces(folder_, array_of(i), specs_[i], planes[i]))
        pieces.push_back(piece);
    return pieces;
  }

 private:
  std::string array_of(std::size_t i) const { return store_ + "/" + std::to_string(first_ + i); }

  std::vector<ZarrArraySpec> specs_;
  std::string folder_;
  std::string store_;
  std::size_t first_;
  WorkerPool pool_;
  ZarrCoders coders_;
  std::vector<std::unique_ptr<ZarrArrayWriter>> arrays_;
};

}  // namespace

PyramidLayout pyramid_layout(const std::string& output, const MultiscalePlan& plan,
                             const CreateOptions& options) {
  PyramidLayout layout{plan, options.compression, {}, plan.levels.size()};
  for (const ZarrArraySpec& spec : zarr_specs(plan, options, output)) layout.arrays.push_back(spec.layout);
  return layout;
}

std::string pyramid_layout_text(const PyramidLayout& layout) {
  JsonArray levels;
  for (std::size_t i = 0; i < layout.arrays.size(); ++i)
    levels.add(JsonObject()
                   .add("shape", list_of(layout.plan.levels[i].shape))
                   .add("factor", list_of(layout.plan.levels[i].factor))
                   .add("chunk", list_of(layout.arrays[i].chunk))
                   .add("shard", list_of(layout.arrays[i].shard)));
  JsonObject object;
  object.add("pyramid", kFormat).add("shared", layout.shared).add("method", layout.plan.method);
  object.add("version", std::string(layout.plan.version == OmeVersion::v05 ? "0.5" : "0.4"));
  object.add("labels_of", layout.plan.labels_of);
  object.add("compression", compression_text(layout.compression)).add("levels", levels);
  return object.text();
}

std::optional<PyramidLayout> read_pyramid_layout(const std::string& text, const VolumeMeta& meta) {
  if (!text.starts_with(kBegin)) return std::nullopt;
  const JsonDocument document(text, "the layout of a pyramid's parts");
  const JsonView root = document.root();
  PyramidLayout layout;
  layout.plan.meta = meta;
  layout.plan.method = root["method"].text().value_or("");
  layout.plan.version = root["version"].text() == "0.5" ? OmeVersion::v05 : OmeVersion::v04;
  layout.plan.labels_of = root["labels_of"].text().value_or("");
  if (const std::string words = root["compression"].text().value_or(""); !words.empty())
    parse_value(words, layout.compression.emplace());
  const JsonView levels = root["levels"];
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const JsonView level = levels.at(i);
    layout.plan.levels.push_back({extent_of(level["shape"]), extent_of(level["factor"])});
    layout.arrays.push_back({extent_of(level["chunk"]), extent_of(level["shard"])});
  }
  layout.shared = static_cast<std::size_t>(root["shared"].whole().value_or(0));
  if (layout.shared < 1 || layout.shared > layout.arrays.size())
    fail_damaged("the layout of a pyramid's parts is damaged; run the parts with --redo");
  return layout;
}

std::string pyramid_level_folder(const std::string& output, const PyramidLayout& layout, std::size_t level) {
  return parts_folder(output) + "/" + zarr_parts_store(pyramid_layout_text(layout)) + "/" +
         std::to_string(level);
}

std::int64_t pyramid_held_bytes(const PyramidLayout& layout, std::size_t first, std::size_t end,
                                int threads) {
  return zarr_held_bytes(specs_of(layout, first, end), threads);
}

std::unique_ptr<PyramidPartSink> create_pyramid_part(const std::string& output, const PyramidLayout& layout,
                                                     std::size_t first, std::size_t end, int threads) {
  return std::make_unique<LevelsOfParts>(output, layout, first, end, threads);
}

}  // namespace vox
