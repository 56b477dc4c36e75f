#include "io/zarr_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "core/error.h"
#include "core/memory_option.h"
#include "core/numbers.h"
#include "core/path_text.h"
#include "io/output_file.h"
#include "io/sidecar.h"
#include "io/zarr.h"
#include "io/zip_pack.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

constexpr double kLeastShare = 1.0 / 128;
constexpr double kOfOption = 0.5;    // of --memory a sink is given
constexpr double kBesideHeld = 1.5;  // --memory for each byte held: there are other buffers
constexpr double kOfLayers = 0.75;   // of the memory; the rest is for coding

void check_folder(const std::string& path, bool force) {
  const fs::file_status status = fs::symlink_status(path);
  if (!fs::exists(status)) {
    const fs::path parent = fs::path(path).parent_path();
    if (!parent.empty() && !fs::is_directory(parent)) fail_usage(parent.string() + ": is not a folder");
    return;
  }
  if (!fs::is_directory(status))
    fail_usage(path + ": is not a folder, which a Zarr store is; choose another name");
  if (fs::is_empty(path)) return;
  if (!force) fail_usage(path + ": exists; use --force to replace it");
  if (!is_zarr(path)) fail_usage(path + ": is no Zarr store; --force only replaces those");
}

void make_folder(const std::string& path, const std::string& name) {
  if (::mkdir(path.c_str(), 0777) != 0) fail_system(name, errno);
}

void write_text(const std::string& path, const std::string& name, const std::string& text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) fail_system(name, errno);
  ByteSink(file_device(descriptor, true), name).write(std::as_bytes(std::span(text)));
}

}  // namespace

void check_zarr_output(const std::string& path, bool force) {
  const std::string folder = without_slashes(path);
  check_folder(folder, force);
  check_sidecar(folder, force);
}

void rename_zarr(const std::string& from, const std::string& path) {
  const std::string folder = without_slashes(path);
  // A sidecar left there would speak of another volume.
  rename_folder(from, folder, [&] { ::unlink(sidecar_path(folder).c_str()); });
}

std::string zarr_stem(const std::string& path) {
  const std::string name = fs::path(without_slashes(path)).filename().string();
  return name.substr(0, std::min({name.find(".ome.zarr"), name.find(".zarr"), name.find(".ozx")}));
}

MultiscalePlan one_zarr_level(const VolumeMeta& meta) {
  MultiscalePlan plan;
  plan.meta = meta;
  plan.levels.push_back({meta.shape, {1, 1, 1}});
  return plan;
}

OutputFolder::OutputFolder(std::string path, bool force)
    : path_(without_slashes(std::move(path))), force_(force) {
  if (is_packed()) {
    check_output(path_, force);
    check_sidecar(path_, force);
  } else {
    check_zarr_output(path_, force);
  }
  std::string name = temporary_name_beside(path_);
  while (::mkdir(name.c_str(), 0777) != 0) {
    if (errno != EEXIST) fail_system(path_, errno);
    name = temporary_name_beside(path_);
  }
  temporary_ = TemporaryPath(name);
}

void OutputFolder::commit() {
  if (is_packed()) return pack();
  sync_file_system(temporary_.path());
  rename_zarr(temporary_.path(), path_);
  temporary_.release();
}

void OutputFolder::pack() {
  OutputFile file(path_, force_);
  // As RFC-9 of OME-Zarr wants it: readers find all metadata at once.
  const auto is_metadata = [](const std::string& name) { return name.ends_with("zarr.json"); };
  pack_zip(temporary_.path(), is_metadata,
           R"({"ome":{"version":"0.5","zipFile":{"centralDirectory":{"jsonFirst":true}}}})", file.bytes());
  file.commit();
  ::unlink(sidecar_path(path_).c_str());
}

