// A program that runs beside us, its three standard streams in our hands.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/error.h"

namespace vox {

/// How a program is called.
struct ProgramCall {
  std::string path;                ///< of the executable (`find_program`)
  std::vector<std::string> words;  ///< the name as the user wrote it, then the arguments
  /// "NAME=value" in place of what our own environment says; "NAME" alone: not there.
  std::vector<std::string> environment = {};
};

/// The executable that a shell would run for `name`: the name itself when there is a slash in it, else the
/// first in the folders of PATH. Throws a usage error when there is none.
std::string find_program(const std::string& name);

/// "exit status 3", "killed by SIGTERM", from a status as waitpid(2) gives it.
std::string end_in_words(int status);

/// The kind of error by which one of our tools ended with that status; `failure` for others.
ErrorKind kind_of_end(int status);

/// Starts a program that shares our standard streams and our process group, with no signal held
/// back. Returns its number. Throws a system error that begins with the program's name.
pid_t start_program(const ProgramCall& call);

/// Our end of a pipe; -1 when closed.
class PipeEnd {
 public:
  PipeEnd() = default;
  explicit PipeEnd(int descriptor) : descriptor_(descriptor) {}
  ~PipeEnd() { close(); }
  PipeEnd(PipeEnd&& other) noexcept;
  PipeEnd& operator=(PipeEnd&& other) noexcept;

  int get() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }
  void close();

 private:
  int descriptor_ = -1;
};

/// Runs from construction on, in a process group of its own and with signals as a fresh process has them. Of
/// our descriptors it has none (all are opened to be closed there) but those that we ourselves were given.
/// REQUIRES: SIGPIPE is ignored.
class ChildProcess {
 public:
  /// Throws a system error that begins with the program's name.
  explicit ChildProcess(const ProgramCall& call);
  /// Ends a program that still runs: SIGTERM to its whole group, SIGKILL to what is left of it a second
  /// later. Waits, so nothing stays behind.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// The status, as waitpid(2) gives it, once the program has ended. Does not wait.
  std::optional<int> status();

  // Our ends; none of them blocks.
  PipeEnd input;
  PipeEnd output;
  PipeEnd errors;

 private:
  bool group_ends_within(int milliseconds);

  pid_t id_ = 0;
  std::optional<int> status_;
};

}  // namespace vox
