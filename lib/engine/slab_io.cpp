#include "engine/slab_io.h"

#include <tbb/task_arena.h>

#include <algorithm>

#include "engine/parallel.h"

namespace vox {
namespace {

/// Little enough that nobody who waits for something else, and writes meanwhile, comes back late.
constexpr std::int64_t kPutBytes = 512 << 10;

}  // namespace

SlabReader::SlabReader(SlabSource& source, const Interval& planes, const Interval& rows, std::int64_t at_once,
                       const SlabWork& work)
    : runs_(source, planes, rows, at_once, work) {
  for (Buffer& buffer : buffers_) buffer = Buffer(at_once * runs_.plane_bytes());
  start();
}

void SlabReader::start() {
  coming_ = runs_.coming();
  runs_.start([out = buffers_[filling_].data(), bytes = runs_.plane_bytes()](
                  std::int64_t i, const PlaneRuns::Read& read) { read(out + i * bytes); });
}

const std::byte* SlabReader::next(std::int64_t& count) {
  runs_.wait();
  count = coming_;
  const std::byte* ready = buffers_[filling_].data();
  filling_ = 1 - filling_;
  start();
  return ready;
}

SlabWriter::SlabWriter(SlabSink& sink, const Interval& rows, std::int64_t at_once, const SlabWork& work)
    : sink_(sink),
      rows_(rows),
      band_bytes_(rows.size() * sink.meta().row_bytes()),
      work_(work),
      task_(work.own_threads) {
  for (Buffer& buffer : buffers_) buffer = Buffer(at_once * band_bytes_);
}

SlabWriter::~SlabWriter() {
  try {
    task_.wait();
  } catch (const std::exception&) {
    // The run has already ended with an error of its own.
  }
}

void SlabWriter::commit(std::int64_t first, std::int64_t count) {
  task_.wait();
  std::byte* data = buffers_[filling_].data();
  filling_ = 1 - filling_;
  // No more encoded planes at once than the plan has room for: one a thread.
  const std::int64_t at_once = sink_.encodes() ? tbb::this_task_arena::max_concurrency()
                                               : std::max<std::int64_t>(kPutBytes / band_bytes_, 1);
  task_.run_steps((count + at_once - 1) / at_once, [=, this](std::int64_t step) {
    const std::int64_t done = step * at_once;
    work_.noting(
        [&] { write_planes(first + done, std::min(at_once, count - done), data + done * band_bytes_); });
  });
}

Box3 SlabWriter::box_of(std::int64_t first, std::int64_t count) const {
  return {{first, rows_.begin, 0}, {first + count, rows_.end, sink_.meta().shape.x}};
}

std::span<std::byte> SlabWriter::bytes_of(std::byte* data, std::int64_t count) const {
  return {data, static_cast<std::size_t>(count * band_bytes_)};
}

void SlabWriter::write_planes(std::int64_t first, std::int64_t count, std::byte* data) {
  if (sink_.encodes())
    encode_planes(first, count, data);
  else
    sink_.put(box_of(first, count), bytes_of(data, count));
  if (work_.progress != nullptr) work_.progress->bytes_out += count * band_bytes_;
}

void SlabWriter::encode_planes(std::int64_t first, std::int64_t count, std::byte* data) {
  std::vector<Encoded> encoded(static_cast<std::size_t>(count));
  parallel_for(count, [&](std::int64_t i) {
    sink_.encode(box_of(first + i, 1), bytes_of(data + i * band_bytes_, 1),
                 encoded[static_cast<std::size_t>(i)]);
  });
  for (std::int64_t i = 0; i < count; ++i)
    sink_.put_encoded(box_of(first + i, 1), encoded[static_cast<std::size_t>(i)]);
}

}  // namespace vox
