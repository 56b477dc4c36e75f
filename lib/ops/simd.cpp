#include "ops/simd.h"

#include <hwy/targets.h>

#include <algorithm>

#include "core/error.h"

namespace vox {
namespace {

constexpr std::int64_t kAvx2 = HWY_AVX2;
constexpr std::int64_t kAvx512 = HWY_AVX3 | HWY_AVX3_DL;

}  // namespace

std::vector<std::string> simd_levels() {
  const std::int64_t supported = hwy::SupportedTargets();
  std::vector<std::string> levels{"baseline"};
  if ((supported & kAvx2) != 0) levels.emplace_back("avx2");
  if ((supported & kAvx512) != 0) levels.emplace_back("avx512");
  return levels;
}

void select_simd(std::string_view level) {
  hwy::DisableTargets(0);
  const std::vector<std::string> levels = simd_levels();
  if (std::find(levels.begin(), levels.end(), level) == levels.end()) {
    std::string list;
    for (const std::string& known : levels) list += (list.empty() ? "" : ", ") + known;
    fail_usage("VOXPIPE_SIMD: '" + std::string(level) + "' is no level of this processor; it has: " + list);
  }
  if (level == "baseline") hwy::DisableTargets(kAvx2 | kAvx512);
  if (level == "avx2") hwy::DisableTargets(kAvx512);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace vox
