#include "cli/finish_parts.h"

#include <filesystem>

#include "core/error.h"
#include "engine/pyramid.h"
#include "io/pyramid_parts.h"
#include "io/zarr_labels.h"
#include "io/zarr_store.h"

namespace vox {
namespace {

/// Levels behind one that is there.
class LevelsBehind : public LevelSink {
 public:
  explicit LevelsBehind(LevelSink& levels) : levels_(levels) {}

  void put(std::size_t level, const Box3& box, std::span<const std::byte> voxels) override {
    levels_.put(level - 1, box, voxels);
  }
  void finish() override { levels_.finish(); }

 private:
  LevelSink& levels_;
};

Extent3 step_between(const LevelPlan& from, const LevelPlan& to) {
  return {to.factor.z / from.factor.z, to.factor.y / from.factor.y, to.factor.x / from.factor.x};
}

/// What `run_pyramid` makes of the last level that parts wrote; that one is not put anywhere.
PyramidSpec spec_behind(const PyramidLayout& layout) {
  const std::vector<LevelPlan>& levels = layout.plan.levels;
  PyramidSpec spec;
  spec.method = shrink_method_named(layout.plan.method).value_or(ShrinkMethod::mean);
  for (std::size_t level = layout.shared; level < levels.size(); ++level)
    spec.steps.push_back(step_between(levels[level - 1], levels[level]));
  const std::vector<Shrink> shrinks = pyramid_shrinks(spec.method, layout.plan.meta.dtype, spec.steps);
  spec.share = whole_pyramid(pyramid_shapes(levels[layout.shared - 1].shape, shrinks));
  spec.share.front().put = {};
  return spec;
}

/// What is not there would be read as zeros, and nobody may have looked at checksums.
void check_files(const std::string& output, const PartSurvey& survey, const std::string& level) {
  const std::string folder = parts_folder(output) + "/";
  const std::string remedy =
      ": is gone or cut short; vpart status " + output + " names the part to run again";
  for (const PartRecord& record : survey.done)
    for (const PartPiece& piece : record.pieces) {
      const std::string path = folder + piece.file;
      std::error_code gone;
      if (!path.starts_with(level + "/")) continue;
      if (std::filesystem::file_size(path, gone) != static_cast<std::uintmax_t>(piece.bytes))
        fail(path + remedy);
    }
}

void make_levels_behind(const std::string& output, const PyramidLayout& layout, const std::string& there,
                        Context& context) {
  context.inputs().scratch_beside(output);
  const Resources& resources = context.resources();
  OpenOptions open;
  open.threads = resources.threads;
  open.memory = resources.memory / 2;
  open.tmpdir = resources.tmpdir;
  const auto source = open_source(there, open);
  const PyramidSpec spec = spec_behind(layout);
  const std::size_t end = layout.arrays.size();
  const std::int64_t held = pyramid_held_bytes(layout, layout.shared, end, resources.threads);
  if (!context.begin_pass(plan_pyramid(*source, spec, held, resources))) return;
  const auto levels = create_pyramid_part(output, layout, layout.shared, end, resources.threads);
  LevelsBehind sink(*levels);
  run_pyramid(*source, spec, sink, held, resources);
  sink.finish();
}

}  // namespace

void finish_parts(const std::string& output, const PartSurvey& survey, bool force, Context& context) {
  const PartRecord& first = survey.done.front();
  const auto layout = read_pyramid_layout(first.command.layout, first.command.meta);
  if (layout && layout->shared < layout->arrays.size()) {
    const std::string there = pyramid_level_folder(output, *layout, layout->shared - 1);
    // It is not there when an earlier call was stopped at its very end.
    if (std::filesystem::exists(there)) {
      check_zarr_output(output, force || first.force);
      check_files(output, survey, there);
      make_levels_behind(output, *layout, there, context);
    }
  }
  if (context.explaining()) return;
  join_parts(output, survey, force);
  tidy_parts(output);
}

void tidy_parts(const std::string& output) {
  for (const std::string& path : list_records(output)) {
    const std::optional<PartRecord> record = read_sound_record(path);
    if (!record) continue;
    const auto layout = read_pyramid_layout(record->command.layout, record->command.meta);
    if (layout && !layout->plan.labels_of.empty()) enter_labels(output);
    break;
  }
  remove_parts(output);
}

}  // namespace vox
