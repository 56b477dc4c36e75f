#include "ops/label/join_parts.h"

#include "core/error.h"

namespace vox {
namespace {

using Numbers = Forest<std::uint64_t, std::deque<std::uint64_t>>;

void check_links(std::span<const SeamLink> links, std::int64_t objects) {
  for (const SeamLink& link : links)
    if (link.object >= static_cast<std::uint64_t>(objects))
      fail_damaged("the state of a pass names an object that is not there");
}

/// Both sides of a cut: all that is linked to one seam becomes one.
void unite_across(const PartSummary& above, std::uint64_t above_base, const PartSummary& below,
                  std::uint64_t below_base, Numbers& forest) {
  auto link = below.before.begin();
  std::uint64_t seam = 0;
  std::uint64_t first = 0;
  for (const SeamLink& upper : above.after) {
    if (upper.seam == seam) {
      forest.unite(first, above_base + upper.object);
      continue;
    }
    seam = upper.seam;
    first = above_base + upper.object;
    while (link != below.before.end() && link->seam < seam) ++link;
    for (; link != below.before.end() && link->seam == seam; ++link)
      forest.unite(first, below_base + link->object);
  }
}

}  // namespace

JoinedParts join_parts(std::span<const PartSummary> parts) {
  JoinedParts joined;
  const PartSummary* before = nullptr;
  std::uint64_t before_base = 0;
  for (const PartSummary& part : parts) {
    check_links(part.before, part.objects);
    check_links(part.after, part.objects);
    const auto base = static_cast<std::uint64_t>(joined.forest_.size());
    joined.base_.push_back(base);
    for (std::int64_t i = 0; i < part.objects; ++i) joined.forest_.add();
    if (part.planes.size() == 0) continue;
    if (before != nullptr) unite_across(*before, before_base, part, base, joined.forest_);
    before = &part;
    before_base = base;
  }
  // Numbers ascend by first voxel, within a part and from part to part, and a root is the smallest of its
  // own.
  joined.count_ = joined.forest_.number_roots();
  return joined;
}

std::deque<ObjectMeasure> joined_measures(std::span<PartSummary> parts, const JoinedParts& joined) {
  std::deque<ObjectMeasure> measures;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    std::deque<ObjectMeasure>& own = parts[part].measures;
    for (std::uint64_t object = 0; !own.empty(); ++object, own.pop_front()) {
      const auto place = static_cast<std::size_t>(joined.object(part, object));
      if (place == measures.size())
        measures.push_back(own.front());
      else
        measures[place].add(own.front());
    }
  }
  return measures;
}

}  // namespace vox
