#include "ops/render/bar_chart.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace vox {

std::string bar_chart(std::span<const std::int64_t> counts, int width) {
  constexpr int kLines = 4;
  constexpr int kEighths = 8;
  const char* const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t columns = std::min(counts.size(), static_cast<std::size_t>(std::max(width, 1)));
  std::vector<std::int64_t> sums(columns);
  for (std::size_t i = 0; i < counts.size(); ++i) sums[i * columns / counts.size()] += counts[i];
  const double most = std::log1p(static_cast<double>(*std::max_element(sums.begin(), sums.end())));
  std::string text;
  for (int line = kLines - 1; line >= 0; --line) {
    std::string row;
    for (const std::int64_t sum : sums) {
      const double share = sum == 0 ? 0 : std::log1p(static_cast<double>(sum)) / most;
      const int eighths =
          sum == 0 ? 0 : std::max(1, static_cast<int>(std::lround(share * kLines * kEighths)));
      row += blocks[std::clamp(eighths - line * kEighths, 0, kEighths)];
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

}  // namespace vox
