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

}  // namespace vox
