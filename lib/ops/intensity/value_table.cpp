#include "ops/intensity/value_table.h"

#include <cstring>

#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/intensity/value_table.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

/// Words of indices, and results side by side: half the loads and fewer stores than voxel by voxel.
template <class Index, class Out>
void look_up(const Index* in, Out* out, std::int64_t count, const Out* table) {
  constexpr std::int64_t kGroup = 8;
  constexpr std::int64_t kPerWord = sizeof(std::uint64_t) / sizeof(Index);
  std::int64_t i = 0;
  for (; i + kGroup <= count; i += kGroup) {
    Out found[kGroup];
    for (std::int64_t k = 0; k < kGroup; k += kPerWord) {
      std::uint64_t word;
      std::memcpy(&word, in + i + k, sizeof word);
      for (std::int64_t j = 0; j < kPerWord; ++j)
        found[k + j] = table[static_cast<Index>(word >> (8 * sizeof(Index) * static_cast<std::size_t>(j)))];
    }
    std::memcpy(out + i, found, sizeof found);
  }
  for (; i < count; ++i) out[i] = table[in[i]];
}

/// Voxels have one or two bytes, so their bits are the index.
void by_table(DType from, const std::byte* in, DType to, std::byte* out, std::int64_t count,
              const std::byte* table) {
  visit_dtype(to, [&](auto type) {
    using Out = typename decltype(type)::type;
    auto* target = reinterpret_cast<Out*>(out);
    const auto* entries = reinterpret_cast<const Out*>(table);
    if (size_of(from) == 1)
      look_up(reinterpret_cast<const std::uint8_t*>(in), target, count, entries);
    else
      look_up(reinterpret_cast<const std::uint16_t*>(in), target, count, entries);
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(by_table);

}  // namespace

std::vector<std::byte> make_value_table(DType from, DType to, const ConvertRun& convert) {
  if (size_of(from) > 2) return {};
  const std::int64_t count = std::int64_t{1} << (8 * size_of(from));
  std::vector<std::byte> values(static_cast<std::size_t>(count * size_of(from)));
  for (std::int64_t i = 0; i < count; ++i) {
    if (size_of(from) == 1)
      reinterpret_cast<std::uint8_t*>(values.data())[i] = static_cast<std::uint8_t>(i);
    else
      reinterpret_cast<std::uint16_t*>(values.data())[i] = static_cast<std::uint16_t>(i);
  }
  std::vector<std::byte> table(static_cast<std::size_t>(count * size_of(to)));
  convert(values.data(), table.data(), count);
  return table;
}

void look_up_voxels(DType from, const std::byte* in, DType to, std::byte* out, std::int64_t count,
                    const std::byte* table) {
  VOX_SIMD_CALL(by_table)(from, in, to, out, count, table);
}

}  // namespace vox
#endif  // HWY_ONCE
