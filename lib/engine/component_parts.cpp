#include "engine/component_parts.h"

#include <algorithm>
#include <iterator>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "io/adapted_source.h"

namespace vox {
namespace {

/// Labels of a seam and of a part that are compared at once.
constexpr std::int64_t kBandBytes = 512 << 10;

/// From a view of some planes to the volume.
void move_along(std::int64_t planes, ObjectMeasure& object) {
  object.box.begin.z += planes;
  object.box.end.z += planes;
  object.z += static_cast<ObjectMeasure::Sum>(planes) * static_cast<ObjectMeasure::Sum>(object.voxels);
}

/// Numbers the objects of two planes that lie in both.
std::vector<std::uint64_t> seam_numbers(const LabelledRuns& two_planes) {
  std::vector<std::uint64_t> numbers;
  std::uint64_t seams = 0;
  for (const ObjectMeasure& object : two_planes.measures())
    numbers.push_back(object.box.shape().z == 2 ? ++seams : 0);
  return numbers;
}

/// The places of the parts that some planes belong to.
struct PartRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

PartRange parts_of(const std::vector<PartSummary>& parts, const Interval& planes) {
  PartRange range{parts.size(), 0};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Interval& own = parts[i].planes;
    if (own.size() == 0 || own.end <= planes.begin || own.begin >= planes.end) continue;
    range.begin = std::min(range.begin, i);
    range.end = i + 1;
  }
  return range;
}

/// Which value each object is painted with that is found when the planes of `window` are looked at.
std::vector<std::uint64_t> window_labels(std::span<const PartSummary> window, std::size_t first_part,
                                         const JoinedParts& all, const ComponentParts::Label& label) {
  const JoinedParts within = join_parts(window);
  std::vector<std::uint64_t> labels(static_cast<std::size_t>(within.count()));
  for (std::size_t i = 0; i < window.size(); ++i)
    for (std::uint64_t object = 0; object < static_cast<std::uint64_t>(window[i].objects); ++object)
      labels[static_cast<std::size_t>(within.object(i, object))] =
          label(static_cast<std::int64_t>(all.object(first_part + i, object)));
  return labels;
}

}  // namespace

std::vector<std::string> ComponentParts::settings() const {
  if (!request_.measures) return {};
  return {"with measurements"};
}

PassPlan ComponentParts::plan(const Interval& planes) const {
  PassPlan plan;
  plan.what = "find components of a part";
  if (planes.size() == 0) return plan;
  const std::int64_t depth = source_.meta().shape.z;
  plan = plan_components(*view_planes(source_, planes), request_, resources_);
  plan.what = "find components of a part";
  plan.halo.z = 1;
  const std::int64_t seam_planes = 2 * (std::int64_t{planes.begin > 0} + (planes.end < depth));
  plan.bytes_in += seam_planes * source_.meta().plane_bytes();
  return plan;
}

void ComponentParts::look(const Interval& planes) {
  parts_.clear();
  own_ = {planes};
  if (planes.size() == 0) return;
  const auto runs = find_components(*view_planes(source_, planes), request_, resources_);
  own_.objects = runs->objects();
  own_.measures = runs->take_measures();
  for (ObjectMeasure& object : own_.measures) move_along(planes.begin, object);
  runs->set_labels(8, [](std::int64_t object) { return static_cast<std::uint64_t>(object) + 1; });
  if (planes.begin > 0) own_.before = links(*runs, planes.begin);
  if (planes.end < source_.meta().shape.z) own_.after = links(*runs, planes.end);
}

