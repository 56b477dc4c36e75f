#include "cli/signal_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "cli/tool_process.h"
#include "core/cancel.h"
#include "core/error.h"
#include "io/bytes.h"
#include "io/temporary.h"

namespace vox {
namespace {

/// Works until a stop is asked for.
void work_until_stopped(Context&) {
  say_ready();
  for (;;) {
    check_cancelled();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST(SignalWatch, SignalsEndItAsSignals) {
  Setting setting;
  setting.signal = SIGINT;
  const Ended interrupted = run_tool({}, work_until_stopped, setting);
  EXPECT_EQ(interrupted.status, 128 + SIGINT);
  EXPECT_EQ(interrupted.err, "");
  setting.signal = SIGTERM;
  const Ended terminated = run_tool({}, work_until_stopped, setting);
  EXPECT_EQ(terminated.status, 128 + SIGTERM);
  EXPECT_EQ(terminated.err, "vtoy: stopped by SIGTERM\n");
  setting.signal = SIGHUP;
  EXPECT_EQ(run_tool({}, work_until_stopped, setting).status, 128 + SIGHUP);
}

TEST(SignalWatch, NohupIsRespected) {
  Setting setting;
  setting.signal = SIGHUP;
  setting.ignores_hangup = true;
  const auto works_on = [](Context& context) {
    say_ready();
    for (int i = 0; i < 200; ++i) {
      check_cancelled();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    context.print("done\n");
  };
  const Ended ended = run_tool({}, works_on, setting);
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "done\n");
}

TEST(SignalWatch, ASignalEndsTheWaitForAPipe) {
  Setting setting;
  setting.signal = SIGTERM;
  const auto waits = [](Context&) {
    ByteSource input = ByteSource::standard_input();
    say_ready();
    std::byte byte{};
    input.read({&byte, 1});
  };
  const Ended ended = run_tool({}, waits, setting);
  EXPECT_EQ(ended.status, 128 + SIGTERM);
  EXPECT_LT(ended.seconds, 3);
}

TEST(SignalWatch, ANeighboursEndIsNoNewsOnceASignalCame) {
  Setting setting;
  setting.signal = SIGINT;
  const auto upstream_dies = [](Context&) {
    say_ready();
    while (cancel_signal() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    throw Error(ErrorKind::upstream, "vclip: stopped by SIGINT");
  };
  const Ended ended = run_tool({}, upstream_dies, setting);
  EXPECT_EQ(ended.status, 128 + SIGINT);
  EXPECT_EQ(ended.err, "");
}

TEST(SignalWatch, WhoDoesNotStopInTimeIsEndedWithoutLeftovers) {
  Setting setting;
  setting.signal = SIGTERM;
  const std::string path = scratch_path("leftover");
  const auto is_stuck = [&](Context&) {
    std::ofstream(path) << "half";
    const TemporaryPath temporary(path);
    say_ready();
    for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
  };
  const Ended ended = run_tool({}, is_stuck, setting);
  EXPECT_EQ(ended.status, 128 + SIGTERM);
  EXPECT_GT(ended.seconds, 4);
  EXPECT_LT(ended.seconds, 9);
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST(SignalWatch, TicksUntilToldNotTo) {
  SignalWatch watch;
  std::atomic<int> ticks{0};
  watch.call_often([&] { ++ticks; });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  watch.call_often({});
  const int before = ticks;
  EXPECT_GE(before, 2);
  EXPECT_LE(before, 12);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  EXPECT_EQ(ticks, before);
}

}  // namespace
}  // namespace vox
