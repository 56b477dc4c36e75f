#include "engine/plane_runs.h"

#include <utility>

#include "core/cancel.h"
#include "engine/parallel.h"

namespace vox {
namespace {

std::int64_t wrapped(std::int64_t index, std::int64_t count) { return (index % count + count) % count; }

}  // namespace

PlaneRuns::PlaneRuns(SlabSource& source, const Interval& planes, const Interval& rows, std::int64_t at_once,
                     const SlabWork& work)
    : source_(source),
      position_(planes.begin),
      end_(planes.end),
      rows_(rows),
      at_once_(at_once),
      work_(work),
      task_(work.own_threads) {}

PlaneRuns::~PlaneRuns() {
  try {
    task_.cancel();
    task_.wait();
  } catch (const std::exception&) {
    // The run has already ended with an error of its own.
  }
}

void PlaneRuns::start(std::function<void(std::int64_t, const Read&)> take) {
  const std::int64_t first = position_;
  const std::int64_t count = coming();
  position_ += count;
  if (count == 0) return;
  task_.run([this, take = std::move(take), first, count] {
    work_.noting([&] {
      const auto take_one = [&](std::int64_t i) { take(i, [&](std::byte* out) { read(first + i, out); }); };
      if (source_.seekable()) {
        parallel_for(count, take_one);
      } else {
        for (std::int64_t i = 0; i < count; ++i) take_one(i);
      }
      if (work_.progress != nullptr) work_.progress->bytes_in += count * plane_bytes();
    });
  });
}

void PlaneRuns::wait() {
  task_.wait();
  check_cancelled();
}

void PlaneRuns::read(std::int64_t plane, std::byte* out) {
  const Extent3 volume = source_.meta().shape;
  const std::int64_t z = wrapped(plane, volume.z);
  for (std::int64_t y = rows_.begin; y < rows_.end;) {
    const std::int64_t inside = wrapped(y, volume.y);
    const std::int64_t count = std::min(rows_.end - y, volume.y - inside);
    source_.read({{z, inside, 0}, {z + 1, inside + count, volume.x}},
                 out + (y - rows_.begin) * source_.meta().row_bytes());
    y += count;
  }
}

}  // namespace vox
