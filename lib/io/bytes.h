// Bytes to and from files and pipes: the loops that short transfers and interruptions need, once for all
// formats.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vox {

/// The system calls that move bytes. Tests put one in between that transfers little, is interrupted, or
/// fails.
class ByteDevice {
 public:
  virtual ~ByteDevice() = default;
  // As read(2), pread(2), write(2), pwrite(2) and fsync(2): bytes moved, or -1 and errno.
  virtual ssize_t read(std::byte* data, std::size_t size) = 0;
  virtual ssize_t read_at(std::byte* data, std::size_t size, std::int64_t offset) = 0;
  virtual ssize_t write(const std::byte* data, std::size_t size) = 0;
  virtual ssize_t write_at(const std::byte* data, std::size_t size, std::int64_t offset) = 0;
  virtual int flush() = 0;
};

/// A file descriptor; closed at the end when `owned`.
std::unique_ptr<ByteDevice> file_device(int descriptor, bool owned);

/// Where the bytes of a source come from.
struct ByteOrigin {
  std::string path = {};                        ///< of the file; empty for a pipe
  std::string compression = "none";             ///< what was undone: "gzip", "zstd"
  std::optional<std::int64_t> file_bytes = {};  ///< on disk
};

/// Bytes that come in: from a file in any order by several threads, or from a pipe in order.
class ByteSource {
 public:
  /// `size`: of a regular file; none for what can only be read in order. `name` stands in messages.
  ByteSource(std::unique_ptr<ByteDevice> device, std::string name, std::optional<std::int64_t> size,
             ByteOrigin origin = {});
  /// Opens a file for reading; throws when that cannot be done or it is a folder.
  static ByteSource open(const std::string& path);
  /// Standard input, as a pipe.
  static ByteSource standard_input();

  const std::string& name() const { return name_; }
  std::optional<std::int64_t> size() const { return size_; }
  const ByteOrigin& origin() const { return origin_; }

  /// The next bytes, in order; fewer than asked for only at the end.
  std::int64_t read(std::span<std::byte> bytes);
  /// Makes the first bytes known without taking them; fewer than `count` only when there are no more.
  std::span<const std::byte> peek(std::int64_t count);
  /// Bytes at `offset`. Throws a damaged-input error "<name>: <what>: n of m bytes, the file is cut short".
  void read_at(std::span<std::byte> bytes, std::int64_t offset, const std::string& what) const;

 private:
  std::int64_t read_device(std::byte* data, std::int64_t size);

  std::unique_ptr<ByteDevice> device_;
  std::string name_;
  std::optional<std::int64_t> size_;
  ByteOrigin origin_;
  std::vector<std::byte> peeked_;
  std::size_t peeked_used_ = 0;
};

/// Bytes that go out: to a file in any order by several threads, or to a pipe in order.
class ByteSink {
 public:
  ByteSink(std::unique_ptr<ByteDevice> device, std::string name);
  /// Standard output; a pipe is widened to 1 MiB, which is several times faster than the default.
  static ByteSink standard_output();

  const std::string& name() const { return name_; }
  void write(std::span<const std::byte> bytes);
  /// The same, also after a stop was asked for: last words to the reader.
  void write_last_words(std::span<const std::byte> bytes);
  void write_at(std::span<const std::byte> bytes, std::int64_t offset);
  /// Waits until the bytes are on disk, so that a full disk is known before the output gets its name.
  void flush();

 private:
  std::unique_ptr<ByteDevice> device_;
  std::string name_;
};

}  // namespace vox
