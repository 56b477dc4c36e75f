#include "engine/spooled_result.h"

#include "core/pieces.h"
#include "engine/spool_store.h"

namespace vox {
namespace {

class SpoolSink : public SlabSink {
 public:
  SpoolSink(const VolumeMeta& meta, SpoolStore& store) : store_(store) { meta_ = meta; }

  bool seekable() const override { return true; }

  void put(const Box3& box, std::span<std::byte> voxels) override {
    const std::int64_t element = size_of(meta_.dtype);
    for_each_piece(meta_.shape, box, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
      store_.write(voxels.subspan(static_cast<std::size_t>(offset * element),
                                  static_cast<std::size_t>(count * element)),
                   first * element);
    });
  }

  void finish() override {}

 private:
  SpoolStore& store_;
};

class SpooledSource : public SlabSource {
 public:
  SpooledSource(const VolumeMeta& meta, const SpoolStore& store) : store_(store) {
    meta_ = meta;
    info_.name = "spool";
  }

  bool seekable() const override { return true; }

  void read(const Box3& box, std::byte* out) override {
    const std::int64_t element = size_of(meta_.dtype);
    for_each_piece(meta_.shape, box, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
      store_.read({out + offset * element, static_cast<std::size_t>(count * element)}, first * element);
    });
  }

 private:
  const SpoolStore& store_;
};

}  // namespace

void run_through_spool(SlabSink& sink, const Resources& resources, const Interval& planes,
                       const std::function<void(SlabSink&)>& run) {
  SpoolStore store(sink.meta().bytes(), false, resources.tmpdir);
  SpoolSink spool(sink.meta(), store);
  run(spool);
  SpooledSource result(sink.meta(), store);
  Resources silent = resources;
  silent.progress = nullptr;  // the pass that counts is over
  run_map(result, {}, {}, sink, silent, planes);
}

}  // namespace vox
