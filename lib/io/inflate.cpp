#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <memory>

#include "core/error.h"
#include "io/forward_device.h"
#include "io/gzip.h"

namespace vox {
namespace {

constexpr std::size_t kInputBytes = 256 << 10;
constexpr std::size_t kLargestOutput = std::size_t{1} << 30;  // the library counts in 32 bits

class InflatingDevice : public ForwardDevice {
 public:
  InflatingDevice(ByteSource compressed, DeflateWrapper wrapper)
      : compressed_(std::move(compressed)), wrapper_(wrapper), input_(kInputBytes) {
    isal_inflate_init(state_.get());
    state_->crc_flag = wrapper == DeflateWrapper::gzip ? ISAL_GZIP : ISAL_ZLIB;
  }

  ssize_t read(std::byte* data, std::size_t size) override {
    const auto wanted = static_cast<std::uint32_t>(std::min(size, kLargestOutput));
    state_->next_out = reinterpret_cast<std::uint8_t*>(data);
    state_->avail_out = wanted;
    while (state_->avail_out == wanted && !at_end_) step();
    return static_cast<ssize_t>(wanted - state_->avail_out);
  }

 private:
  void step() {
    if (state_->block_state == ISAL_BLOCK_FINISH) return next_member();
    const bool input_there = refill();
    const std::uint32_t before = state_->avail_out;
    const int result = isal_inflate(state_.get());
    if (result < 0) fail_stream(result);
    if (!input_there && state_->avail_out == before && state_->block_state != ISAL_BLOCK_FINISH)
      fail_damaged(compressed_.name() + ": the compressed data are cut short");
  }

  /// True when there is compressed input.
  bool refill() {
    if (state_->avail_in > 0) return true;
    state_->next_in = reinterpret_cast<std::uint8_t*>(input_.data());
    state_->avail_in = static_cast<std::uint32_t>(compressed_.read(input_));
    return state_->avail_in > 0;
  }

  /// Behind a stream: another gzip member, zeros that fill up a tape's block, or nothing.
  void next_member() {
    while (refill() && *state_->next_in == 0 && wrapper_ == DeflateWrapper::gzip) {
      ++state_->next_in;
      --state_->avail_in;
      padded_ = true;
    }
    if (state_->avail_in == 0) {
      at_end_ = true;
      return;
    }
    if (wrapper_ == DeflateWrapper::zlib || padded_ || *state_->next_in != 0x1f)
      fail_damaged(compressed_.name() + ": there is something else behind the compressed data");
    isal_inflate_reset(state_.get());
    state_->crc_flag = ISAL_GZIP;
  }

  [[noreturn]] void fail_stream(int result) const {
    const char* what = result == ISAL_INCORRECT_CHECKSUM   ? "their checksum is wrong"
                       : result == ISAL_UNSUPPORTED_METHOD ? "their method is not deflate"
                       : result == ISAL_INVALID_WRAPPER    ? "their header is wrong"
                                                           : "they cannot be decoded";
    fail_damaged(compressed_.name() + ": the compressed data are damaged: " + what);
  }

  ByteSource compressed_;
  DeflateWrapper wrapper_;
  std::vector<std::byte> input_;
  std::unique_ptr<inflate_state> state_ = std::make_unique<inflate_state>();
  bool padded_ = false;
  bool at_end_ = false;
};

}  // namespace

bool is_gzip(std::span<const std::byte> start) {
  return start.size() >= 3 && start[0] == std::byte{0x1f} && start[1] == std::byte{0x8b} &&
         start[2] == std::byte{8};
}

ByteSource inflated(ByteSource compressed, DeflateWrapper wrapper) {
  const std::string name = compressed.name();
  ByteOrigin origin = compressed.origin();
  origin.compression = wrapper == DeflateWrapper::gzip ? "gzip" : "zlib";
  return {std::make_unique<InflatingDevice>(std::move(compressed), wrapper), name, std::nullopt,
          std::move(origin)};
}

}  // namespace vox
