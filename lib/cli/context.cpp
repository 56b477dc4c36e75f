#include "cli/context.h"

#include "cli/named_files.h"
#include "cli/part_passes.h"
#include "cli/resources.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/numbers.h"
#include "core/path_text.h"
#include "core/version.h"
#include "engine/pyramid.h"
#include "io/formats.h"
#include "io/output_file.h"
#include "io/temporary.h"

namespace vox {
namespace {

/// Removes what runs that were killed left of `output`, and says so.
void clear_abandoned(Context& context, const std::string& output) {
  if (output == "-") return;
  for (const std::string& name : remove_abandoned(without_slashes(output)))
    context.say(name + ": removed; a run that was killed had left it");
}

}  // namespace

Context::Context(std::string tool, std::vector<std::string> args, CommonOptions options)
    : tool_(std::move(tool)),
      args_(std::move(args)),
      options_(std::move(options)),
      inputs_(tool_, options_, resources_,
              {[this](const std::string& line) { say_verbose(line); },
               [this](const PassPlan& plan) { passes_.push_back(plan); }}) {
  const SystemView system = this_system();
  resources_.threads = options_.threads.value_or(allowed_threads(system));
  resources_.memory = options_.memory ? *options_.memory : default_memory(system);
  resources_.progress = &progress_;
  options_.open.threads = options_.create.threads = resources_.threads;
  options_.open.memory = options_.create.memory = resources_.memory / 2;
  options_.open.tmpdir = scratch_folder(options_.tmpdir, "-", system);
}

Context::~Context() = default;

void Context::check_new(const std::string& output) const {
  // Objects may be labelled for their table alone; other commands will find that it is no file.
  if (part_ || options_.explain || output == "/dev/null") return;
  check_new_output(output, options_.create);
}

void Context::check_new_file(const std::string& path) const {
  if (!part_ && !options_.explain) check_output(path, options_.create.force);
}

void Context::reduce(SlabSource& source, Reducer& reducer, SlabSource* beside) {
  std::vector<SlabSource*> sources{&source};
  if (beside != nullptr) sources.push_back(beside);
  reduce(sources, reducer);
}

bool Context::begin_pass(const PassPlan& plan, bool shared) {
  if (passes_apart_) PartPasses::refuse();
  if (!shared) passes_to_share_.reset();
  if (passes_to_share_) ++*passes_to_share_;
  note_pass(plan);
  return !options_.explain;
}

void Context::note_pass(const PassPlan& plan) {
  passes_.push_back(plan);
  progress_.pass_start = progress_.bytes_in.load();
  progress_.bytes_total = plan.bytes_in;
}

void Context::add_history(VolumeMeta& meta) const {
  if (options_.no_history) {
    meta.history.clear();
    return;
  }
  HistoryEntry entry;
  entry.tool = tool_;
  entry.version = version();
  entry.args = args_;
  entry.inputs = inputs_.beside();
  meta.history.push_back(std::move(entry));
}

void Context::refuse_same_file(const std::string& output) const {
  if (inputs_.have(output)) fail_over_input(output);
}

void Context::map(SlabSource& source, const KernelList& kernels, const std::string& output,
                  const Boundary& boundary, const std::function<void(const Tally&)>& accept) {
  const VolumeMeta meta = output_meta(source.meta(), kernels);
  VolumePass pass;
  pass.plan = [&](const SlabSink* sink, const Interval& planes) {
    return plan_map(source, kernels, boundary, meta, sink, resources_, planes);
  };
  pass.run = [&](SlabSink& sink, const Interval& planes) {
    return run_map(source, kernels, boundary, sink, resources_, planes);
  };
  if (!kernels.empty()) pass.tile = std::min(kernels.back()->tile().z, meta.shape.z);
  write(meta, output, pass, accept);
}

void Context::write(VolumeMeta meta, const std::string& output, const VolumePass& pass,
                    const std::function<void(const Tally&)>& accept) {
  const Interval all{0, meta.shape.z};
  add_history(meta);
  if (part_ && output == part_->output()) return write_part(meta, pass, accept);
  if (options_.explain) {
    passes_.push_back(pass.plan(planned_sink(output, meta, options_.create).get(), all));
    return;
  }
  refuse_same_file(output);
  if (output == "-" && stdout_is_terminal())
    fail_usage("standard output is a terminal, and voxels are no text: name an output file or add a pipe");
  clear_abandoned(*this, output);
  CreateOptions create = options_.create;
  create.force = may_replace();
  const std::unique_ptr<SlabSink> sink = create_sink(output, meta, create);
  stream_begun_ = output == "-";
  note_pass(pass.plan(sink.get(), all));
  try {
    const Tally tally = pass.run(*sink, all);
    if (accept) accept(tally);
    sink->finish();
    tally_ += tally;
    if (const std::string line = unheld_meta(output, meta); !line.empty()) say(line);
  } catch (const std::exception& error) {
    sink->set_failure(reason_for_reader(tool_, error));
    throw;
  }
}

void Context::add_to_history(const std::vector<std::string>& words) {
  args_.insert(args_.begin(), words.begin(), words.end());
}

void Context::print_beside(const std::string& line, const std::string& output) {
  if (output != "-")
    print(line + "\n");
  else if (!options_.quiet)
    write_line(line);
}

void Context::pyramid(std::unique_ptr<SlabSource> source, const PyramidSpec& spec,
                      const std::string& output) {
  VolumeMeta meta = source->meta();
  add_history(meta);
  inputs_.scratch_beside(output);
  const MultiscaleFormat& format = multiscale_format(output, options_.create);
  const MultiscalePlan levels = pyramid_levels(meta, spec);
  if (part_) return write_pyramid_part(std::move(source), spec, levels);
  const std::int64_t held = format.held_bytes(output, levels, options_.create);
  if (!source->seekable() && pyramid_rereads(*source, spec, held, resources_))
    source = inputs_.rereadable(std::move(source), output);
  const PassPlan plan = plan_pyramid(*source, spec, held, resources_);
  if (options_.explain) return passes_.push_back(plan);
  refuse_same_file(output);
  clear_abandoned(*this, output);
  const auto store = format.create(output, levels, options_.create);
  note_pass(plan);
  run_pyramid(*source, spec, *store, held, resources_);
  store->finish();
  if (const std::string line = unheld_meta(output, meta); !line.empty()) say(line);
}

void Context::say(const std::string& line) {
  if (!options_.quiet) write_line(tool_ + ": " + printable(line));
}

void Context::say_verbose(const std::string& line) {
  if (options_.verbose) say(line);
}

}  // namespace vox
