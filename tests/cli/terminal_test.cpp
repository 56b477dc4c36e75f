#include "cli/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "cli/progress_line.h"

namespace vox {
namespace {

/// Runs `work` in a process whose standard error is a terminal of 60 columns, and standard output /dev/null;
/// gives what arrived at the terminal.
std::string on_terminal(const std::function<void()>& work) {
  struct winsize size {};
  size.ws_row = 24;
  size.ws_col = 60;
  int terminal = -1;
  int child_side = -1;
  EXPECT_EQ(::openpty(&terminal, &child_side, nullptr, nullptr, &size), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const int nothing = ::open("/dev/null", O_RDWR);
    ::dup2(nothing, STDOUT_FILENO);
    ::dup2(child_side, STDERR_FILENO);
    ::close(terminal);
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
    work();
    ::_exit(0);
  }
  ::close(child_side);
  std::string seen;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(terminal, buffer, sizeof buffer)) > 0;)
    seen.append(buffer, static_cast<std::size_t>(count));
  ::close(terminal);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return seen;
}

/// Runs `work` with standard error going into a pipe, and gives what arrived.
std::string into_pipe(const std::function<void()>& work) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    work();
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string seen;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    seen.append(buffer, static_cast<std::size_t>(count));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return seen;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

TEST(Terminal, PrintableEscapesControlCharacters) {
  EXPECT_EQ(printable("scan \u00b5CT.tif"), "scan \u00b5CT.tif");
  EXPECT_EQ(printable("a\x1b[31mb\n\t\r\x07\x7f"), "a\\x1b[31mb\\n\\t\\r\\x07\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m");                     // C1's control sequence introducer
  EXPECT_EQ(printable("\u65e5"), "\u65e5");  // E6 97 A5: 97 is no control character here
}

TEST(Terminal, KnowsWhetherThereIsOne) {
  EXPECT_EQ(on_terminal([] { write_line(stderr_is_terminal() && stderr_can_redraw() ? "yes" : "no"); }),
            "yes\r\n");
  EXPECT_EQ(into_pipe([] { write_line(stderr_is_terminal() || stderr_can_redraw() ? "yes" : "no"); }),
            "no\n");
  EXPECT_EQ(on_terminal([] {
              ::setenv("TERM", "dumb", 1);
              write_line(stderr_can_redraw() ? "yes" : "no");
            }),
            "no\r\n");
  EXPECT_EQ(on_terminal([] { write_line(std::to_string(terminal_width())); }), "60\r\n");
}

TEST(Terminal, ColoursOnlyWhereTheyAreWelcome) {
  EXPECT_NE(on_terminal([] { write_line(error_word()); }).find("\x1b["), std::string::npos);
  EXPECT_EQ(on_terminal([] {
              ::setenv("NO_COLOR", "1", 1);
              write_line(error_word());
            }),
            "error:\r\n");
  EXPECT_EQ(into_pipe([] { write_line(error_word()); }), "error:\n");
}

TEST(Terminal, LinesWipeTheProgressLine) {
  const std::string seen = on_terminal([] {
    redraw_line("50%");
    write_line("a word");
    redraw_line("");
  });
  EXPECT_EQ(seen, "\r\x1b[K50%\r\x1b[Ka word\r\n");
}

ProgressView half_way() {
  ProgressView view;
  view.pass = 2;
  view.bytes_in = 3'000'000'000;
  view.bytes_out = 900'000'000;
  view.pass_done = 1'000'000'000;
  view.pass_total = 2'000'000'000;
  view.seconds = 6;
  view.pass_seconds = 2;
  return view;
}

