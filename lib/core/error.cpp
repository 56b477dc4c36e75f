#include "core/error.h"

#include <cerrno>
#include <system_error>

namespace vox {

int Error::exit_status(int signal) const {
  switch (kind_) {
    case ErrorKind::failure:
    case ErrorKind::upstream:
      return 1;
    case ErrorKind::usage:
      return 2;
    case ErrorKind::memory:
      return 3;
    case ErrorKind::space:
      return 4;
    case ErrorKind::damaged:
      return 5;
    case ErrorKind::cancelled:
      return 128 + signal;
    case ErrorKind::closed:
      return 0;
  }
  return 1;
}

std::string reason_for_reader(const std::string& tool, const std::exception& error) {
  const auto* upstream = dynamic_cast<const UpstreamError*>(&error);
  return upstream != nullptr ? upstream->reason() : tool + ": " + error.what();
}

void fail(const std::string& message) { throw Error(ErrorKind::failure, message); }
void fail_usage(const std::string& message) { throw Error(ErrorKind::usage, message); }
void fail_memory(const std::string& message) { throw Error(ErrorKind::memory, message); }
void fail_damaged(const std::string& message) { throw Error(ErrorKind::damaged, message); }

void fail_system(const std::string& where, int error_number) {
  ErrorKind kind = ErrorKind::failure;
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) kind = ErrorKind::space;
  if (error_number == EPIPE) kind = ErrorKind::closed;
  if (error_number == ENOMEM) kind = ErrorKind::memory;
  throw Error(kind, where + ": " + std::generic_category().message(error_number));
}

}  // namespace vox
