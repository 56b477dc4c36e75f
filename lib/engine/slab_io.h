// Reads and writes planes, or bands of them, in the background while kernels compute.
#pragma once

#include <span>

#include "engine/buffer.h"
#include "engine/plane_runs.h"

namespace vox {

/// Reads runs of planes, one run ahead of what is asked for. Of every plane it takes the same rows.
class SlabReader {
 public:
  /// As those of `PlaneRuns`.
  SlabReader(SlabSource& source, const Interval& planes, const Interval& rows, std::int64_t at_once,
             const SlabWork& work);

  /// The next planes, dense, and how many; 0 at the end. They stay until the next call.
  const std::byte* next(std::int64_t& count);

 private:
  void start();

  Buffer buffers_[2];
  int filling_ = 0;
  std::int64_t coming_ = 0;
  PlaneRuns runs_;
};

/// Writes runs of planes in order, one run behind. Of every plane it writes the same rows.
class SlabWriter {
 public:
  /// `at_once`: planes that are written at once, at most.
  SlabWriter(SlabSink& sink, const Interval& rows, std::int64_t at_once, const SlabWork& work);
  ~SlabWriter();
  SlabWriter(const SlabWriter&) = delete;
  SlabWriter& operator=(const SlabWriter&) = delete;

  /// Where the next planes are to be computed, dense.
  std::byte* next() { return buffers_[filling_].data(); }
  /// They are complete: planes [first, first + count).
  void commit(std::int64_t first, std::int64_t count);
  /// Waits for the last write.
  void finish() { task_.wait(); }

 private:
  void write_planes(std::int64_t first, std::int64_t count, std::byte* data);
  void encode_planes(std::int64_t first, std::int64_t count, std::byte* data);
  Box3 box_of(std::int64_t first, std::int64_t count) const;
  std::span<std::byte> bytes_of(std::byte* data, std::int64_t count) const;

  SlabSink& sink_;
  Interval rows_;
  std::int64_t band_bytes_;  ///< of the rows of one plane
  SlabWork work_;
  Buffer buffers_[2];
  int filling_ = 0;
  BackgroundTask task_;
};

}  // namespace vox
