#include "io/bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/cancel.h"
#include "core/error.h"
#include "core/numbers.h"

namespace vox {
namespace {

constexpr std::size_t kLargestTransfer = std::size_t{1} << 30;
constexpr int kPipeBytes = 1 << 20;

class FileDevice : public ByteDevice {
 public:
  FileDevice(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {}
  ~FileDevice() override {
    if (owned_) ::close(descriptor_);
  }
  FileDevice(const FileDevice&) = delete;
  FileDevice& operator=(const FileDevice&) = delete;

  ssize_t read(std::byte* data, std::size_t size) override {
    const BlockingCall blocking;
    return ::read(descriptor_, data, size);
  }
  ssize_t read_at(std::byte* data, std::size_t size, std::int64_t offset) override {
    return ::pread(descriptor_, data, size, offset);
  }
  ssize_t write(const std::byte* data, std::size_t size) override {
    const BlockingCall blocking;
    return ::write(descriptor_, data, size);
  }
  ssize_t write_at(const std::byte* data, std::size_t size, std::int64_t offset) override {
    return ::pwrite(descriptor_, data, size, offset);
  }
  int flush() override {
    // Pipes and some special files cannot be flushed; there is nothing on a disk to wait for.
    const int result = ::fsync(descriptor_);
    return result != 0 && (errno == EINVAL || errno == EROFS) ? 0 : result;
  }

 private:
  int descriptor_;
  bool owned_;
};

/// Repeats `transfer(done)` until `size` bytes moved or it returns 0; interruptions are repeated unless a
/// stop was asked for.
template <class Transfer>
std::int64_t transfer_all(std::int64_t size, const std::string& name, Transfer&& transfer) {
  std::int64_t done = 0;
  while (done < size) {
    const auto wanted = std::min(static_cast<std::size_t>(size - done), kLargestTransfer);
    const ssize_t moved = transfer(done, wanted);
    if (moved < 0 && errno == EINTR) {
      check_cancelled();
      continue;
    }
    if (moved < 0) fail_system(name, errno);
    if (moved == 0) break;
    done += moved;
  }
  return done;
}

}  // namespace

std::unique_ptr<ByteDevice> file_device(int descriptor, bool owned) {
  return std::make_unique<FileDevice>(descriptor, owned);
}

ByteSource::ByteSource(std::unique_ptr<ByteDevice> device, std::string name, std::optional<std::int64_t> size,
                       ByteOrigin origin)
    : device_(std::move(device)), name_(std::move(name)), size_(size), origin_(std::move(origin)) {}

ByteSource ByteSource::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail_system(path, errno);
  auto device = file_device(descriptor, true);
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0) fail_system(path, errno);
  if (S_ISDIR(facts.st_mode)) fail(path + ": is a folder");
  std::optional<std::int64_t> size;
  if (S_ISREG(facts.st_mode)) size = facts.st_size;
  return {std::move(device), path, size, ByteOrigin{.path = path, .file_bytes = size}};
}

ByteSource ByteSource::standard_input() {
  return {file_device(STDIN_FILENO, false), "standard input", std::nullopt};
}

std::int64_t ByteSource::read_device(std::byte* data, std::int64_t size) {
  return transfer_all(
      size, name_, [&](std::int64_t done, std::size_t wanted) { return device_->read(data + done, wanted); });
}

std::int64_t ByteSource::read(std::span<std::byte> bytes) {
  const std::size_t kept = std::min(bytes.size(), peeked_.size() - peeked_used_);
  std::copy_n(peeked_.begin() + static_cast<std::ptrdiff_t>(peeked_used_), kept, bytes.begin());
  peeked_used_ += kept;
  const auto rest = bytes.subspan(kept);
  return static_cast<std::int64_t>(kept) + read_device(rest.data(), static_cast<std::int64_t>(rest.size()));
}

std::span<const std::byte> ByteSource::peek(std::int64_t count) {
  const auto known = static_cast<std::int64_t>(peeked_.size() - peeked_used_);
  if (known < count) {
    peeked_.erase(peeked_.begin(), peeked_.begin() + static_cast<std::ptrdiff_t>(peeked_used_));
    peeked_used_ = 0;
    peeked_.resize(peeked_.size() + static_cast<std::size_t>(count - known));
    const std::int64_t got = read_device(peeked_.data() + peeked_used_ + known, count - known);
    peeked_.resize(peeked_used_ + static_cast<std::size_t>(known + got));
  }
  const std::span<const std::byte> all(peeked_);
  return all.subspan(peeked_used_,
                     std::min<std::size_t>(all.size() - peeked_used_, static_cast<std::size_t>(count)));
}

void ByteSource::read_at(std::span<std::byte> bytes, std::int64_t offset, const std::string& what) const {
  const auto size = static_cast<std::int64_t>(bytes.size());
  const std::int64_t got = transfer_all(size, name_, [&](std::int64_t done, std::size_t wanted) {
    return device_->read_at(bytes.data() + done, wanted, offset + done);
  });
  if (got == size) return;
  fail_damaged(name_ + ": " + what + ": " + format_count(got) + " of " + format_count(size) +
               " bytes, the file is cut short");
}

ByteSink::ByteSink(std::unique_ptr<ByteDevice> device, std::string name)
    : device_(std::move(device)), name_(std::move(name)) {}

ByteSink ByteSink::standard_output() {
  ::fcntl(STDOUT_FILENO, F_SETPIPE_SZ, kPipeBytes);  // refused for files and beyond the user's limit: no harm
  return {file_device(STDOUT_FILENO, false), "standard output"};
}

void ByteSink::write(std::span<const std::byte> bytes) {
  transfer_all(static_cast<std::int64_t>(bytes.size()), name_, [&](std::int64_t done, std::size_t wanted) {
    return device_->write(bytes.data() + done, wanted);
  });
}

void ByteSink::write_last_words(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t moved = device_->write(bytes.data(), bytes.size());
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) fail_system(name_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(moved));
  }
}

void ByteSink::write_at(std::span<const std::byte> bytes, std::int64_t offset) {
  transfer_all(static_cast<std::int64_t>(bytes.size()), name_, [&](std::int64_t done, std::size_t wanted) {
    return device_->write_at(bytes.data() + done, wanted, offset + done);
  });
}

void ByteSink::flush() {
  while (device_->flush() != 0) {
    if (errno != EINTR) fail_system(name_, errno);
    check_cancelled();
  }
}

}  // namespace vox
