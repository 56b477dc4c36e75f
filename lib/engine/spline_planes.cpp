#include "engine/spline_planes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/parallel.h"
#include "ops/resample/resample_rows.h"
#include "ops/scratch.h"

namespace vox {
namespace {

constexpr std::int64_t kBlock = 16;
constexpr std::int64_t kValuesPerTask = 2048;

/// Calls `work(first value, count)` for pieces of a plane, on all threads.
template <class PieceWork>
void for_pieces(std::int64_t plane_values, PieceWork&& work) {
  const std::int64_t tasks = (plane_values + kValuesPerTask - 1) / kValuesPerTask;
  parallel_for(tasks, [&](std::int64_t task) {
    const std::int64_t first = task * kValuesPerTask;
    work(first, std::min(kValuesPerTask, plane_values - first));
  });
}

/// A block and its reach, or what the first plane is made of, and those that come.
std::int64_t forth_planes(std::int64_t at_once) {
  return std::max(kBlock + kSplineReach, 2 * kSplineReach) + at_once;
}

}  // namespace

SplinePlanes::SplinePlanes(DType dtype, std::int64_t planes, std::int64_t plane_values, std::int64_t at_once,
                           std::int64_t longest)
    : dtype_(dtype),
      planes_(planes),
      plane_values_(plane_values),
      forth_(forth_planes(at_once), plane_values * work_bytes(dtype)),
      back_(kBlock + longest, plane_values * work_bytes(dtype)) {}

std::int64_t SplinePlanes::bytes(DType dtype, std::int64_t plane_values, std::int64_t at_once,
                                 std::int64_t longest) {
  return (forth_planes(at_once) + kBlock + longest) * plane_values * work_bytes(dtype);
}

std::int64_t SplinePlanes::needed(std::int64_t end, std::int64_t planes) {
  const std::int64_t block_end = (end + kBlock - 1) / kBlock * kBlock;
  return std::min(std::max(block_end + kSplineReach, 2 * kSplineReach), planes);
}

void SplinePlanes::take(std::int64_t end) {
  come_ = end;
  if (forth_end_ == 0 && come_ < std::min(planes_, 2 * kSplineReach)) return;
  if (forth_end_ < come_) go_forth(forth_end_, come_);
  forth_end_ = come_;
}

bool SplinePlanes::advance() {
  const std::int64_t end = std::min(back_end_ + kBlock, planes_);
  const std::int64_t top = std::min(end + kSplineReach, planes_);
  if (back_end_ == planes_ || forth_end_ < top) return false;
  go_back(back_end_, end, top);
  back_end_ = end;
  return true;
}

void SplinePlanes::go_forth(std::int64_t begin, std::int64_t end) {
  const std::vector<double> start = spline_start(planes_);
  for_pieces(plane_values_, [&](std::int64_t first, std::int64_t count) {
    const std::int64_t offset = first * work_bytes(dtype_);
    if (begin == 0) {
      std::vector<const std::byte*> rows;
      for (std::size_t k = 0; k < start.size(); ++k)
        rows.push_back(forth_.plane(static_cast<std::int64_t>(k)) + offset);
      weigh_rows(dtype_, RowForm::work, rows, start.data(), count, RowForm::work, forth_.plane(0) + offset);
    }
    for (std::int64_t z = std::max<std::int64_t>(begin, 1); z < end; ++z)
      spline_forth(dtype_, forth_.plane(z - 1) + offset, count, forth_.plane(z) + offset);
  });
}

void SplinePlanes::go_back(std::int64_t begin, std::int64_t end, std::int64_t top) {
  for_pieces(plane_values_, [&](std::int64_t first, std::int64_t count) {
    const std::int64_t offset = first * work_bytes(dtype_);
    std::byte* spare = thread_scratch(2 * kValuesPerTask * work_bytes(dtype_));
    std::byte* other = spare + kValuesPerTask * work_bytes(dtype_);
    const auto target = [&](std::int64_t z) { return z < end ? back_.plane(z) + offset : spare; };
    std::byte* after = target(top - 1);
    spline_turn(dtype_, forth_.plane(top - 1) + offset, count, after);
    for (std::int64_t z = top - 2; z >= begin; --z) {
      std::swap(spare, other);
      std::byte* const out = target(z);
      spline_back(dtype_, forth_.plane(z) + offset, after, count, out);
      after = out;
    }
  });
}

}  // namespace vox
