// Moments of every labelled object.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "ops/stats/moments.h"

namespace vox {

struct LabelMoments {
  std::uint64_t label = 0;  ///< the label's bits; see `label_text`
  Moments moments;
};

/// Takes moments label by label, over finite voxels. The last block shown is the labels, of any integer type;
/// with three, the second is a mask. Label 0 is background and left out. Memory grows with the number of
/// labels.
class LabelMomentsReducer final : public Reducer {
 public:
  LabelMomentsReducer(DType label_dtype, const SegmentSource& source)
      : label_dtype_(label_dtype), source_(source) {}

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override;

  /// By ascending label. A label without finite voxels has count 0.
  std::vector<LabelMoments> moments() const;

 private:
  struct Segment;
  void add_segment(const Segment& segment);
  void add_run(std::uint64_t label, const double* values, const std::uint8_t* keep, std::int64_t count);

  DType label_dtype_;
  SegmentSource source_;
  std::unordered_map<std::uint64_t, MomentSums> sums_;
};

/// The label as digits: signed types may be negative.
std::string label_text(std::uint64_t label, DType dtype);

}  // namespace vox
