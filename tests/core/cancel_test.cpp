#include "core/cancel.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include "core/error.h"

namespace vox {
namespace {

class Cancel : public testing::Test {
 protected:
  void SetUp() override { reset_cancel(); }
  void TearDown() override { reset_cancel(); }
};

TEST_F(Cancel, TheFirstSignalCounts) {
  EXPECT_EQ(cancel_signal(), 0);
  EXPECT_NO_THROW(check_cancelled());
  request_cancel(SIGTERM);
  request_cancel(SIGINT);
  EXPECT_EQ(cancel_signal(), SIGTERM);
  try {
    check_cancelled();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    EXPECT_STREQ(error.what(), "stopped by SIGTERM");
    EXPECT_EQ(error.exit_status(cancel_signal()), 128 + SIGTERM);
  }
}

TEST_F(Cancel, SignalNames) {
  EXPECT_EQ(signal_name(SIGTERM), "SIGTERM");
  EXPECT_EQ(signal_name(4711), "signal 4711");
}

/// Reads until data, the end, or the wish to stop; true when the wish stopped it.
bool read_until_cancelled(int descriptor) {
  char byte = 0;
  for (;;) {
    ssize_t count = 0;
    {
      BlockingCall call;
      count = ::read(descriptor, &byte, 1);
    }
    if (count >= 0 || errno != EINTR) return false;
    if (cancel_signal() != 0) return true;
  }
}

TEST_F(Cancel, ThreadsStuckInPipesComeBack) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  constexpr int kThreads = 4;
  std::atomic<int> stopped{0};
  std::atomic<int> ended{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      if (read_until_cancelled(ends[0])) ++stopped;
      ++ended;
    });
  request_cancel(SIGINT);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (ended < kThreads && std::chrono::steady_clock::now() < deadline) {
    interrupt_blocking_calls();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::close(ends[1]);
  for (std::thread& thread : threads) thread.join();
  ::close(ends[0]);
  EXPECT_EQ(stopped, kThreads);
}

TEST_F(Cancel, ManyShortCallsBesideInterrupts) {
  std::atomic<bool> done{false};
  std::thread kicker([&] {
    while (!done) {
      interrupt_blocking_calls();
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  });
  std::atomic<int> calls{0};
  // Threads come and go while they are being kicked: a signal to one that is gone would end the test.
  for (int round = 0; round < 50; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int n = 0; n < 20; ++n) {
          BlockingCall outer;
          BlockingCall inner;
          ++calls;
        }
      });
    for (std::thread& thread : threads) thread.join();
  }
  done = true;
  kicker.join();
  EXPECT_EQ(calls, 50 * 4 * 20);
}

}  // namespace
}  // namespace vox
