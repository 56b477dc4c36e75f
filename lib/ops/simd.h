// Which vector instructions the kernels use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vox {

/// Levels that this processor has, slowest first: "baseline", then "avx2" and "avx512" where present.
std::vector<std::string> simd_levels();

/// Uses no instructions beyond `level` from now on (the environment variable VOXPIPE_SIMD). Every level gives
/// the same bits. Throws a usage error for an unknown level or one that this processor does not have.
void select_simd(std::string_view level);

/// The place of the level in use in the list of all levels.
int simd_level();

}  // namespace vox

// A function that Highway's foreach_target.h compiled for every level, and the call of the one in use. Not
// Highway's own tables: they need its shared library, which measures the processor's clock whenever a program
// starts, for several milliseconds.
#define VOX_SIMD_TABLE(function)                                           \
  decltype(&HWY_STATIC_DISPATCH(function)) const function##_at_level[] = { \
      &HWY_STATIC_DISPATCH(function), HWY_CHOOSE_AVX2(function), HWY_CHOOSE_AVX3(function)}
#define VOX_SIMD_CALL(function) (*function##_at_level[vox::simd_level()])
