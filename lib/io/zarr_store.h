// A Zarr image being written: a folder under a temporary name until all of it is there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/multiscale.h"
#include "io/temporary.h"
#include "io/zarr_array_writer.h"

namespace vox {

/// A folder that gets its name when it is complete; under a name that ends in .ozx, it becomes a zip archive.
/// An existing store is replaced only with `force`, and nothing else than a store or an empty folder (usage
/// errors).
class OutputFolder {
 public:
  OutputFolder(std::string path, bool force);

  const std::string& path() const { return path_; }
  /// Where it is for now.
  const std::string& temporary() const { return temporary_.path(); }
  /// Waits for the disk, then renames.
  void commit();

 private:
  bool is_packed() const { return path_.ends_with(".ozx"); }
  void pack();

  std::string path_;
  bool force_;
  TemporaryPath temporary_;
};

/// Throws a usage error unless a store may be made at `path`, or replaced.
void check_zarr_output(const std::string& path, bool force);
/// Gives a complete store its name, in place of an older one.
void rename_zarr(const std::string& from, const std::string& path);
/// What an image is called that lies at `path`.
std::string zarr_stem(const std::string& path);
MultiscalePlan one_zarr_level(const VolumeMeta& meta);

/// The arrays of a store and how they are cut: levels share `options.memory` by the size of their planes.
std::vector<ZarrArraySpec> zarr_specs(const MultiscalePlan& plan, const CreateOptions& options,
                                      const std::string& path);
/// One of them, of a level that is cut so.
ZarrArraySpec zarr_spec(const MultiscalePlan& plan, std::size_t level, const ZarrLayout& layout,
                        const std::optional<ZarrCoding>& coding);
/// What writing such arrays holds.
std::int64_t zarr_held_bytes(const std::vector<ZarrArraySpec>& specs, int threads);

class ZarrStoreWriter : public LevelSink {
 public:
  ZarrStoreWriter(const std::string& path, MultiscalePlan plan, const CreateOptions& options);

  /// Rows of full width of one level, in scan order.
  void put(std::size_t level, const Box3& box, std::span<const std::byte> voxels) override {
    arrays_[level]->put(box, voxels);
  }
  /// Metadata come last.
  void finish() override;
  std::int64_t held_bytes() const { return zarr_held_bytes(specs_, threads_); }

 private:
  void write_metadata() const;

  MultiscalePlan plan_;
  OutputFolder folder_;
  WorkerPool pool_;
  ZarrCoders coders_;
  std::vector<ZarrArraySpec> specs_;
  std::vector<std::unique_ptr<ZarrArrayWriter>> arrays_;
  int threads_;
};

/// Where a level's metadata stand, below the store.
std::string zarr_array_file(std::size_t level, OmeVersion version);
// The metadata as text. `range`: of the voxels of level 0.
std::string zarr_array_json(const ZarrArraySpec& spec, OmeVersion version);
/// {name of the file in the group's folder, its text}, the one that makes the folder an image last.
std::vector<std::pair<std::string, std::string>> zarr_group_files(const MultiscalePlan& plan,
                                                                  const std::string& name,
                                                                  const std::optional<Range>& range);

}  // namespace vox
