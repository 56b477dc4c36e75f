// A device that can only be read, from its first byte to its last: what a decompressor gives.
#pragma once

#include <cerrno>

#include "io/bytes.h"

namespace vox {

/// Everything but `read` fails with ESPIPE.
class ForwardDevice : public ByteDevice {
 public:
  ssize_t read_at(std::byte*, std::size_t, std::int64_t) override { return unsupported(); }
  ssize_t write(const std::byte*, std::size_t) override { return unsupported(); }
  ssize_t write_at(const std::byte*, std::size_t, std::int64_t) override { return unsupported(); }
  int flush() override { return 0; }

 private:
  static int unsupported() {
    errno = ESPIPE;
    return -1;
  }
};

}  // namespace vox
