// Union-find: which provisional objects are one.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace vox {

/// Sets of numbers 0, 1, ... of type `N`; each is known by its smallest member, its root, so the result does
/// not depend on the order of unions. `Store`: a vector, or a deque, which grows without copying.
template <class N, class Store = std::vector<N>>
class Forest {
 public:
  std::int64_t size() const { return static_cast<std::int64_t>(parent_.size()); }
  void clear() { parent_.clear(); }
  void reserve(std::int64_t count) { parent_.reserve(static_cast<std::size_t>(count)); }

  /// A new set of one. Throws when `N` has no further number: it never wraps.
  N add() {
    if (parent_.size() > std::numeric_limits<N>::max())
      throw std::length_error("more provisional objects than their counter can hold");
    const auto number = static_cast<N>(parent_.size());
    parent_.push_back(number);
    return number;
  }

  N root(N number) {
    while (parent_[number] != number) {
      // Halves the path for those that come later.
      parent_[number] = parent_[parent_[number]];
      number = parent_[number];
    }
    return number;
  }

  /// Makes two sets one. Returns its root.
  N unite_roots(N a, N b) {
    if (a > b) std::swap(a, b);
    parent_[b] = a;
    return a;
  }
  void unite(N a, N b) { unite_roots(root(a), root(b)); }

  /// Gives every number its root's place among the roots, 0, 1, ...; returns how many there are. Afterwards
  /// `place` may be asked, and nothing else.
  std::int64_t number_roots() {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < parent_.size(); ++i)
      parent_[i] = parent_[i] == i ? static_cast<N>(count++) : parent_[parent_[i]];
    return count;
  }
  N place(N number) const { return parent_[number]; }

 private:
  Store parent_;
};

}  // namespace vox
