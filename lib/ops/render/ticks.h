// Where an axis is marked, and how its numbers are written.
#pragma once

#include <string>
#include <vector>

namespace vox {

struct Tick {
  double value = 0;
  std::string label;
};

/// Round numbers (steps of 1, 2 or 5 times a power of ten) within [low, high], about `wanted` of them. Labels
/// have the digits that tell neighbours apart, and thousands separators; very large and small ones have
/// exponents.
std::vector<Tick> linear_ticks(double low, double high, int wanted);

/// 1, 10, 100 ... up to `high`, labelled "1", "100", "10k", "1M"; not more than about ten of them.
std::vector<Tick> count_ticks(double high);

}  // namespace vox
