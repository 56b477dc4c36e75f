#include "ops/stats/inside.h"

namespace vox {
namespace {

template <class Word>
std::int64_t gather(const std::byte* voxels, const std::uint8_t* keep, std::int64_t count, std::byte* out) {
  const auto* from = reinterpret_cast<const Word*>(voxels);
  auto* to = reinterpret_cast<Word*>(out);
  std::int64_t kept = 0;
  // No branch: masks of noisy volumes cannot be predicted.
  for (std::int64_t i = 0; i < count; ++i) {
    to[kept] = from[i];
    kept += keep[i];
  }
  return kept;
}

}  // namespace

void inside_flags(const std::byte* mask, DType dtype, std::int64_t count, std::uint8_t* keep) {
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    const T* values = reinterpret_cast<const T*>(mask);
    if constexpr (std::is_same_v<T, float16>)
      for (std::int64_t i = 0; i < count; ++i) keep[i] = (values[i].bits & 0x7fffu) != 0;
    else
      for (std::int64_t i = 0; i < count; ++i) keep[i] = values[i] != T{0};
  });
}

std::int64_t gather_inside(const std::byte* voxels, std::int64_t size, const std::byte* mask,
                           DType mask_dtype, std::int64_t count, std::byte* out) {
  std::uint8_t keep[kSegment];
  inside_flags(mask, mask_dtype, count, keep);
  if (size == 1) return gather<std::uint8_t>(voxels, keep, count, out);
  if (size == 2) return gather<std::uint16_t>(voxels, keep, count, out);
  if (size == 4) return gather<std::uint32_t>(voxels, keep, count, out);
  return gather<std::uint64_t>(voxels, keep, count, out);
}

}  // namespace vox