std::vector<ZarrArraySpec> zarr_specs(const MultiscalePlan& plan, const CreateOptions& options,
                                      const std::string& path) {
  if (path.ends_with(".ozx") && plan.version == OmeVersion::v04)
    fail_usage(path + ": an archive holds OME-Zarr 0.5; leave out --ome 0.4 or name a folder, .ome.zarr");
  const std::optional<ZarrCoding> coding = zarr_coding(options.compression);
  const auto weight_of = [](const LevelPlan& level) {
    return static_cast<double>(level.shape.y) * static_cast<double>(level.shape.x);
  };
  double weight = 0;
  for (const LevelPlan& level : plan.levels) weight += weight_of(level);
  std::vector<ZarrArraySpec> specs;
  double least = 0;   // bytes of memory in which all layers fit
  std::string thick;  // the first layer that does not
  for (const LevelPlan& level : plan.levels) {
    // Two layers of each; the smallest level may be less than a chunk that was asked for.
    const double share =
        std::max(weight_of(level) / weight / 2 * kOfLayers, plan.layout.chunk ? kLeastShare : 0);
    VolumeMeta meta;
    meta.shape = level.shape;
    meta.dtype = plan.meta.dtype;
    const double allowed = share * static_cast<double>(options.memory);
    const ZarrLayout layout = zarr_layout(meta, plan.layout, static_cast<std::int64_t>(allowed));
    const auto layer = static_cast<double>(layout.band_bytes(meta));
    least = std::max(least, layer / share);
    if (layer > allowed && thick.empty())
      thick = "a layer of chunks of " + to_string(layout.chunk) + " voxels takes " +
              format_bytes(layout.band_bytes(meta)) + ", and --memory allows " +
              format_bytes(static_cast<std::int64_t>(allowed)) + " for it";
    specs.push_back(zarr_spec(plan, specs.size(), layout, coding));
  }
  if (thick.empty()) return specs;
  const double option =
      std::max(least / kOfOption, kBesideHeld * static_cast<double>(zarr_held_bytes(specs, options.threads)));
  fail_memory(path + ": " + thick + "; choose thinner chunks or --memory " +
              memory_option(static_cast<std::int64_t>(option)) + " or more");
}

ZarrArraySpec zarr_spec(const MultiscalePlan& plan, std::size_t level, const ZarrLayout& layout,
                        const std::optional<ZarrCoding>& coding) {
  ZarrArraySpec spec;
  spec.meta.shape = plan.levels[level].shape;
  spec.meta.dtype = plan.meta.dtype;
  spec.layout = layout;
  spec.coding = coding;
  spec.wants_range = level == 0 && plan.meta.kind == Kind::intensity && !plan.meta.range;
  spec.prefixed = plan.version == OmeVersion::v05;
  return spec;
}

std::string zarr_array_file(std::size_t level, OmeVersion version) {
  return std::to_string(level) + (version == OmeVersion::v05 ? "/zarr.json" : "/.zarray");
}

std::int64_t zarr_held_bytes(const std::vector<ZarrArraySpec>& specs, int threads) {
  std::int64_t bytes = 0;
  std::int64_t coding = 0;
  for (const ZarrArraySpec& spec : specs) {
    bytes += ZarrArrayWriter::held_bytes(spec);
    coding = std::max(coding, ZarrArrayWriter::coding_bytes(spec, threads));
  }
  bytes += coding;
  return bytes;
}

ZarrStoreWriter::ZarrStoreWriter(const std::string& path, MultiscalePlan plan, const CreateOptions& options)
    : plan_(std::move(plan)),
      folder_(path, options.force),
      pool_(options.threads),
      specs_(zarr_specs(plan_, options, folder_.path())),
      threads_(options.threads) {
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const std::string name = "/" + std::to_string(i);
    make_folder(folder_.temporary() + name, folder_.path() + name);
    arrays_.push_back(std::make_unique<ZarrArrayWriter>(folder_.temporary() + name, folder_.path() + name,
                                                        specs_[i], pool_, coders_));
  }
}

void ZarrStoreWriter::write_metadata() const {
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const std::string file = "/" + zarr_array_file(i, plan_.version);
    write_text(folder_.temporary() + file, folder_.path() + file, zarr_array_json(specs_[i], plan_.version));
  }
  const std::optional<Range> range = plan_.meta.range ? plan_.meta.range : arrays_.front()->range();
  for (const auto& [file, text] : zarr_group_files(plan_, zarr_stem(folder_.path()), range))
    write_text(folder_.temporary() + "/" + file, folder_.path() + "/" + file, text);
}

void ZarrStoreWriter::finish() {
  for (const auto& array : arrays_) array->finish();
  write_metadata();
  folder_.commit();
}

}  // namespace vox
