#include "io/child_talk.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>

#include "core/error.h"

namespace vox {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBetweenChecks = 50;  // milliseconds
constexpr std::size_t kMostErrors = 4096;
constexpr std::size_t kPiece = 64 << 10;

/// Tried again later: nothing to read now, no room now, or interrupted.
bool is_for_later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

class ChildTalk::Answer : public ByteDevice {
 public:
  explicit Answer(ChildTalk& talk) : talk_(talk) {}

  ssize_t read(std::byte* data, std::size_t size) override { return talk_.read_answer(data, size); }
  ssize_t read_at(std::byte*, std::size_t, std::int64_t) override { return refuse(); }
  ssize_t write(const std::byte*, std::size_t) override { return refuse(); }
  ssize_t write_at(const std::byte*, std::size_t, std::int64_t) override { return refuse(); }
  int flush() override { return 0; }

 private:
  static ssize_t refuse() {
    errno = ESPIPE;
    return -1;
  }

  ChildTalk& talk_;
};

ChildTalk::ChildTalk(const ProgramCall& call, Feed feed, Check check)
    : child_(call), feed_(std::move(feed)), check_(std::move(check)) {}

std::unique_ptr<ByteDevice> ChildTalk::answer() { return std::make_unique<Answer>(*this); }

ssize_t ChildTalk::read_answer(std::byte* data, std::size_t size) {
  while (child_.output.open()) {
    const ssize_t count = ::read(child_.output.get(), data, size);
    if (count > 0) return count;
    if (count < 0 && !is_for_later(errno)) return count;
    if (count == 0)
      child_.output.close();
    else
      wait(kBetweenChecks);
  }
  return 0;
}

std::optional<int> ChildTalk::finish(std::optional<std::chrono::milliseconds> patience) {
  const auto deadline = Clock::now() + patience.value_or(std::chrono::milliseconds(0));
  std::array<std::byte, kPiece> waste;
  auto pause = std::chrono::microseconds(50);
  for (;;) {
    if (const auto status = child_.status()) {
      take_errors();
      return status;
    }
    if (patience && Clock::now() > deadline) return std::nullopt;
    if (child_.output.open() || child_.errors.open()) {
      wait(kBetweenChecks);
      if (child_.output.open() && ::read(child_.output.get(), waste.data(), waste.size()) == 0)
        child_.output.close();
      continue;
    }
    // It has said its last word, and is about to end.
    check_();
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::microseconds(20'000));
  }
}

void ChildTalk::wait(int milliseconds) {
  check_();
  std::array<pollfd, 3> ends{
      {{child_.input.get(), POLLOUT, 0}, {child_.output.get(), POLLIN, 0}, {child_.errors.get(), POLLIN, 0}}};
  if (::poll(ends.data(), ends.size(), milliseconds) < 0 && errno != EINTR)
    fail_system("waiting for a command", errno);
  if (ends[2].revents != 0) take_errors();
  if (ends[0].revents != 0) feed_some();
}

void ChildTalk::feed_some() {
  while (child_.input.open()) {
    if (waiting_.empty()) waiting_ = feed_();
    const ssize_t count =
        waiting_.empty() ? 0 : ::write(child_.input.get(), waiting_.data(), waiting_.size());
    if (count < 0 && is_for_later(errno)) return;
    // Who has read enough closes its end; whether that was right, the answer says.
    if (count <= 0) return child_.input.close();
    waiting_ = waiting_.subspan(static_cast<std::size_t>(count));
  }
}

void ChildTalk::take_errors() {
  std::array<char, kPiece> text;
  // Not for ever: who never stops talking must not keep us from the rest.
  for (int pieces = 0; pieces < 16 && child_.errors.open(); ++pieces) {
    const ssize_t count = ::read(child_.errors.get(), text.data(), text.size());
    if (count < 0 && is_for_later(errno)) return;
    if (count <= 0) return child_.errors.close();
    errors_.append(text.data(), static_cast<std::size_t>(count));
    if (errors_.size() > kMostErrors) errors_.erase(0, errors_.size() - kMostErrors);
  }
}

}  // namespace vox
