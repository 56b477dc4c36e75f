#include "engine/component_numbers.h"

namespace vox {

ComponentNumbers::ComponentNumbers(const LabelledRuns& runs, const ObjectChoice& choice, const Extent3& shape)
    : all_(!choice.needs_sizes()), count_(runs.objects()) {
  if (all_) return;
  std::vector<ObjectFacts> facts;
  facts.reserve(runs.measures().size());
  for (const ObjectMeasure& object : runs.measures())
    facts.push_back({object.voxels, object.touches_border(shape)});
  kept_ = chosen_objects(facts, choice);
  count_ = static_cast<std::int64_t>(kept_.size());
}

void ComponentNumbers::label(LabelledRuns& runs, std::int64_t size) const {
  std::vector<std::uint64_t> labels(all_ ? 0 : static_cast<std::size_t>(runs.objects()));
  for (std::size_t i = 0; i < kept_.size(); ++i) labels[static_cast<std::size_t>(kept_[i])] = i + 1;
  runs.set_labels(size, [&](std::int64_t object) {
    return all_ ? static_cast<std::uint64_t>(object) + 1 : labels[static_cast<std::size_t>(object)];
  });
}

}  // namespace vox
