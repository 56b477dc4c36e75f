#include "engine/slab_io.h"

#include <tbb/parallel_for.h>

#include <algorithm>

#include "core/cancel.h"

namespace vox {
namespace {

std::int64_t wrapped(std::int64_t plane, std::int64_t count) { return (plane % count + count) % count; }

}  // namespace

SlabReader::SlabReader(SlabSource& source, std::int64_t first, std::int64_t end, std::int64_t planes,
                       Progress* progress)
    : source_(source), position_(first), end_(end), planes_(planes), progress_(progress) {
  for (Buffer& buffer : buffers_) buffer = Buffer(planes * source.meta().plane_bytes());
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
  coming_ = std::min(planes_, end_ - position_);
  if (coming_ == 0) return;
  std::byte* out = buffers_[filling_].data();
  task_.run([this, out, first = position_, count = coming_] { read_planes(first, count, out); });
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

void SlabReader::read_planes(std::int64_t first, std::int64_t count, std::byte* out) {
  const VolumeMeta& meta = source_.meta();
  const auto read_one = [&](std::int64_t i) {
    const std::int64_t plane = wrapped(first + i, meta.shape.z);
    source_.read({{plane, 0, 0}, {plane + 1, meta.shape.y, meta.shape.x}}, out + i * meta.plane_bytes());
  };
  if (source_.seekable()) {
    tbb::parallel_for(std::int64_t{0}, count, read_one);
  } else {
    for (std::int64_t i = 0; i < count; ++i) read_one(i);
  }
  if (progress_ != nullptr) progress_->bytes_in += count * meta.plane_bytes();
}

SlabWriter::SlabWriter(SlabSink& sink, std::int64_t planes, Progress* progress)
    : sink_(sink), progress_(progress) {
  for (Buffer& buffer : buffers_) buffer = Buffer(planes * sink.meta().plane_bytes());
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
  task_.run([this, first, count, data] { write_planes(first, count, data); });
  filling_ = 1 - filling_;
}

void SlabWriter::write_planes(std::int64_t first, std::int64_t count, std::byte* data) {
  const VolumeMeta& meta = sink_.meta();
  const auto bytes = static_cast<std::size_t>(count * meta.plane_bytes());
  if (!sink_.encodes()) {
    sink_.put({{first, 0, 0}, {first + count, meta.shape.y, meta.shape.x}}, {data, bytes});
  } else {
    std::vector<Encoded> encoded(static_cast<std::size_t>(count));
    const auto box_of = [&](std::int64_t i) {
      return Box3{{first + i, 0, 0}, {first + i + 1, meta.shape.y, meta.shape.x}};
    };
    tbb::parallel_for(std::int64_t{0}, count, [&](std::int64_t i) {
      const std::span<std::byte> plane(data + i * meta.plane_bytes(),
                                       static_cast<std::size_t>(meta.plane_bytes()));
      sink_.encode(box_of(i), plane, encoded[static_cast<std::size_t>(i)]);
    });
    for (std::int64_t i = 0; i < count; ++i)
      sink_.put_encoded(box_of(i), encoded[static_cast<std::size_t>(i)]);
  }
  if (progress_ != nullptr) progress_->bytes_out += static_cast<std::int64_t>(bytes);
}

}  // namespace vox