TEST(Progress, Text) {
  EXPECT_EQ(progress_text("vclip", half_way()), "vclip: pass 2:  50%  500 MB/s  0:02 left");
  ProgressView first;
  first.pass_total = 100;
  EXPECT_EQ(progress_text("vclip", first), "vclip:   0%");
  ProgressView unknown;
  unknown.pass_done = 3 << 20;
  unknown.pass_seconds = 1;
  EXPECT_EQ(progress_text("vphantom", unknown), "vphantom: 3.0 MiB  3 MB/s");
  ProgressView slow = half_way();
  slow.pass_seconds = 4000;
  EXPECT_EQ(progress_text("vclip", slow), "vclip: pass 2:  50%  0 MB/s  1:06:40 left");
}

TEST(Progress, Json) {
  EXPECT_EQ(
      progress_json("vclip", half_way(), false),
      R"({"tool": "vclip", "pass": 2, "bytes_in": 3000000000, "bytes_out": 900000000, )"
      R"("pass_bytes": 1000000000, "pass_total": 2000000000, "seconds": 6, "bytes_per_second": 500000000, )"
      R"("seconds_left": 2, "done": false})");
}

void work_for(ProgressLine& line, Progress& progress, std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    progress.bytes_in += 1000;
    line.update();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  line.finish();
}

TEST(Progress, RedrawsAtMostTenTimesASecondAndWipesTheLine) {
  const std::string seen = on_terminal([] {
    Progress progress;
    progress.bytes_total = 1'000'000;
    ProgressLine line("vclip", progress, ProgressMode::automatic, false);
    work_for(line, progress, std::chrono::milliseconds(800));
  });
  EXPECT_GE(count_of(seen, "vclip: "), 2u);
  EXPECT_LE(count_of(seen, "vclip: "), 6u);
  EXPECT_EQ(count_of(seen, "\n"), 0u);
  EXPECT_TRUE(seen.ends_with("\r\x1b[K"));
}

TEST(Progress, IsSilentWhereNobodyLooks) {
  const auto wanted = [](ProgressMode mode, bool quiet) {
    Progress progress;
    return ProgressLine("vclip", progress, mode, quiet).wanted() ? "yes" : "no";
  };
  EXPECT_EQ(into_pipe([&] { write_line(wanted(ProgressMode::automatic, false)); }), "no\n");
  EXPECT_EQ(into_pipe([&] { write_line(wanted(ProgressMode::always, false)); }), "yes\n");
  EXPECT_EQ(on_terminal([&] { write_line(wanted(ProgressMode::automatic, false)); }), "yes\r\n");
  EXPECT_EQ(on_terminal([&] { write_line(wanted(ProgressMode::automatic, true)); }), "no\r\n");
  EXPECT_EQ(on_terminal([&] { write_line(wanted(ProgressMode::never, false)); }), "no\r\n");
  EXPECT_EQ(on_terminal([&] {
              int ends[2];
              if (::pipe(ends) == 0) ::dup2(ends[1], STDOUT_FILENO);
              write_line(wanted(ProgressMode::automatic, false));
            }),
            "no\r\n");
}

TEST(Progress, JsonEndsWithALineThatSaysDone) {
  const std::string seen = into_pipe([] {
    Progress progress;
    progress.bytes_total = 100;
    ProgressLine line("vclip", progress, ProgressMode::json, true);
    progress.bytes_in = 100;
    line.update();
    line.finish();
    line.finish();
  });
  EXPECT_EQ(count_of(seen, "\n"), 1u);
  EXPECT_NE(seen.find("\"bytes_in\": 100"), std::string::npos);
  EXPECT_NE(seen.find("\"done\": true"), std::string::npos);
}

TEST(Progress, CountsPassesAndBeginsEachAtZero) {
  const std::string seen = into_pipe([] {
    Progress progress;
    progress.bytes_total = 100;
    ProgressLine line("vclip", progress, ProgressMode::always, false);
    progress.bytes_in = 100;
    progress.pass_start = 100;
    progress.bytes_in = 125;
    work_for(line, progress, std::chrono::milliseconds(1050));
  });
  EXPECT_NE(seen.find("vclip: pass 2: "), std::string::npos) << seen;
}

}  // namespace
}  // namespace vox
