#include "cli/common_options.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "core/error.h"
#include "core/numbers.h"
#include "core/unit_ratio.h"
#include "core/units.h"

namespace vox {
namespace {

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

int parse_threads(std::string_view text) {
  int threads = 0;
  parse_value(text, threads);
  if (threads < 1) fail_usage(quoted(text) + " is not a number of threads; write 1 or more");
  return threads;
}

std::int64_t parse_index(std::string_view text) {
  std::int64_t index = 0;
  parse_value(text, index);
  if (index < 0) fail_usage(quoted(text) + " is negative; the first one is 0");
  return index;
}

std::string parse_unit(std::string_view text) {
  std::string unit = unit_long_name(text);
  if (unit.empty())
    fail_usage(quoted(text) + " is not a unit of length; write for example um, mm or nanometer");
  return unit;
}

void parse_progress(std::string_view text, ProgressMode& mode) {
  constexpr std::array<std::string_view, 4> kNames = {"auto", "always", "never", "json"};
  mode = static_cast<ProgressMode>(std::find(kNames.begin(), kNames.end(), text) - kNames.begin());
}

/// Three lengths, all bare or all with a unit; in the unit of the first.
struct Spacing {
  Vector3 value{};
  std::string unit;
};

Spacing parse_spacing(std::string_view text) {
  std::array<Length, 3> lengths;
  parse_value(text, lengths);
  Spacing spacing;
  spacing.unit = lengths[0].unit;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const Length& length = lengths[axis];
    if (length.unit.empty() != spacing.unit.empty())
      fail_usage(quoted(text) + " has a unit in part; give it to all three");
    const double scale = length.unit == spacing.unit ? 1 : unit_ratio(length.unit, spacing.unit);
    spacing.value[axis] = length.value * scale;
    if (!(spacing.value[axis] > 0) || !std::isfinite(spacing.value[axis]))
      fail_usage(quoted(text) + " is not a spacing; it must be positive");
  }
  return spacing;
}

/// --spacing may carry a unit, which must not differ from that of --unit, in whichever order they stand.
void declare_scale(Params& params, CommonOptions& options, const std::string& of_volume) {
  const auto spacing_unit = std::make_shared<std::string>();
  const auto agreed = [&options, spacing_unit](const std::string& unit) {
    if (!spacing_unit->empty() && options.unit && *options.unit != *spacing_unit)
      fail_usage("unit " + quoted(*options.unit) + " beside a spacing in " + *spacing_unit +
                 "; give one of them");
    if (!unit.empty()) options.unit = unit;
  };
  params.option("spacing", 0, "Z,Y,X",
                "Distance of voxel centres" + of_volume + "; bare in the volume's unit, or as 0.65um",
                [&options, spacing_unit, agreed](std::string_view text) {
                  const Spacing spacing = parse_spacing(text);
                  options.spacing = spacing.value;
                  *spacing_unit = spacing.unit;
                  agreed(spacing.unit);
                });
  params.option("unit", 0, "UNIT", "Unit of spacing and origin" + of_volume + ", such as um or mm",
                [&options, agreed](std::string_view text) {
                  options.unit = parse_unit(text);
                  agreed({});
                });
  params.value("origin", 0, "Z,Y,X", "Centre of the first voxel, in the volume's unit" + of_volume,
               options.origin);
  params.value("kind", 0, "KIND", "What the voxels mean" + of_volume, options.kind)
      .one_of({"intensity", "labels", "mask"});
}

void declare_raw(Params& params, RawDescription& raw) {
  params.value("in-shape", 0, "Z,Y,X", "Shape of raw input without a sidecar, also on standard input",
               raw.shape);
  Param& dtype = params.value("in-dtype", 0, "DTYPE", "Voxel type of raw input without a sidecar", raw.dtype);
  for (DType known : kAllDTypes) dtype.choices.emplace_back(dtype_name(known));
  params
      .option("in-byte-order", 0, "ORDER", "Byte order of raw input without a sidecar",
              [&raw](std::string_view text) { raw.big_endian = text == "big"; })
      .default_is("little")
      .one_of({"little", "big"});
  params
      .option("in-offset", 0, "BYTES", "Bytes to skip at the beginning of raw input without a sidecar",
              [&raw](std::string_view text) { raw.offset = text == "0" ? 0 : parse_size(text); })
      .default_is("0");
}

void declare_selection(Params& params, CommonOptions& options) {
  params
      .value("roi", 0, "Z0:Z1,Y0:Y1,X0:X1",
             "Only this region: half-open, an end may be left out, negative counts from the end; with units: "
             "distance from the volume's corner, rounded to voxel edges",
             options.roi)
      .not_with({"roi-world"});
  params.value("roi-world", 0, "Z0:Z1,Y0:Y1,X0:X1",
               "Only voxels whose centres lie inside, in world coordinates", options.roi_world);
  const auto index = [&params](const char* name, const char* help, std::optional<std::int64_t>& target) {
    params.option(name, 0, "N", help, [&target](std::string_view text) { target = parse_index(text); });
  };
  index("level", "Which resolution of an input that holds several", options.open.level);
  index("channel", "Which channel of an input that holds several", options.open.channel);
  index("time", "Which time point of an input that holds several", options.open.time);
}

void declare_output(Params& params, CommonOptions& options) {
  params
      .value("compression", 'c', "CODEC[:LEVEL]",
             "TIFF: none (default), deflate, lzw, zstd; NRRD and MetaImage: none (default), gzip; .raw.gz "
             "and .nii.gz: gzip; .raw.zst: zstd; Zarr: none, zstd (default zstd:3), gzip, blosc (also "
             "blosc:lz4:5 and such)",
             options.create.compression)
      .execution_only();
  params
      .flag("predictor", 0, "TIFF: store differences of neighbours before compressing",
            options.create.predictor)
      .execution_only();
  params.flag("force", 'f', "Replace an existing output", options.create.force).execution_only();
  params.flag("no-history", 0, "Write no history", options.no_history).execution_only();
}

void declare_resources(Params& params, CommonOptions& options) {
  params
      .option("threads", 'j', "N", "Threads to compute with (environment: VOXPIPE_THREADS)",
              [&options](std::string_view text) { options.threads = parse_threads(text); })
      .default_is("what affinity, control group and SLURM_CPUS_PER_TASK allow")
      .execution_only();
  params
      .option("memory", 0, "SIZE", "Memory for voxels, such as 512M or 4G (environment: VOXPIPE_MEMORY)",
              [&options](std::string_view text) { options.memory = parse_size(text); })
      .default_is("a quarter of what control group, Slurm and machine allow, at most 2G")
      .execution_only();
  params.value("tmpdir", 0, "DIR", "Folder for scratch files", options.tmpdir)
      .default_is("$TMPDIR, else the output's folder, else /tmp")
      .execution_only()
      .path();
}

int parse_status(std::string_view text) {
  int status = 0;
  parse_value(text, status);
  if (status < 0 || status > 255) fail_usage(quoted(text) + " is no exit status; write 0 to 255");
  return status;
}

void declare_parts(Params& params, CommonOptions& options) {
  params
      .value("part", 0, "K/N",
             "Make only this one of N shares of OUTPUT, beside other processes; auto: as Slurm or MPI number "
             "them. `vpart finish OUTPUT` joins them",
             options.part)
      .execution_only();
  params
      .option(
          "pass", 0, "PASS",
          "With --part: its share of the next first pass (reduce), or of the output once all parts have done "
          "that (map); left out, each part runs first passes itself",
          [&options](std::string_view text) {
            options.pass = text == "map" ? PassRole::map : PassRole::reduce;
          })
      .one_of({"reduce", "map"})
      .execution_only();
  params.flag("redo", 0, "With --part: make it again, also when it is done", options.redo).execution_only();
  params
      .option("requeue-exit", 0, "CODE", "With --part: exit status when SIGTERM or SIGUSR1 ended it",
              [&options](std::string_view text) { options.requeue_exit = parse_status(text); })
      .default_is("143")
      .execution_only();
}

void declare_watching(Params& params, CommonOptions& options) {
  params
      .flag("explain", 0, "Print the plan and do nothing: passes, blocks, halo, peak memory, scratch, bytes",
            options.explain)
      .execution_only();
  std::vector<Param>& list = params.list();
  const auto own =
      std::find_if(list.begin(), list.end(), [](const Param& param) { return param.name == "json"; });
  if (own == list.end()) {
    params.flag("json", 0, "With --explain: as JSON", options.json).execution_only();
  } else {
    own->set = [&options, own_set = own->set](std::string_view text) {
      own_set(text);
      options.json = true;
    };
  }
  params
      .value("report", 0, "FILE",
             "When done, write JSON: seconds, bytes_in, bytes_out, peak_memory, clipped_low, clipped_high, "
             "nan, rounded, saturated",
             options.report)
      .execution_only()
      .path();
  params
      .option("progress", 0, "WHEN",
              "Show progress on standard error; auto: on a terminal, by the last tool of a pipe; json: a "
              "line a second",
              [&options](std::string_view text) { parse_progress(text, options.progress); })
      .default_is("auto")
      .one_of({"auto", "always", "never", "json"})
      .execution_only();
}

}  // namespace

