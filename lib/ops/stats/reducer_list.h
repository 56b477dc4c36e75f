// Several reducers in one pass.
#pragma once

#include <memory>
#include <vector>

#include "ops/reducer.h"

namespace vox {

/// Shows each block to all of its reducers, a few rows at a time so that all but the first find them in the
/// fastest cache. Borrows the reducers that it is made of; the copies that `empty` makes own theirs.
class ReducerList final : public Reducer {
 public:
  /// Reducers added with `hide_last` do not see the last block (labels that only others need).
  void add(Reducer& reducer, bool hide_last = false);

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t row_multiple() const override;
  std::int64_t memory_bytes() const override;

 private:
  struct Member {
    Reducer* reducer;
    bool hide_last;
  };
  void show(std::span<const ConstBlock> blocks);

  std::vector<Member> members_;
  std::vector<std::unique_ptr<Reducer>> owned_;
};

}  // namespace vox