/// What of `runs`, those of our planes, lies in seams at our first or behind our last plane.
std::vector<SeamLink> ComponentParts::links(const LabelledRuns& runs, std::int64_t cut) const {
  ComponentRequest request = request_;
  request.measures = true;
  Resources resources = resources_;
  resources.progress = nullptr;
  resources.take(runs.memory_bytes() + own_.memory_bytes());
  const auto two = find_components(*view_planes(source_, {cut - 1, cut + 1}), request, resources);
  const std::vector<std::uint64_t> numbers = seam_numbers(*two);
  two->set_labels(8, [&](std::int64_t object) { return numbers[static_cast<std::size_t>(object)]; });
  const bool first = cut == own_.planes.begin;
  const Extent3& shape = source_.meta().shape;
  const std::int64_t rows = std::clamp<std::int64_t>(kBandBytes / (8 * shape.x), 1, shape.y);
  std::vector<std::uint64_t> seams(static_cast<std::size_t>(rows * shape.x));
  std::vector<std::uint64_t> labels(seams.size());
  SeamLinks found;
  for (std::int64_t y = 0; y < shape.y; y += rows) {
    const std::int64_t end = std::min(y + rows, shape.y);
    const auto paint = [&](const LabelledRuns& from, std::int64_t z, std::vector<std::uint64_t>& to) {
      from.paint(dense_block(reinterpret_cast<std::byte*>(to.data()), DType::uint64,
                             {{z, y, 0}, {z + 1, end, shape.x}}));
    };
    paint(*two, first ? 1 : 0, seams);
    paint(runs, first ? 0 : own_.planes.size() - 1, labels);
    const auto count = static_cast<std::size_t>((end - y) * shape.x);
    found.add(std::span(seams).first(count), std::span(labels).first(count));
  }
  return found.take();
}

void ComponentParts::check_memory() const {
  // Joining gives each object of a part a number.
  std::int64_t bytes = taken_objects_ * 8;
  for (const PartSummary& part : parts_) bytes += part.memory_bytes();
  if (bytes <= resources_.memory) return;
  fail_memory(format_count(taken_objects_) + " objects of parts take " + format_bytes(bytes) +
              memory_remedy(bytes + bytes / 4, resources_.memory, resources_.taken) +
              ", or a higher threshold or a filter against noise");
}

void ComponentParts::take(KeptState& state) {
  PartSummary part;
  part.exchange(state);
  if (static_cast<std::int64_t>(part.measures.size()) != (request_.measures ? part.objects : 0))
    fail_damaged("the state of a pass has not measured its objects");
  taken_objects_ += part.objects;
  if (parts_.size() == parts_.capacity()) {
    // A deque may fail to move: a vector that grows would copy them all.
    std::vector<PartSummary> more;
    more.reserve(2 * parts_.size() + 8);
    std::move(parts_.begin(), parts_.end(), std::back_inserter(more));
    parts_ = std::move(more);
  }
  parts_.push_back(std::move(part));
  check_memory();
}

void ComponentParts::join() {
  std::int64_t end = 0;
  for (const PartSummary& part : parts_) {
    if (part.planes.size() == 0) continue;
    if (part.planes.begin != end) break;
    end = part.planes.end;
  }
  if (end != source_.meta().shape.z) fail_damaged("the states of a pass do not cover each plane once");
  joined_ = join_parts(parts_);
  if (request_.measures) measures_ = joined_measures(parts_, joined_);
}

/// Gives `runs_` labels of `size` bytes; returns the plane where they begin.
std::int64_t ComponentParts::look_again(const Interval& planes, std::int64_t size, const Label& label) {
  const PartRange range = parts_of(parts_, planes);
  const std::span<const PartSummary> window(parts_.data() + range.begin, range.end - range.begin);
  const std::int64_t first = window.front().planes.begin;
  const std::int64_t end = window.back().planes.end;
  const std::vector<std::uint64_t> labels = window_labels(window, range.begin, joined_, label);
  parts_.clear();
  joined_ = {};
  measures_.clear();
  ComponentRequest request = request_;
  request.measures = false;
  resources_.take(static_cast<std::int64_t>(labels.size() * sizeof labels[0]));
  runs_ = find_components(*view_planes(source_, {first, end}), request, resources_);
  if (runs_->objects() != static_cast<std::int64_t>(labels.size()))
    fail_damaged(
        source_.info().name +
        ": has other objects than the parts have found; run --pass reduce of all again, with --redo");
  runs_->set_labels(size, [&](std::int64_t object) { return labels[static_cast<std::size_t>(object)]; });
  resources_.take(runs_->memory_bytes());
  return first;
}

std::unique_ptr<SlabSource> ComponentParts::painted_planes(const Interval& planes, const VolumeMeta& meta,
                                                           const Label& label) {
  const std::int64_t first = look_again(planes, size_of(meta.dtype), label);
  return painted(*runs_, meta, source_.info(), first);
}

std::unique_ptr<SlabSource> ComponentParts::filled_planes(const Interval& planes, const Label& label) {
  const std::int64_t first = look_again(planes, 1, label);
  return filled(source_, *runs_, first);
}

}  // namespace vox
