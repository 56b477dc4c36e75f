#include "cli/context.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "cli/part_passes.h"
#include "cli/resources.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/numbers.h"
#include "core/roi.h"
#include "core/units.h"
#include "core/version.h"
#include "engine/spool_store.h"
#include "io/adapted_source.h"
#include "io/formats.h"
#include "io/output_file.h"
#include "io/temporary.h"

namespace vox {
namespace {

/// Device and file number of what a path names ("-": standard input); false when there is nothing.
bool file_identity(const std::string& path, struct stat& facts) {
  return path == "-" ? ::fstat(STDIN_FILENO, &facts) == 0 : ::stat(path.c_str(), &facts) == 0;
}

void check_shape(const SlabSource& source, const std::string& path, const VolumeMeta& like,
                 const std::string& option) {
  if (source.meta().shape == like.shape) return;
  fail_usage(option + " " + path + ": has " + to_string(source.meta().shape) + " voxels, the input " +
             to_string(like.shape) + "; they must agree");
}

/// Removes what runs that were killed left of `output`, and says so.
void clear_abandoned(Context& context, const std::string& output) {
  if (output == "-") return;
  const std::string path = output.substr(0, output.find_last_not_of('/') + 1);
  for (const std::string& name : remove_abandoned(path))
    context.say(name + ": removed; a run that was killed had left it");
}

}  // namespace

Context::Context(std::string tool, std::vector<std::string> args, CommonOptions options)
    : tool_(std::move(tool)), args_(std::move(args)), options_(std::move(options)) {
  const SystemView system = this_system();
  resources_.threads = options_.threads.value_or(allowed_threads(system));
  resources_.memory = options_.memory ? *options_.memory : default_memory(system);
  resources_.progress = &progress_;
  options_.open.threads = options_.create.threads = resources_.threads;
  options_.open.memory = options_.create.memory = resources_.memory / 2;
  options_.open.tmpdir = scratch_folder(options_.tmpdir, "-", system);
}

Context::~Context() = default;

std::unique_ptr<SlabSource> Context::open(const std::string& path) {
  if (path == "-" && stdin_is_terminal())
    fail_usage("standard input is a terminal: name an input file or feed a volume through a pipe; see '" +
               tool_ + " --help'");
  inputs_.push_back(path);
  return open_source(path, options_.open);
}

void Context::override_meta(VolumeMeta& meta) const {
  if (options_.spacing) meta.spacing = options_.spacing;
  if (options_.origin) meta.origin = options_.origin;
  if (options_.kind) meta.kind = *options_.kind;
  if (options_.unit) {
    const std::string long_name = unit_long_name(*options_.unit);
    meta.unit = long_name.empty() ? *options_.unit : long_name;
  }
}

Box3 Context::region(const VolumeMeta& meta) const {
  if (options_.roi) return parse_roi(*options_.roi, meta);
  if (options_.roi_world) return parse_world_roi(*options_.roi_world, meta);
  return whole(meta.shape);
}

std::unique_ptr<SlabSource> Context::open_input(const std::string& path) {
  std::unique_ptr<SlabSource> source = open(path);
  VolumeMeta meta = source->meta();
  override_meta(meta);
  check_meta(meta, source->info().name);
  if (meta != source->meta()) source = with_meta(std::move(source), meta);
  input_region_ = region(meta);
  return crop(std::move(source), *input_region_);
}

LevelInput Context::open_smallest_level(const std::string& path, const EnoughLevel& enough) {
  std::unique_ptr<SlabSource> source = open_input(path);
  const VolumeMeta whole = source->meta();
  const bool placed = options_.roi || options_.roi_world || options_.spacing || options_.origin;
  if (options_.open.level || placed) return {std::move(source), whole};
  for (std::int64_t level = source->info().levels - 1; level > 0; --level) {
    options_.open.level = level;
    std::unique_ptr<SlabSource> smaller = open_input(path);
    options_.open.level.reset();
    if (!enough(whole, smaller->meta().shape)) continue;
    say_verbose(smaller->info().name + ": level " + std::to_string(level) + " fills the picture");
    return {std::move(smaller), whole};
  }
  return {std::move(source), whole};
}

std::unique_ptr<SlabSource> Context::rereadable(std::unique_ptr<SlabSource> source,
                                                const std::string& output) {
  scratch_beside(output);
  if (source->seekable()) return source;
  if (options_.explain) {
    PassPlan spool;
    spool.what = "spool";
    const std::int64_t bytes = source->meta().bytes();
    const bool in_memory = spools_in_memory(bytes, resources_.memory);
    (in_memory ? spool.peak_memory : spool.spool_bytes) = bytes;
    if (in_memory) resources_.memory -= bytes;
    passes_.push_back(spool);
    return source;
  }
  say_verbose(source->info().name + ": " + format_bytes(source->meta().bytes()) +
              " are kept for a second pass");
  return make_rereadable(std::move(source), resources_);
}

void Context::scratch_beside(const std::string& output) {
  resources_.tmpdir = scratch_folder(options_.tmpdir, output, this_system());
}

std::unique_ptr<SlabSource> Context::open_input_rereadable(const std::string& path,
                                                           const std::string& output) {
  return rereadable(open_input(path), output);
}

std::unique_ptr<SlabSource> Context::open_further(const std::string& path, const std::string& option) {
  for (const std::string& other : inputs_)
    if (path == "-" && other == "-") fail_usage(option + ": standard input is read already; name a file");
  std::unique_ptr<SlabSource> source = open(path);
  beside_.push_back({path, source->meta().history});
  return source;
}

std::unique_ptr<SlabSource> Context::open_reference(const std::string& path, const std::string& option) {
  return rereadable(open_further(path, option), "-");
}

std::unique_ptr<SlabSource> Context::open_mask(const std::optional<std::string>& path, const VolumeMeta& like,
                                               const std::string& option) {
  if (!path) return nullptr;
  std::unique_ptr<SlabSource> source = open_further(*path, option);
  const Extent3 shape = source->meta().shape;
  if (shape.z != 1) return rereadable(fitted(std::move(source), *path, like, option), "-");
  VolumeMeta plane = like;
  plane.shape.z = 1;
  if (shape != plane.shape && input_region_ && input_region_->end.y <= shape.y &&
      input_region_->end.x <= shape.x) {
    // Of the region only rows and columns can be meant.
    Box3 rows = *input_region_;
    rows.begin.z = 0;
    rows.end.z = 1;
    source = crop(std::move(source), rows);
  }
  check_shape(*source, *path, plane, option);
  return repeat_plane(std::move(source), like.shape.z);
}

std::unique_ptr<SlabSource> Context::open_beside(const std::string& path, const VolumeMeta& like,
                                                 const std::string& option) {
  return fitted(open_further(path, option), path, like, option);
}

std::unique_ptr<SlabSource> Context::fitted(std::unique_ptr<SlabSource> source, const std::string& path,
                                            const VolumeMeta& like, const std::string& option) {
  const VolumeMeta meta = source->meta();
  // A volume of the cropped shape belongs to the crop; one of the whole shape is cropped in the same way.
  if (meta.shape != like.shape && (options_.roi || options_.roi_world)) {
    VolumeMeta placed = meta;
    override_meta(placed);
    source = crop(std::move(source), region(placed));
  }
  check_shape(*source, path, like, option);
  return source;
}

std::unique_ptr<SlabSource> Context::open_beside_rereadable(const std::string& path, const VolumeMeta& like,
                                                            const std::string& option) {
  return rereadable(open_beside(path, like, option), "-");
}

void Context::check_new(const std::string& output) const {
  const bool folder = output.ends_with("/");
  if (part_) return;
  if (output != "-" && !folder && !options_.explain) check_output(output, options_.create.force);
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
  entry.inputs = beside_;
  meta.history.push_back(std::move(entry));
}

void Context::refuse_same_file(const std::string& output) const {
  struct stat written {};
  if (output == "-" || ::stat(output.c_str(), &written) != 0) return;
  for (const std::string& input : inputs_) {
    struct stat read {};
    if (file_identity(input, read) && read.st_dev == written.st_dev && read.st_ino == written.st_ino)
      fail_usage(output + ": is the input; a volume cannot be written over itself, choose another name");
  }
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
  scratch_beside(output);
  const MultiscaleFormat& format = multiscale_format(output, options_.create);
  const MultiscalePlan levels = pyramid_levels(meta, spec);
  if (part_) return write_pyramid_part(std::move(source), spec, levels);
  const std::int64_t held = format.held_bytes(output, levels, options_.create);
  if (!source->seekable() && pyramid_rereads(*source, spec, held, resources_))
    source = rereadable(std::move(source), output);
  const PassPlan plan = plan_pyramid(*source, spec, held, resources_);
  passes_.push_back(plan);
  if (explaining()) return;
  refuse_same_file(output);
  clear_abandoned(*this, output);
  const auto store = format.create(output, levels, options_.create);
  progress_.pass_start = progress_.bytes_in.load();
  progress_.bytes_total = plan.bytes_in;
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
