// One exception type for everything that can go wrong, with the exit status it leads to.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace vox {

/// What went wrong; each kind has its own exit status (`exit_status`).
enum class ErrorKind {
  failure,    ///< anything without a status of its own: exit 1
  upstream,   ///< the tool that feeds this one said that it failed: exit 1
  usage,      ///< wrong options or arguments: exit 2
  memory,     ///< more memory needed than `--memory` allows: exit 3
  space,      ///< no space or quota left on an output's file system: exit 4
  damaged,    ///< input damaged or cut short: exit 5
  cancelled,  ///< a signal asked to stop: exit 128 + signal
  closed,     ///< the reader downstream has had enough: exit 0
};

/// Thrown where the fact is known. `what()` is one line that names the file, the place and the remedy.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }
  /// The status a process that ends with this error exits with. Cancelled runs report `signal`.
  int exit_status(int signal) const;

 private:
  ErrorKind kind_;
};

/// The tool that feeds this one said that it failed.
class UpstreamError : public Error {
 public:
  /// `where`: the input; `reason`: the words of the tool that failed first.
  UpstreamError(const std::string& where, std::string reason)
      : Error(ErrorKind::upstream, where + ": the tool before failed: " + reason),
        reason_(std::move(reason)) {}

  const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

/// What a stream's reader is told when `tool` ends by `error`: the words of the tool that failed first.
std::string reason_for_reader(const std::string& tool, const std::exception& error);

[[noreturn]] void fail(const std::string& message);
[[noreturn]] void fail_usage(const std::string& message);
[[noreturn]] void fail_memory(const std::string& message);
[[noreturn]] void fail_damaged(const std::string& message);

/// Throws for a failed system call: "<where>: <strerror>", with the kind that `error_number` implies
/// (ENOSPC and EDQUOT: space, EPIPE: closed, ENOMEM: memory).
[[noreturn]] void fail_system(const std::string& where, int error_number);

}  // namespace vox