void declare_common(Params& params, const CommonGroups& groups, CommonOptions& options) {
  std::size_t named = params.list().size();
  const auto name_group = [&](const char* heading) {
    for (; named < params.list().size(); ++named) params.list()[named].group = heading;
  };
  if (groups.input) declare_selection(params, options);
  if (groups.input || groups.scale)
    declare_scale(params, options, groups.input ? " instead of what the input says" : "");
  if (groups.input) declare_raw(params, options.open.raw);
  name_group(groups.input ? "Input options" : "Volume options");
  if (groups.output) declare_output(params, options);
  name_group("Output options");
  if (groups.run) {
    declare_resources(params, options);
    declare_watching(params, options);
    if (groups.output) declare_parts(params, options);
  }
  name_group("Run options");
  params.flag("quiet", 'q', "Say nothing but errors", options.quiet).execution_only().not_with({"verbose"});
  params.flag("verbose", 'v', "Say more: passes, spooling, time and memory", options.verbose)
      .execution_only();
  name_group("General options");
}

std::string input_words(const CommonOptions& options) {
  const RawDescription& raw = options.open.raw;
  std::string words;
  const auto add = [&](const char* option, const std::string& value) {
    words += std::string(" ") + option + " " + shell_quote(value);
  };
  const auto add_number = [&](const char* option, const std::optional<std::int64_t>& value) {
    if (value) add(option, std::to_string(*value));
  };
  const auto add_vector = [&](const char* option, const std::optional<Vector3>& value) {
    if (!value) return;
    add(option,
        format_number((*value)[0]) + "," + format_number((*value)[1]) + "," + format_number((*value)[2]));
  };
  if (raw.shape)
    add("--in-shape", std::to_string(raw.shape->z) + "," + std::to_string(raw.shape->y) + "," +
                          std::to_string(raw.shape->x));
  if (raw.dtype) add("--in-dtype", std::string(dtype_name(*raw.dtype)));
  if (raw.big_endian) add("--in-byte-order", "big");
  if (raw.offset != 0) add("--in-offset", std::to_string(raw.offset));
  add_number("--level", options.open.level);
  add_number("--channel", options.open.channel);
  add_number("--time", options.open.time);
  if (options.roi) add("--roi", *options.roi);
  if (options.roi_world) add("--roi-world", *options.roi_world);
  add_vector("--spacing", options.spacing);
  if (options.unit) add("--unit", *options.unit);
  add_vector("--origin", options.origin);
  if (options.kind) add("--kind", std::string(kind_name(*options.kind)));
  return words;
}

void apply_environment(const Environment& environment, CommonOptions& options) {
  const auto with_name = [&](const char* name, auto&& use) {
    const std::optional<std::string> text = environment(name);
    if (!text || text->empty()) return;
    try {
      use(*text);
    } catch (const Error& error) {
      fail_usage("environment variable " + std::string(name) + ": " + error.what());
    }
  };
  if (!options.threads)
    with_name("VOXPIPE_THREADS", [&](const std::string& text) { options.threads = parse_threads(text); });
  if (!options.memory)
    with_name("VOXPIPE_MEMORY", [&](const std::string& text) { options.memory = parse_size(text); });
}

}  // namespace vox
