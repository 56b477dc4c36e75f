#include "ops/label/part_summary.h"

#include <algorithm>

#include "ops/label/kept_measures.h"

namespace vox {
namespace {

/// Links that are gathered before those that came twice go.
constexpr std::size_t kLinksAtOnce = std::size_t{1} << 16;
void exchange_links(KeptState& state, std::vector<SeamLink>& links) {
  const std::int64_t count = exchange_count(state, links.size());
  std::uint64_t seam = 0;  // they ascend: differences are small
  exchange_entries<2>(
      state, count,
      [&](std::int64_t i, std::span<std::uint64_t, 2> numbers) {
        const SeamLink& link = links[static_cast<std::size_t>(i)];
        numbers[0] = link.seam - seam;
        numbers[1] = link.object;
        seam = link.seam;
      },
      [&](std::int64_t, std::span<std::uint64_t, 2> numbers) {
        seam += numbers[0];
        links.push_back({seam, numbers[1]});
      });
}

}  // namespace

void SeamLinks::add(std::span<const std::uint64_t> seams, std::span<const std::uint64_t> labels) {
  SeamLink last;
  for (std::size_t i = 0; i < seams.size(); ++i) {
    if (seams[i] == 0 || labels[i] == 0) continue;
    const SeamLink link{seams[i], labels[i] - 1};
    if (link == last) continue;
    links_.push_back(link);
    last = link;
  }
  if (links_.size() > 2 * united_ + kLinksAtOnce) unite();
}

void SeamLinks::unite() {
  std::sort(links_.begin(), links_.end());
  links_.erase(std::unique(links_.begin(), links_.end()), links_.end());
  united_ = links_.size();
}

std::vector<SeamLink> SeamLinks::take() {
  unite();
  return std::move(links_);
}

void PartSummary::exchange(KeptState& state) {
  state.value(planes);
  state.value(objects);
  exchange_links(state, before);
  exchange_links(state, after);
  exchange_measures(state, measures);
}

std::int64_t PartSummary::memory_bytes() const {
  constexpr std::size_t kMeasureBytes = 128;  // in a deque, whose pieces are not quite filled
  return static_cast<std::int64_t>((before.size() + after.size()) * sizeof(SeamLink) +
                                   measures.size() * kMeasureBytes);
}

}  // namespace vox
