#include "io/planned_sink.h"

#include "core/error.h"
#include "io/deflate_sink.h"
#include "io/formats.h"
#include "io/slices.h"

namespace vox {
namespace {

class PlannedSink : public SlabSink {
 public:
  PlannedSink(const VolumeMeta& meta, const SinkTraits& traits) : traits_(traits) { meta_ = meta; }

  bool seekable() const override { return traits_.seekable; }
  Extent3 chunk() const override { return traits_.chunk; }
  bool encodes() const override { return traits_.encodes; }
  std::int64_t scratch_bytes() const override { return traits_.scratch_bytes; }
  std::int64_t held_bytes() const override { return traits_.held_bytes; }
  void put(const Box3&, std::span<std::byte>) override { fail_usage("a plan takes no voxels"); }
  void finish() override {}

 private:
  SinkTraits traits_;
};

SinkTraits traits_of(const std::string& path, const VolumeMeta& meta, const CreateOptions& options) {
  if (path == "-") {
    SinkTraits stream = plain_sink_traits(meta);
    stream.seekable = false;
    return stream;
  }
  if (names_slices_to_write(path)) return slices_traits(path, meta, options);
  const Format& format = format_for_writing(path);
  if (format.traits != nullptr) return format.traits(path, meta, options);
  const bool codes = format.compresses || (options.compression && options.compression->codec != "none");
  return codes ? deflate_sink_traits(meta) : plain_sink_traits(meta);
}

}  // namespace

SinkTraits plain_sink_traits(const VolumeMeta& meta) { return {.chunk = {1, 1, meta.shape.x}}; }

std::unique_ptr<SlabSink> planned_sink(const std::string& path, const VolumeMeta& meta,
                                       const CreateOptions& options) {
  return std::make_unique<PlannedSink>(meta, traits_of(path, meta, options));
}

}  // namespace vox
