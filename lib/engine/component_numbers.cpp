#include "engine/component_numbers.h"

namespace vox {

ComponentNumbers::ComponentNumbers(std::int64_t objects, const std::deque<ObjectMeasure>& measures,
                                   const ObjectChoice& choice, const Extent3& shape)
    : all_(!choice.needs_sizes()), objects_(objects), count_(objects) {
  if (all_) return;
  std::vector<ObjectFacts> facts;
  facts.reserve(measures.size());
  for (const ObjectMeasure& object : measures) facts.push_back({object.voxels, object.touches_border(shape)});
  kept_ = chosen_objects(facts, choice);
  count_ = static_cast<std::int64_t>(kept_.size());
}

std::function<std::uint64_t(std::int64_t)> ComponentNumbers::labels() const {
  if (all_) return [](std::int64_t object) { return static_cast<std::uint64_t>(object) + 1; };
  std::vector<std::uint64_t> labels(static_cast<std::size_t>(objects_));
  for (std::size_t i = 0; i < kept_.size(); ++i) labels[static_cast<std::size_t>(kept_[i])] = i + 1;
  return
      [labels = std::move(labels)](std::int64_t object) { return labels[static_cast<std::size_t>(object)]; };
}

}  // namespace vox
