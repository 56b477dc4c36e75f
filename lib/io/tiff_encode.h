// From voxels to the strips of a compressed TIFF, by any number of threads.
#pragma once

#include <span>
#include <utility>

#include "io/planned_sink.h"
#include "io/pool.h"
#include "io/tiff_write.h"
#include "io/volume_io.h"

namespace vox {

class TiffStripEncoder {
 public:
  explicit TiffStripEncoder(const TiffPlan& plan);

  /// Replaces `encoded` by the strips of `box`: whole planes, or rows of one that begin at a strip.
  /// Overwrites `voxels`.
  void encode(const Box3& box, std::span<std::byte> voxels, Encoded& encoded) const;
  /// What each thread holds for one strip at a time.
  std::int64_t scratch_bytes() const;

 private:
  struct Scratch {
    TiffEncoder encoder;
    GrowingBuffer row;
  };

  const TiffPlan& plan_;
  mutable Pool<Scratch> scratch_;
};

/// Of a sink that writes such a file, or several.
SinkTraits tiff_sink_traits(const TiffPlan& plan);

/// What sinks of compressed TIFF share: strips are encoded by any thread and put in scan order.
class TiffCodedSink : public SlabSink {
 public:
  bool seekable() const override { return false; }
  Extent3 chunk() const override { return {1, plan_.rows_per_strip, meta_.shape.x}; }
  bool encodes() const override { return true; }
  std::int64_t scratch_bytes() const override { return encoder_.scratch_bytes(); }
  void put(const Box3& box, std::span<std::byte> voxels) override;
  void encode(const Box3& box, std::span<std::byte> voxels, Encoded& encoded) const override {
    encoder_.encode(box, voxels, encoded);
  }

 protected:
  explicit TiffCodedSink(TiffPlan plan) : plan_(std::move(plan)), encoder_(plan_) { meta_ = plan_.meta; }

  TiffPlan plan_;

 private:
  TiffStripEncoder encoder_;
};

}  // namespace vox
