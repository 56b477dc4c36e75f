#include "io/tiff_planes.h"

#include <algorithm>

#include "core/error.h"
#include "core/numbers.h"
#include "io/tiff_choice.h"

namespace vox {
namespace {

struct Choice {
  std::int64_t channel = 0;  ///< of pages
  std::int64_t sample = 0;   ///< of the pixels
  std::int64_t frame = 0;
};

Choice choose(const std::string& path, std::int64_t channels, std::int64_t samples, std::int64_t frames,
              const OpenOptions& options) {
  const std::int64_t all = checked_product(channels, samples, path + ": channels");
  const std::int64_t channel =
      choose_part(path, "--channel", samples > 1 ? "channels (colours)" : "channels", all, options.channel);
  const std::int64_t frame = choose_part(path, "--time", "time points", frames, options.time);
  return {channel / samples, channel % samples, frame};
}

const TiffLayout& first_layout(const TiffIndex& index) { return index.layouts[index.pages.front().layout]; }

}  // namespace

TiffPlanes choose_stack_planes(const std::string& path, const TiffIndex& index, std::int64_t pages,
                               const std::optional<ImageJFacts>& facts, const OpenOptions& options) {
  const std::int64_t channels = facts ? facts->channels : 1;
  const std::int64_t frames = facts ? facts->frames : 1;
  const Choice choice = choose(path, channels, first_layout(index).samples, frames, options);
  const std::int64_t per_slice = checked_product(channels, frames, path);
  if (pages % per_slice != 0)
    fail_damaged(path + ": its description speaks of " + std::to_string(channels) + " channels and " +
                 std::to_string(frames) + " time points, which " + format_count(pages) +
                 " pages cannot hold");
  TiffPlanes planes;
  planes.count = pages / per_slice;
  planes.sample = choice.sample;
  planes.first = choice.channel + choice.frame * planes.count * channels;
  planes.step = channels;
  return planes;
}

TiffPlanes choose_ome_planes(const OmeContext& context, const TiffIndex& index, const OmeFacts& facts,
                             const OpenOptions& options) {
  if ((facts.width > 0 && facts.width != index.full_width) ||
      (facts.height > 0 && facts.height != index.full_height))
    fail_damaged(context.path + ": its OME-XML says " + std::to_string(facts.width) + " x " +
                 std::to_string(facts.height) + " pixels, its pages have " +
                 std::to_string(index.full_width) + " x " + std::to_string(index.full_height) +
                 "; write the file anew with the right description");
  const Choice choice = choose(context.path, facts.channels, context.samples, facts.frames, options);
  TiffPlanes planes;
  planes.count = facts.slices;
  planes.sample = choice.sample;
  planes.listed = ome_directories(facts, context, choice.channel, choice.frame);
  for (std::int64_t& place : planes.listed) {
    const auto page =
        std::lower_bound(index.pages.begin(), index.pages.end(), place,
                         [](const TiffPage& a, std::int64_t number) { return a.number < number; });
    if (page == index.pages.end() || page->number != place)
      fail_damaged(context.path + ": page " + std::to_string(place) +
                   ": is a thumbnail, but its OME-XML says it is a plane");
    place = page - index.pages.begin();
  }
  return planes;
}

}  // namespace vox
