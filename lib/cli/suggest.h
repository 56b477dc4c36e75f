// "Did you mean": the known word nearest to one that a user mistyped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vox {

/// Characters to insert, delete, replace or swap with their neighbour to get from `a` to `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `known`: one that begins with `word` (if it is the only one), else within a third of its
/// length in edits; the first of equally near ones. Empty when none is near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace vox
