// Batcher's odd-even merging networks, made at compile time for lists of any length, without the comparators
// that nobody asks for.
#pragma once

#include <array>
#include <cstddef>

namespace vox {

/// Wires or comparators in a list that constant expressions can grow.
template <class Item, std::size_t kMost>
struct StaticList {
  std::array<Item, kMost> items{};
  std::size_t size = 0;

  constexpr void push(Item item) { items[size++] = item; }
};

/// Puts the smaller value on wire `low`, the larger on wire `high`; a wire that is not kept may hold anything
/// after.
struct Comparator {
  std::size_t low = 0;
  std::size_t high = 0;
  bool keep_low = true;
  bool keep_high = true;
};

using Wires = StaticList<std::size_t, 128>;
using Comparators = StaticList<Comparator, 320>;

/// Comparators, and the wires on which the sorted values then lie.
struct Network {
  Comparators comparators;
  Wires sorted;
};

/// The wires at places `first`, `first` + 2, ...
constexpr Wires every_second(const Wires& wires, std::size_t first) {
  Wires result;
  for (std::size_t i = first; i < wires.size; i += 2) result.push(wires.items[i]);
  return result;
}

/// Adds the comparators that merge two sorted lists of wires; gives the sorted wires. K. E. Batcher, Sorting
/// networks and their applications, 1968; for any two lengths as in Knuth's volume 3, section 5.3.4.
constexpr Wires merge(Comparators& comparators, const Wires& a, const Wires& b) {
  if (a.size == 0) return b;
  if (b.size == 0) return a;
  Wires result;
  if (a.size == 1 && b.size == 1) {
    comparators.push({a.items[0], b.items[0]});
    result.push(a.items[0]);
    result.push(b.items[0]);
    return result;
  }
  const Wires even = merge(comparators, every_second(a, 0), every_second(b, 0));
  const Wires odd = merge(comparators, every_second(a, 1), every_second(b, 1));
  result.push(even.items[0]);
  for (std::size_t i = 0; i < odd.size || i + 1 < even.size; ++i) {
    if (i < odd.size && i + 1 < even.size) comparators.push({odd.items[i], even.items[i + 1]});
    if (i < odd.size) result.push(odd.items[i]);
    if (i + 1 < even.size) result.push(even.items[i + 1]);
  }
  return result;
}

/// `count` wires from `first` on.
constexpr Wires wires_from(std::size_t first, std::size_t count) {
  Wires wires;
  for (std::size_t i = 0; i < count; ++i) wires.push(first + i);
  return wires;
}

/// Merges wires [0, a) and [a, a + b), each sorted.
constexpr Network merge_two(std::size_t a, std::size_t b) {
  Network network;
  network.sorted = merge(network.comparators, wires_from(0, a), wires_from(a, b));
  return network;
}

/// Sorts wires [first, first + count) by merging halves.
constexpr Wires sort_wires(Comparators& comparators, std::size_t first, std::size_t count) {
  if (count <= 1) return wires_from(first, count);
  const Wires left = sort_wires(comparators, first, count / 2);
  return merge(comparators, left, sort_wires(comparators, first + count / 2, count - count / 2));
}

constexpr Network sort_network(std::size_t count) {
  Network network;
  network.sorted = sort_wires(network.comparators, 0, count);
  return network;
}

/// Merges three sorted lists of three wires each.
constexpr Network merge_three_triples() {
  Network network;
  const Wires six = merge(network.comparators, wires_from(0, 3), wires_from(3, 3));
  network.sorted = merge(network.comparators, six, wires_from(6, 3));
  return network;
}

/// The same network for somebody who reads the sorted values number `first` to `last` only.
constexpr Network keep_ranks(const Network& network, std::size_t first, std::size_t last) {
  std::array<bool, 128> wanted{};
  for (std::size_t i = first; i <= last; ++i) wanted[network.sorted.items[i]] = true;
  Comparators backwards;
  for (std::size_t i = network.comparators.size; i-- > 0;) {
    Comparator pair = network.comparators.items[i];
    pair.keep_low = wanted[pair.low];
    pair.keep_high = wanted[pair.high];
    if (!pair.keep_low && !pair.keep_high) continue;
    wanted[pair.low] = wanted[pair.high] = true;
    backwards.push(pair);
  }
  Network result;
  result.sorted = network.sorted;
  for (std::size_t i = backwards.size; i-- > 0;) result.comparators.push(backwards.items[i]);
  return result;
}

}  // namespace vox
