// Reads and writes whole planes in the background while kernels compute.
#pragma once

#include "engine/background_task.h"
#include "engine/buffer.h"
#include "engine/engine.h"

namespace vox {

/// Reads runs of planes, one run ahead of what is asked for.
class SlabReader {
 public:
  /// Planes `first` .. `end` - 1 in virtual coordinates (below 0 and beyond the volume they wrap around), at
  /// most `planes` at once.
  SlabReader(SlabSource& source, std::int64_t first, std::int64_t end, std::int64_t planes,
             Progress* progress);
  ~SlabReader();
  SlabReader(const SlabReader&) = delete;
  SlabReader& operator=(const SlabReader&) = delete;

  /// The next planes, dense, and how many; 0 at the end. They stay until the next call.
  const std::byte* next(std::int64_t& count);

 private:
  void start();
  void read_planes(std::int64_t first, std::int64_t count, std::byte* out);

  SlabSource& source_;
  std::int64_t position_;
  std::int64_t end_;
  std::int64_t planes_;
  Progress* progress_;
  Buffer buffers_[2];
  int filling_ = 0;
  std::int64_t coming_ = 0;
  BackgroundTask task_;
};

/// Writes runs of planes in order, one run behind.
class SlabWriter {
 public:
  SlabWriter(SlabSink& sink, std::int64_t planes, Progress* progress);
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

  SlabSink& sink_;
  Progress* progress_;
  Buffer buffers_[2];
  int filling_ = 0;
  BackgroundTask task_;
};

}  // namespace vox
