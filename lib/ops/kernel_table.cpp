#include "ops/kernel_table.h"

#include <array>

// THE table: to add a kernel, write its file with a KernelEntry and add one line here.
#define VOX_KERNELS(ENTRY) \
  ENTRY(kClampKernel)      \
  ENTRY(kConvertKernel)    \
  ENTRY(kRescaleKernel)    \
  ENTRY(kGammaKernel)      \
  ENTRY(kEqualizeKernel)   \
  ENTRY(kMinKernel)        \
  ENTRY(kMaxKernel)        \
  ENTRY(kRangeKernel)      \
  ENTRY(kErodeKernel)      \
  ENTRY(kDilateKernel)     \
  ENTRY(kOpenKernel)       \
  ENTRY(kCloseKernel)      \
  ENTRY(kTophatKernel)     \
  ENTRY(kBottomhatKernel)  \
  ENTRY(kGaussianKernel)   \
  ENTRY(kGradientKernel)   \
  ENTRY(kSobelKernel)      \
  ENTRY(kLaplacianKernel)  \
  ENTRY(kLogKernel)        \
  ENTRY(kDogKernel)        \
  ENTRY(kUnsharpKernel)    \
  ENTRY(kMeanKernel)       \
  ENTRY(kVarianceKernel)   \
  ENTRY(kStdKernel)        \
  ENTRY(kMedianKernel)     \
  ENTRY(kPercentileKernel) \
  ENTRY(kBilateralKernel)  \
  ENTRY(kNlmKernel)        \
  ENTRY(kThresholdKernel)

namespace vox {

#define VOX_DECLARE(entry) extern const KernelEntry entry;  // NOLINT(bugprone-macro-parentheses)
VOX_KERNELS(VOX_DECLARE)
#undef VOX_DECLARE

std::span<const KernelEntry* const> kernels() {
#define VOX_LIST(entry) &(entry),
  static constexpr std::array kAll = {VOX_KERNELS(VOX_LIST)};
#undef VOX_LIST
  return kAll;
}

}  // namespace vox
