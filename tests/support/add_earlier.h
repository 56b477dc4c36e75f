// A kernel that needs an earlier volume of its chain.
#pragma once

#include <gtest/gtest.h>

#include "ops/kernel.h"

namespace vox::test {

/// Adds its input and the one of the kernel two places before it.
class AddEarlier : public Kernel {
 public:
  VolumeMeta output_meta(const VolumeMeta& input) const override { return input; }
  int looks_back() const override { return 2; }
  void apply(const ConstBlock&, const Block&, Tally&) const override {
    FAIL() << "without the earlier volume";
  }
  void apply_beside(const ConstBlock& in, const ConstBlock& earlier, const Block& out,
                    Tally&) const override {
    const Extent3 size = out.shape();
    for (std::int64_t z = 0; z < size.z; ++z)
      for (std::int64_t y = 0; y < size.y; ++y)
        for (std::int64_t x = 0; x < size.x; ++x)
          reinterpret_cast<std::uint16_t*>(out.row(z, y))[x] =
              static_cast<std::uint16_t>(reinterpret_cast<const std::uint16_t*>(in.row(z, y))[x] +
                                         reinterpret_cast<const std::uint16_t*>(earlier.row(z, y))[x]);
  }
};

}  // namespace vox::test
