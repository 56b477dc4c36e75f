// Feeds a program and takes its answer, whichever of the two it is ready for, so that neither side waits for
// the other.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/bytes.h"
#include "io/child_process.h"

namespace vox {

class ChildTalk {
 public:
  /// The next bytes for the program's standard input, which stay until the next call; empty at the end.
  using Feed = std::function<std::span<const std::byte>()>;
  /// Called some twenty times a second while waiting; throws to end the talk.
  using Check = std::function<void()>;

  /// Starts the program. One that closes its standard input early is not fed any more.
  ChildTalk(const ProgramCall& call, Feed feed, Check check);

  /// The bytes of its standard output, in order. REQUIRES: the talk lives longer.
  std::unique_ptr<ByteDevice> answer();
  /// Waits for its end, throwing away what else it writes: its status, or none after `patience`.
  std::optional<int> finish(std::optional<std::chrono::milliseconds> patience = std::nullopt);
  /// The last of what it wrote to standard error.
  const std::string& errors() const { return errors_; }

 private:
  class Answer;

  ssize_t read_answer(std::byte* data, std::size_t size);
  void wait(int milliseconds);
  void feed_some();
  void take_errors();

  ChildProcess child_;
  Feed feed_;
  Check check_;
  std::span<const std::byte> waiting_;
  std::string errors_;
};

}  // namespace vox
