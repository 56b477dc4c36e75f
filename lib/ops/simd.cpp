#include "ops/simd.h"

#include <algorithm>

#include "core/error.h"

namespace vox {
namespace {

/// What Highway's AVX2 level uses; F16C and LZCNT, which clang cannot ask for, came no later than these.
bool has_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
#else
  return false;
#endif
}

bool has_avx512() {
#if defined(__x86_64__)
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd");
#else
  return false;
#endif
}

int& level_in_use() {
  static int level = static_cast<int>(simd_levels().size()) - 1;
  return level;
}

}  // namespace

std::vector<std::string> simd_levels() {
  std::vector<std::string> levels{"baseline"};
  if (has_avx2()) levels.emplace_back("avx2");
  if (has_avx512()) levels.emplace_back("avx512");
  return levels;
}

int simd_level() { return level_in_use(); }

void select_simd(std::string_view level) {
  const std::vector<std::string> levels = simd_levels();
  const auto found = std::find(levels.begin(), levels.end(), level);
  if (found == levels.end()) {
    std::string list;
    for (const std::string& known : levels) list += (list.empty() ? "" : ", ") + known;
    fail_usage("VOXPIPE_SIMD: '" + std::string(level) + "' is no level of this processor; it has: " + list);
  }
  level_in_use() = static_cast<int>(found - levels.begin());
}

}  // namespace vox
