// What every entry of the table of kernels must keep to, whatever it computes.
#include <gtest/gtest.h>

#include "core/numbers.h"
#include "engine/engine.h"
#include "ops/kernel_table.h"
#include "ops/simd.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySink;
using test::MemorySource;
using test::Volume;

struct Built {
  std::unique_ptr<KernelSpec> spec;
  Params params;
  KernelChain chain;

  KernelList kernels() const {
    KernelList list;
    for (const auto& kernel : chain) list.push_back(kernel.get());
    return list;
  }
};

/// Sets what the options of an entry's example say.
void set_params(const KernelEntry& entry, Params& params) {
  const std::vector<std::string> words = split(entry.example, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (Param& param : params.list()) {
      if (words[i] != "--" + param.name && words[i] != std::string("-") + param.short_name) continue;
      param.set(param.is_flag() ? "" : words.at(++i));
      break;
    }
  }
}

Built build(const KernelEntry& entry, const VolumeMeta& meta) {
  Built built;
  built.spec = entry.make_spec();
  built.spec->declare(built.params);
  set_params(entry, built.params);
  built.chain = built.spec->build(meta, std::nullopt);
  return built;
}

struct Result {
  std::vector<std::byte> bytes;
  Tally tally;
  bool operator==(const Result&) const = default;
};

Result run(const KernelList& kernels, const Volume& in, const Boundary& boundary, int threads,
           std::int64_t memory, bool seekable) {
  MemorySource source(in, seekable);
  MemorySink sink(output_meta(in.meta, kernels), seekable);
  Resources resources;
  resources.threads = threads;
  resources.memory = memory;
  const Tally tally = run_map(source, kernels, boundary, sink, resources);
  return {sink.volume.bytes, tally};
}

class EveryKernel : public testing::TestWithParam<const KernelEntry*> {};

TEST_P(EveryKernel, HasANameASummaryAndNamedParameters) {
  const KernelEntry& entry = *GetParam();
  EXPECT_FALSE(entry.name.empty());
  EXPECT_FALSE(entry.family.empty());
  EXPECT_NE('.', entry.summary.back());
  const Built built = build(entry, Volume({1, 1, 1}).meta);
  for (const Param& param : built.params.list()) {
    EXPECT_FALSE(param.help.empty()) << param.name;
    EXPECT_TRUE(static_cast<bool>(param.set)) << param.name;
  }
}

TEST_P(EveryKernel, GivesTheSameBitsForEveryTypeShapeThreadCountMemoryAndVectorLevel) {
  for (const DType dtype : kAllDTypes) {
    for (const Extent3 shape :
         {Extent3{1, 1, 1}, Extent3{1, 40, 33}, Extent3{9, 1, 70}, Extent3{11, 37, 29}}) {
      const Volume in = test::random_volume(shape, dtype, 11);
      const Built built = build(*GetParam(), in.meta);
      const Result expected = run(built.kernels(), in, {}, 1, 1 << 28, true);
      for (const std::string& level : simd_levels()) {
        select_simd(level);
        for (const int threads : {1, 3})
          for (const std::int64_t memory : {std::int64_t{1} << 20, std::int64_t{1} << 28})
            for (const bool seekable : {true, false})
              EXPECT_TRUE(expected == run(built.kernels(), in, {}, threads, memory, seekable))
                  << dtype_name(dtype) << " " << to_string(shape) << " " << level << " " << threads;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryKernel, testing::ValuesIn(kernels().begin(), kernels().end()),
                         [](const auto& tested) { return std::string(tested.param->name); });

}  // namespace
}  // namespace vox
