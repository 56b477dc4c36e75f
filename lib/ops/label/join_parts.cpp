#include "ops/label/join_parts.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "ops/label/forest.h"

namespace vox {
namespace {

bool inside(const Box3& box, const Extent3& at) {
  return at.z >= box.begin.z && at.z < box.end.z && at.y >= box.begin.y && at.y < box.end.y &&
         at.x >= box.begin.x && at.x < box.end.x;
}

std::int64_t place_in(const Box3& box, const Extent3& at) {
  const Extent3 size = box.shape();
  return ((at.z - box.begin.z) * size.y + at.y - box.begin.y) * size.x + at.x - box.begin.x;
}

template <class Visit>
void for_each_voxel(const Box3& box, Visit&& visit) {
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z)
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y)
      for (std::int64_t x = box.begin.x; x < box.end.x; ++x) visit(Extent3{z, y, x});
}

Box3 widened(const Box3& box) {
  return {{box.begin.z - 1, box.begin.y - 1, box.begin.x - 1}, {box.end.z + 1, box.end.y + 1, box.end.x + 1}};
}

/// The six faces of a box; those of a thin box fall together.
std::vector<Box3> faces_of(const Box3& box) {
  std::vector<Box3> faces(6, box);
  faces[0].end.z = box.begin.z + 1;
  faces[1].begin.z = box.end.z - 1;
  faces[2].end.y = box.begin.y + 1;
  faces[3].begin.y = box.end.y - 1;
  faces[4].end.x = box.begin.x + 1;
  faces[5].begin.x = box.end.x - 1;
  return faces;
}

/// Axes along which a neighbour may lie apart.
std::int64_t most_steps(Connectivity connectivity) {
  return connectivity == Connectivity::faces ? 1 : connectivity == Connectivity::edges ? 2 : 3;
}

class PartJoin {
 public:
  PartJoin(std::span<const PartSummary> parts, Connectivity connectivity)
      : parts_(parts), steps_(most_steps(connectivity)) {
    for (const PartSummary& part : parts) {
      base_.push_back(static_cast<std::uint64_t>(forest_.size()) - 1);  // labels begin at 1
      for (std::int64_t i = 0; i < part.labels(); ++i) forest_.add();
    }
  }

  JoinedParts run() {
    for (std::size_t a = 0; a < parts_.size(); ++a)
      for (std::size_t b = a + 1; b < parts_.size(); ++b) join(a, b);
    return numbered();
  }

 private:
  void join(std::size_t a, std::size_t b) {
    const Box3 near = intersect(widened(parts_[a].box()), parts_[b].box());
    if (near.empty()) return;
    for_each_voxel(near, [&](const Extent3& at) {
      const PartSummary::Voxel voxel = parts_[b].at(at);
      if (voxel.label == 0) return;
      const Box3 around = intersect(widened({at, {at.z + 1, at.y + 1, at.x + 1}}), parts_[a].box());
      for_each_voxel(around, [&](const Extent3& other) {
        if ((at.z != other.z) + (at.y != other.y) + (at.x != other.x) > steps_) return;
        const PartSummary::Voxel neighbour = parts_[a].at(other);
        if (neighbour.label != 0 && neighbour.value == voxel.value)
          forest_.unite(base_[a] + neighbour.label, base_[b] + voxel.label);
      });
    });
  }

  JoinedParts numbered() {
    const auto count = static_cast<std::size_t>(forest_.number_roots());
    std::vector<std::int64_t> first(count, std::numeric_limits<std::int64_t>::max());
    for_each_label([&](std::size_t part, std::int64_t label, std::size_t object) {
      first[object] = std::min(first[object], parts_[part].first_voxel(label));
    });
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return first[a] < first[b]; });
    std::vector<std::uint64_t> number(count);
    for (std::size_t i = 0; i < count; ++i) number[order[i]] = i + 1;
    JoinedParts joined;
    joined.count = static_cast<std::int64_t>(count);
    joined.labels.resize(parts_.size());
    for_each_label([&](std::size_t part, std::int64_t, std::size_t object) {
      joined.labels[part].push_back(number[object]);
    });
    return joined;
  }

  template <class Visit>
  void for_each_label(Visit&& visit) const {
    for (std::size_t part = 0; part < parts_.size(); ++part)
      for (std::int64_t label = 1; label <= parts_[part].labels(); ++label)
        visit(part, label,
              static_cast<std::size_t>(forest_.place(base_[part] + static_cast<std::uint64_t>(label))));
  }

  std::span<const PartSummary> parts_;
  std::int64_t steps_;
  std::vector<std::uint64_t> base_;
  Forest<std::uint64_t> forest_;
};

}  // namespace

PartSummary::PartSummary(const Extent3& volume, const Box3& box, std::span<const std::uint64_t> labels,
                         std::span<const std::uint64_t> values)
    : box_(box) {
  for_each_voxel(box, [&](const Extent3& at) {
    const std::uint64_t label = labels[static_cast<std::size_t>(place_in(box, at))];
    if (label > first_voxels_.size())
      first_voxels_.resize(static_cast<std::size_t>(label), std::numeric_limits<std::int64_t>::max());
    if (label == 0) return;
    std::int64_t& first = first_voxels_[static_cast<std::size_t>(label) - 1];
    first = std::min(first, place_in(whole(volume), at));
  });
  for (const Box3& face : faces_of(box)) {
    Face& kept = faces_.emplace_back();
    kept.box = face;
    for_each_voxel(face, [&](const Extent3& at) {
      const auto place = static_cast<std::size_t>(place_in(box, at));
      kept.voxels.push_back({labels[place], values.empty() ? 0 : values[place]});
    });
  }
}

PartSummary::Voxel PartSummary::at(const Extent3& position) const {
  for (const Face& face : faces_)
    if (inside(face.box, position))
      return face.voxels[static_cast<std::size_t>(place_in(face.box, position))];
  return {};
}

JoinedParts join_parts(std::span<const PartSummary> parts, Connectivity connectivity) {
  return PartJoin(parts, connectivity).run();
}

}  // namespace vox
