#include "engine/slab_io.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "core/cancel.h"

namespace vox {
namespace {

/// Notes what goes wrong in the background before anybody waits for it.
template <class Work>
void noting(FirstFailure* failure, Work&& work) {
  try {
    work();
  } catch (...) {
    if (failure != nullptr) failure->note();
    throw;
  }
}

std::int64_t wrapped(std::int64_t index, std::int64_t count) { return (index % count + count) % count; }

}  // namespace

SlabReader::SlabReader(SlabSource& source, const Interval& planes, const Interval& rows, std::int64_t at_once,
                       const SlabWork& work)
    : source_(source),
      position_(planes.begin),
      end_(planes.end),
      rows_(rows),
      at_once_(at_once),
      band_bytes_(rows.size() * source.meta().row_bytes()),
      work_(work),
      task_(work.own_threads) {
  for (Buffer& buffer : buffers_) buffer = Buffer(at_once * band_bytes_);
  start();
}

SlabReader::~SlabReader() {
  try {
    task_.cancel();
    task_.wait();
  } catch (const std::exception&) {
    // The run has already ended with an error of its own.
  }
}

void SlabReader::start() {
  coming_ = std::min(at_once_, end_ - position_);
  if (coming_ == 0) return;
  std::byte* out = buffers_[filling_].data();
  task_.run([this, out, first = position_, count = coming_] {
    noting(work_.failure, [&] { read_planes(first, count, out); });
  });
  position_ += coming_;
}

const std::byte* SlabReader::next(std::int64_t& count) {
  task_.wait();
  check_cancelled();
  count = coming_;
  const std::byte* ready = buffers_[filling_].data();
  filling_ = 1 - filling_;
  start();
  return ready;
}

void SlabReader::read_plane(std::int64_t plane, std::byte* out) {
  const Extent3 volume = source_.meta().shape;
  const std::int64_t z = wrapped(plane, volume.z);
  for (std::int64_t y = rows_.begin; y < rows_.end;) {
    const std::int64_t inside = wrapped(y, volume.y);
    const std::int64_t count = std::min(rows_.end - y, volume.y - inside);
    source_.read({{z, inside, 0}, {z + 1, inside + count, volume.x}},
                 out + (y - rows_.begin) * source_.meta().row_bytes());
    y += count;
  }
}

void SlabReader::read_planes(std::int64_t first, std::int64_t count, std::byte* out) {
  const auto read_one = [&](std::int64_t i) { read_plane(first + i, out + i * band_bytes_); };
  if (source_.seekable()) {
    tbb::parallel_for(std::int64_t{0}, count, read_one);
  } else {
    for (std::int64_t i = 0; i < count; ++i) read_one(i);
  }
  if (work_.progress != nullptr) work_.progress->bytes_in += count * band_bytes_;
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
  task_.run([this, first, count, data] { noting(work_.failure, [&] { write_planes(first, count, data); }); });
  filling_ = 1 - filling_;
}

Box3 SlabWriter::box_of(std::int64_t first, std::int64_t count) const {
  return {{first, rows_.begin, 0}, {first + count, rows_.end, sink_.meta().shape.x}};
}

std::span<std::byte> SlabWriter::bytes_of(std::byte* data, std::int64_t count) const {
  return {data, static_cast<std::size_t>(count * band_bytes_)};
}

void SlabWriter::write_planes(std::int64_t first, std::int64_t count, std::byte* data) {
  if (!sink_.encodes()) {
    sink_.put(box_of(first, count), bytes_of(data, count));
  } else {
    // No more encoded planes at once than the plan has room for: one a thread.
    const std::int64_t most = tbb::this_task_arena::max_concurrency();
    for (std::int64_t i = 0; i < count; i += most)
      encode_planes(first + i, std::min(most, count - i), data + i * band_bytes_);
  }
  if (work_.progress != nullptr) work_.progress->bytes_out += count * band_bytes_;
}

void SlabWriter::encode_planes(std::int64_t first, std::int64_t count, std::byte* data) {
  std::vector<Encoded> encoded(static_cast<std::size_t>(count));
  tbb::parallel_for(std::int64_t{0}, count, [&](std::int64_t i) {
    sink_.encode(box_of(first + i, 1), bytes_of(data + i * band_bytes_, 1),
                 encoded[static_cast<std::size_t>(i)]);
  });
  for (std::int64_t i = 0; i < count; ++i)
    sink_.put_encoded(box_of(first + i, 1), encoded[static_cast<std::size_t>(i)]);
}

}  // namespace vox
