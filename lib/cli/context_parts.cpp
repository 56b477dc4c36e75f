// The runs of a context that make one part of an output, or a share of first passes.
#include <algorithm>

#include "cli/context.h"
#include "cli/part_passes.h"
#include "cli/part_pyramid.h"
#include "cli/resources.h"
#include "core/error.h"
#include "core/version.h"
#include "io/part_sink.h"

namespace vox {
namespace {

/// A pass that shows every voxel to a reducer, which gets what all have seen when it is finished.
class ReducerPass final : public SharedPass {
 public:
  ReducerPass(std::span<SlabSource* const> sources, Reducer& reducer, const Resources& resources)
      : sources_(sources), reducer_(reducer), resources_(resources), seen_(reducer.empty()) {}

  PassPlan plan(const Interval& planes) const override {
    return plan_reduce(sources_, reducer_, resources_, planes);
  }
  void look(const Interval& planes) override {
    seen_ = reducer_.empty();
    if (planes.size() > 0) run_reduce(sources_, *seen_, resources_, planes);
  }
  void keep(KeptState& state) override { seen_->exchange(state); }
  void take(KeptState& state) override {
    const std::unique_ptr<Reducer> one = reducer_.empty();
    one->exchange(state);
    seen_->merge(*one);
  }
  void finish() { reducer_.merge(*seen_); }

