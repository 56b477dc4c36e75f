// Whether two label volumes show the same objects under other numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "core/extent.h"
#include "ops/reducer.h"

namespace vox {

struct LabelComparison {
  std::int64_t labels_a = 0;  ///< distinct labels, background (0) aside
  std::int64_t labels_b = 0;
  /// The first voxel in scan order that no renumbering explains: its label in one volume stood for another
  /// label of the other before.
  std::optional<Extent3> first;

  bool equal() const { return !first.has_value(); }
};

/// Shown the first volume and, beside it, the second; both of integers. Holds, for each label, the two labels
/// of the other volume that meet it first, so its memory grows with the number of labels alone. 0 is
/// background and stands for 0 only.
class CompareLabelsReducer final : public Reducer {
 public:
  explicit CompareLabelsReducer(const Extent3& shape);

  std::unique_ptr<Reducer> empty() const override { return std::make_unique<CompareLabelsReducer>(shape_); }
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  std::int64_t memory_bytes() const override { return kTypicalBytes; }

  LabelComparison result() const;

 private:
  static constexpr std::int64_t kTypicalBytes = 1 << 20;  ///< some 10,000 labels
  /// Labels as 64 bits: signed ones sign-extended.
  using Label = std::uint64_t;
  struct Meeting {
    Label label = 0;
    std::int64_t index = INT64_MAX;  ///< of the first voxel of the pair; INT64_MAX: none
  };
  /// The earliest meetings of one label with two different ones of the other volume.
  struct Partners {
    Meeting earliest;
    Meeting next;
    void add(const Meeting& meeting);
  };
  using Table = std::unordered_map<Label, Partners>;

  void observe_row(const Label* a, const Label* b, std::int64_t count, std::int64_t index);
  static void merge_table(Table& into, const Table& from);

  Extent3 shape_;
  Table of_a_;
  Table of_b_;
};

}  // namespace vox
