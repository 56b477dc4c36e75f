#include "engine/watershed_source.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/distance_source.h"
#include "ops/label/basin_markers.h"

namespace vox {
namespace {

/// For blocks that are read and written.
constexpr std::int64_t kBlocks = 4 << 20;
/// Of the range of intensities: the depth of a basin that gets a marker.
constexpr double kDefaultDepth = 0.05;

DType smallest_type(std::int64_t count) {
  return count <= 0xff ? DType::uint8 : count <= 0xffff ? DType::uint16 : DType::uint32;
}

}  // namespace

WatershedSource::WatershedSource(const VolumeMeta& input, const std::string& name,
                                 const WatershedSettings& settings, const Resources& resources)
    : settings_(settings),
      spacing_(input.spacing.value_or(Vector3{1, 1, 1})),
      grid_(input.shape, settings.connectivity),
      loader_(volume_, settings.inputs) {
  meta_ =
      with_new_values(input, settings.inputs.markers ? settings.marker_dtype : DType::uint32, Kind::labels);
  info_.name = name;
  info_.format = "basins";
  volume_.grid = &grid_;
  volume_.dtype = settings.inputs.distances ? DType::float32 : input.dtype;
  volume_.label_bytes = size_of(meta_.dtype) == 8 ? 8 : 4;
  held_ = grid_.size() * volume_.cell_bytes() + grid_.bit_words() * 8;
  std::int64_t scratch = std::max(flood_scratch(grid_, volume_.dtype), kBlocks);
  if (!settings.inputs.markers) scratch = std::max(scratch, mark_basins_scratch(grid_, volume_.dtype));
  if (settings.inputs.distances)
    scratch = std::max(scratch, DistanceSource::least_memory(input, resources.threads) + kBlocks);
  plan_.what = "watershed";
  plan_.block = input.shape;
  plan_.peak_memory = held_ + scratch;
  if (plan_.peak_memory > resources.memory)
    fail_memory(name + ": a watershed stands in memory and needs " + format_bytes(plan_.peak_memory) +
                " for " + to_string(input.shape) + " voxels" +
                memory_remedy(plan_.peak_memory, resources.memory, resources.taken) + ", or a part by --roi");
}

void WatershedSource::prepare() {
  cells_ = Buffer(grid_.size() * volume_.cell_bytes());
  free_ = Buffer(grid_.bit_words() * 8);
  volume_.cells = cells_.data();
  volume_.free = reinterpret_cast<std::uint64_t*>(free_.data());
}

double WatershedSource::default_depth() const {
  if (settings_.inputs.distances) return *std::min_element(spacing_.begin(), spacing_.end());
  const std::optional<Range> range = loader_.range();
  return range ? (range->high - range->low) * kDefaultDepth : 0;
}

void WatershedSource::compute() {
  if (!settings_.inputs.markers) {
    depth_ = settings_.depth ? *settings_.depth : default_depth();
    if (!is_float(volume_.dtype)) depth_ = std::floor(depth_);
    marked_ = mark_basins(volume_, depth_);
    meta_.dtype = smallest_type(marked_);
  }
  flood(volume_);
}

void WatershedSource::read(const Box3& box, std::byte* out) {
  const auto copy = [&]<class Label>(Type<Label>) {
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z)
      for (std::int64_t y = box.begin.y; y < box.end.y; ++y) {
        // The first bytes of a label are its lowest ones.
        const std::byte* label = volume_.label(grid_.row(z, y) + box.begin.x);
        for (std::int64_t x = box.begin.x; x < box.end.x; ++x) {
          std::memcpy(out, label, sizeof(Label));
          out += sizeof(Label);
          label += volume_.cell_bytes();
        }
      }
  };
  visit_dtype(meta_.dtype, copy);
}

}  // namespace vox
