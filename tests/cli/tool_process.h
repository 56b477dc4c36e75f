// A tool as a process of its own: its card runs a function of the test's, and what it says is caught.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/tool.h"

namespace vox {

using Work = std::function<void(Context&)>;

/// How a tool's process ended and what it said.
struct Ended {
  int status = -1;  ///< exit status, or 128 + signal
  std::string out;
  std::string err;
  double seconds = 0;
};

struct Setting {
  std::string out_path;  ///< standard output; empty: a pipe that is read to its end
  bool out_closed = false;
  bool reader_gone = false;     ///< standard output is a pipe that nobody reads
  int signal = 0;               ///< sent once the tool says "ready" on standard error
  bool ignores_hangup = false;  ///< as under nohup
  std::string simd;
  std::string one_means;
  bool with_output = false;  ///< the card has INPUT and OUTPUT
};

inline std::string drained(int descriptor) {
  std::string text;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(descriptor, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(count));
  ::close(descriptor);
  return text;
}

[[noreturn]] inline void be_the_tool(const std::vector<std::string>& words, const Work& work,
                                     const Setting& setting) {
  if (!setting.simd.empty()) ::setenv("VOXPIPE_SIMD", setting.simd.c_str(), 1);
  if (setting.ignores_hangup) std::signal(SIGHUP, SIG_IGN);
  std::vector<std::string> all = {"vtoy"};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> pointers;
  for (std::string& word : all) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::string input = "-";
  std::string output = "-";
  ToolCard card;
  card.name = "vtoy";
  card.summary = "Play";
  card.one_means = setting.one_means;
  card.run = work;
  if (setting.with_output) card.input_output(input, output);
  std::exit(tool_main(static_cast<int>(all.size()), pointers.data(), card));
}

/// Runs a tool whose standard input is a pipe that stays open and silent.
inline Ended run_tool(const std::vector<std::string>& words, const Work& work, const Setting& setting = {}) {
  int in[2];
  int out[2];
  int err[2];
  EXPECT_TRUE(::pipe(in) == 0 && ::pipe(out) == 0 && ::pipe(err) == 0);
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(setting.out_path.empty() ? out[1] : ::open(setting.out_path.c_str(), O_WRONLY), STDOUT_FILENO);
    if (setting.out_closed) ::close(STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    for (int descriptor : {in[0], in[1], out[0], out[1], err[0], err[1]}) ::close(descriptor);
    be_the_tool(words, work, setting);
  }
  ::close(in[0]);
  ::close(out[1]);
  ::close(err[1]);
  Ended ended;
  if (setting.reader_gone) ::close(out[0]);
  if (setting.signal != 0) {
    char ready = 0;
    EXPECT_EQ(::read(err[0], &ready, 1), 1);
    ::kill(child, setting.signal);
  }
  if (!setting.reader_gone) ended.out = drained(out[0]);
  ended.err = drained(err[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ended.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ended.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  ::close(in[1]);
  return ended;
}

inline void nothing(Context&) {}
inline void say_ready() { EXPECT_EQ(::write(STDERR_FILENO, ".", 1), 1); }

inline std::string scratch_path(const std::string& name) { return testing::TempDir() + "tool_test_" + name; }

inline std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace vox
