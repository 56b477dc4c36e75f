#include "ops/label/kept_measures.h"

#include <array>

#include "core/error.h"

namespace vox {
namespace {

using Sum = ObjectMeasure::Sum;

/// A sum of indices counts from the box's begin, which makes it small.
void give_sum(Sum sum, std::int64_t begin, std::int64_t voxels, std::uint64_t* numbers) {
  sum -= static_cast<Sum>(begin) * static_cast<Sum>(voxels);
  numbers[0] = static_cast<std::uint64_t>(sum);
  numbers[1] = static_cast<std::uint64_t>(sum >> 64);
}

Sum take_sum(const std::uint64_t* numbers, std::int64_t begin, std::int64_t voxels) {
  return (static_cast<Sum>(numbers[1]) << 64 | numbers[0]) +
         static_cast<Sum>(begin) * static_cast<Sum>(voxels);
}

constexpr std::size_t kMeasureNumbers = 13;

void give_measure(const ObjectMeasure& object, std::span<std::uint64_t, kMeasureNumbers> numbers) {
  const Extent3& begin = object.box.begin;
  const Extent3 size = object.box.shape();
  const std::array<std::int64_t, 7> plain{object.voxels, begin.z, begin.y, begin.x, size.z, size.y, size.x};
  std::copy(plain.begin(), plain.end(), numbers.begin());
  give_sum(object.z, begin.z, object.voxels, &numbers[7]);
  give_sum(object.y, begin.y, object.voxels, &numbers[9]);
  give_sum(object.x, begin.x, object.voxels, &numbers[11]);
}

ObjectMeasure taken_measure(std::span<const std::uint64_t, kMeasureNumbers> numbers) {
  const auto plain = [&](std::size_t i) { return static_cast<std::int64_t>(numbers[i]); };
  ObjectMeasure object;
  object.voxels = plain(0);
  object.box.begin = {plain(1), plain(2), plain(3)};
  object.box.end = {plain(1) + plain(4), plain(2) + plain(5), plain(3) + plain(6)};
  object.z = take_sum(&numbers[7], plain(1), object.voxels);
  object.y = take_sum(&numbers[9], plain(2), object.voxels);
  object.x = take_sum(&numbers[11], plain(3), object.voxels);
  return object;
}

}  // namespace

std::int64_t exchange_count(KeptState& state, std::size_t own) {
  auto count = static_cast<std::int64_t>(own);
  state.value(count);
  if (count < 0) fail_damaged("the state of a pass is not what was kept");
  return count;
}

void exchange_measures(KeptState& state, std::deque<ObjectMeasure>& measures) {
  exchange_entries<kMeasureNumbers>(
      state, exchange_count(state, measures.size()),
      [&](std::int64_t i, std::span<std::uint64_t, kMeasureNumbers> numbers) {
        give_measure(measures[static_cast<std::size_t>(i)], numbers);
      },
      [&](std::int64_t, std::span<std::uint64_t, kMeasureNumbers> numbers) {
        measures.push_back(taken_measure(numbers));
      });
}

}  // namespace vox
