#include "engine/window_reader.h"

#include <utility>
#include <vector>

namespace vox {

WindowReader::WindowReader(SlabSource& source, const Interval& planes, std::int64_t at_once,
                           HaloWindow& window, const SlabWork& work)
    : window_(window), runs_(source, planes, window.rows(), at_once, work) {
  start();
}

// The window forgets planes while others arrive, so the places of these are taken from its table beforehand.
void WindowReader::start() {
  coming_ = runs_.coming();
  if (coming_ == 0) return;
  const Block target = window_.next(coming_);
  std::vector<std::byte*> places;
  for (std::int64_t i = 0; i < coming_; ++i) places.push_back(target.row(i, 0));
  runs_.start([&window = std::as_const(window_), places = std::move(places)](std::int64_t i,
                                                                             const PlaneRuns::Read& read) {
    std::byte* plane = places[static_cast<std::size_t>(i)];
    read(window.dense_rows(plane));
    window.spread(plane);
    window.fill_margins(plane);
  });
}

bool WindowReader::next() {
  runs_.wait();
  if (coming_ == 0) return false;
  window_.commit(coming_);
  start();
  return true;
}

}  // namespace vox