 private:
  std::span<SlabSource* const> sources_;
  Reducer& reducer_;
  const Resources& resources_;
  std::unique_ptr<Reducer> seen_;
};

}  // namespace

bool Context::begin_part(const std::string& output, const std::vector<std::string>& inputs) {
  if (output.empty()) fail_usage("--part: this command writes no volume; leave it out");
  const PartCommand command{tool_, std::string(version()), args_,
                            compression_text(options_.create.compression)};
  const PartChoice choice = parse_part(*options_.part, this_system().environment);
  part_ = std::make_unique<PartTask>(choice, command, inputs, output, options_);
  if (options_.pass)
    passes_apart_ = std::make_unique<PartPasses>(choice, *options_.pass, command, output, options_.redo);
  if (options_.explain) return true;
  const std::optional<std::string> reason = part_->reason_to_skip(options_.pass != PassRole::reduce);
  if (reason) say(*reason);
  return !reason;
}

void Context::share_passes(const std::string& output, const std::string& part, bool redo) {
  PartChoice choice{1, 1};
  if (!part.empty())
    choice = parse_part(part, this_system().environment);
  else if (!options_.explain)
    choice.parts = parts_that_kept(output);
  if (choice.parts == 0) fail(parts_folder(output) + ": no part is there; run the command with --part first");
  passes_apart_ =
      std::make_unique<PartPasses>(choice, part.empty() ? PassRole::map : PassRole::reduce,
                                   PartCommand{tool_, std::string(version()), args_, {}}, output, redo);
}

bool Context::finished_by_others() const { return part_ && !options_.explain && part_->finished_by_others(); }

std::optional<PartPlan> Context::part_plan() const {
  if (!part_ || part_->units() == 0) return std::nullopt;
  return PartPlan{part_->output(), inputs_.paths(),  part_->planes(),
                  part_->units(),  passes_to_share_, part_->leaves_voxels()};
}

void Context::write_part(const VolumeMeta& meta, const VolumePass& pass,
                         const std::function<void(const Tally&)>& accept) {
  refuse_same_file(part_->output());
  const bool makes_voxels = !passes_apart_ || passes_apart_->role() == PassRole::map;
  if (!makes_voxels && !options_.explain) passes_apart_->end();
  part_->plan(meta, pass.tile, inputs_.paths());
  const Interval planes = part_->planes();
  if (options_.explain) {
    if (!makes_voxels) return;
    passes_.push_back(pass.plan(nullptr, planes));
    return;
  }
  const std::unique_ptr<PartSink> sink = planes.size() == 0 ? nullptr : part_->create_sink();
  Tally tally;
  if (sink) {
    note_pass(pass.plan(sink.get(), planes));
    tally = pass.run(*sink, planes);
  }
  if (accept) accept(tally);
  if (sink) sink->finish();
  part_->complete(sink ? sink->pieces() : std::vector<PartPiece>(), sink ? sink->range() : std::nullopt,
                  tally);
  tally_ += tally;
  say_verbose(part_->done_text());
}

void Context::write_pyramid_part(std::unique_ptr<SlabSource> source, PyramidSpec spec,
                                 const MultiscalePlan& levels) {
  refuse_same_file(part_->output());
  if (passes_apart_ && passes_apart_->role() == PassRole::reduce) {
    if (!options_.explain) passes_apart_->end();
    return;
  }
  PyramidLayout layout = pyramid_layout(part_->output(), levels, options_.create);
  layout.shared = levels_to_share(layout, spec, part_->choice().parts);
  const PartLayout files{layout.arrays.front().shard.z, pyramid_layout_text(layout),
                         layout.shared == layout.arrays.size()};
  part_->plan(levels.meta, files, inputs_.paths());
  spec = spec_of_part(std::move(spec), layout, part_->planes());
  const std::int64_t held = pyramid_held_bytes(layout, 0, layout.shared, resources_.threads);
  if (!source->seekable() && pyramid_rereads(*source, spec, held, resources_))
    source = inputs_.rereadable(std::move(source), part_->output());
  note_pass(plan_pyramid(*source, spec, held, resources_));
  if (options_.explain) return;
  std::vector<PartPiece> pieces;
  std::optional<Range> range;
  if (part_->planes().size() > 0) {
    part_->begin();
    const auto sink = create_pyramid_part(part_->output(), layout, 0, layout.shared, resources_.threads);
    run_pyramid(*source, spec, *sink, held, resources_);
    sink->finish();
    range = sink->range();
    pieces = sink->pieces(planes_of_levels(layout, layout.shared, part_->planes()));
  }
  part_->complete(std::move(pieces), range, {});
  say_verbose(part_->done_text());
}

void Context::reduce(std::span<SlabSource* const> sources, Reducer& reducer) {
  if (!PartPasses::can_keep(reducer)) {
    if (passes_apart_) PartPasses::refuse();
    passes_to_share_.reset();
  }
  if (passes_apart_) {
    ReducerPass pass(sources, reducer, resources_);
    first_pass(*sources[0], pass);
    return pass.finish();
  }
  if (passes_to_share_) ++*passes_to_share_;
  note_pass(plan_reduce(sources, reducer, resources_));
  if (!options_.explain) run_reduce(sources, reducer, resources_);
}

void Context::first_pass(const SlabSource& source, SharedPass& pass) {
  if (passes_to_share_) ++*passes_to_share_;
  const VolumeMeta& meta = source.meta();
  if (passes_apart_) return run_pass_of_part(meta, std::min(source.chunk().z, meta.shape.z), pass);
  const Interval all{0, meta.shape.z};
  note_pass(pass.plan(all));
  if (!options_.explain) pass.look(all);
}

void Context::share_last_pass(const VolumeMeta& input, const VolumeMeta& output, SharedPass& pass) {
  const std::int64_t unit =
      shared_format(part_->output()).layout(part_->output(), output, options_.create).planes;
  run_pass_of_part(input, std::min(unit, input.shape.z), pass);
  if (passes_apart_->role() == PassRole::reduce && !options_.explain) passes_apart_->end();
}

void Context::run_pass_of_part(const VolumeMeta& meta, std::int64_t unit, SharedPass& pass) {
  const Interval planes = planes_of_part(meta.shape.z, unit, passes_apart_->choice());
  if (options_.explain) {
    if (passes_apart_->role() == PassRole::reduce) note_pass(pass.plan(planes));
    return;
  }
  if (passes_apart_->take(meta, unit, inputs_.paths(), pass)) return;
  note_pass(pass.plan(planes));
  pass.look(planes);
  passes_apart_->keep(pass);
  throw PassEnd{};
}

}  // namespace vox
