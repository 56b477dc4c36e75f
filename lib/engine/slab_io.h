// Reads and writes planes, or bands of them, in the background while kernels compute.
#pragma once

#include "engine/background_task.h"
#include "engine/buffer.h"
#include "engine/engine.h"
#include "engine/first_failure.h"

namespace vox {

/// What reading and writing share.
struct SlabWork {
  Progress* progress;               ///< may be null
  int own_threads;                  ///< of the background (`BackgroundTask`)
  FirstFailure* failure = nullptr;  ///< what goes wrong is noted there, if there is one, when it happens
};

/// Reads runs of planes, one run ahead of what is asked for. Of every plane it takes the same rows.
class SlabReader {
 public:
  /// Planes and rows in virtual coordinates (below 0 and beyond the volume they wrap around), at most
  /// `at_once` planes at once.
  SlabReader(SlabSource& source, const Interval& planes, const Interval& rows, std::int64_t at_once,
             const SlabWork& work);
  ~SlabReader();
  SlabReader(const SlabReader&) = delete;
  SlabReader& operator=(const SlabReader&) = delete;

  /// The next planes, dense, and how many; 0 at the end. They stay until the next call.
  const std::byte* next(std::int64_t& count);

 private:
  void start();
  void read_planes(std::int64_t first, std::int64_t count, std::byte* out);
  void read_plane(std::int64_t plane, std::byte* out);

  SlabSource& source_;
  std::int64_t position_;
  std::int64_t end_;
  Interval rows_;
  std::int64_t at_once_;
  std::int64_t band_bytes_;  ///< of the rows of one plane
  SlabWork work_;
  Buffer buffers_[2];
  int filling_ = 0;
  std::int64_t coming_ = 0;
  BackgroundTask task_;
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
