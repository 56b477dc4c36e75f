#include "cli/key_terminal.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <string>

#include "core/cancel.h"
#include "core/error.h"
#include "io/bytes.h"

namespace vox {
namespace {

constexpr int kWaitMilliseconds = 200;
/// How long the rest of a key's sequence may take to come.
constexpr int kSequenceMilliseconds = 20;
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";

void write_terminal(std::string_view text) {
  ByteSink::standard_output().write(std::as_bytes(std::span(text)));
}

/// The next byte of standard input, -1 for none in time, -2 at its end.
int next_byte(int milliseconds) {
  struct pollfd wanted {
    STDIN_FILENO, POLLIN, 0
  };
  int ready = 0;
  {
    const BlockingCall call;
    ready = ::poll(&wanted, 1, milliseconds);
  }
  check_cancelled();
  if (ready <= 0) return -1;
  unsigned char byte = 0;
  const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return -1;
  return count == 1 ? byte : -2;
}

Key key_of(std::string_view sequence) {
  struct Known {
    std::string_view sequence;
    KeyKind kind;
  };
  constexpr Known kKnown[] = {
      {"[A", KeyKind::up},       {"[B", KeyKind::down},       {"[C", KeyKind::right}, {"[D", KeyKind::left},
      {"OA", KeyKind::up},       {"OB", KeyKind::down},       {"OC", KeyKind::right}, {"OD", KeyKind::left},
      {"[5~", KeyKind::page_up}, {"[6~", KeyKind::page_down}, {"[H", KeyKind::home},  {"[F", KeyKind::end},
      {"OH", KeyKind::home},     {"OF", KeyKind::end},        {"[1~", KeyKind::home}, {"[4~", KeyKind::end}};
  for (const Known& known : kKnown)
    if (known.sequence == sequence) return {known.kind};
  return {};
}

/// What follows an escape: `[` or `O`, then up to a letter or `~`.
Key read_sequence() {
  std::string sequence;
  for (int byte = next_byte(kSequenceMilliseconds); byte >= 0; byte = next_byte(kSequenceMilliseconds)) {
    sequence += static_cast<char>(byte);
    const bool introduced = sequence.size() > 1 || (byte != '[' && byte != 'O');
    if ((introduced && byte >= 0x40 && byte <= 0x7e) || sequence.size() > 8) break;
  }
  return key_of(sequence);
}

}  // namespace

struct KeyTerminal::Saved {
  struct termios settings {};
};

KeyTerminal::KeyTerminal() : saved_(std::make_unique<Saved>()) {
  if (::tcgetattr(STDIN_FILENO, &saved_->settings) != 0) fail_system("the terminal", errno);
  struct termios keys = saved_->settings;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  // Ctrl-Z would leave a stopped job's terminal like this.
  keys.c_cc[VSUSP] = _POSIX_VDISABLE;
  if (::tcsetattr(STDIN_FILENO, TCSANOW, &keys) != 0) fail_system("the terminal", errno);
  write_terminal(kEnter);
}

KeyTerminal::~KeyTerminal() {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &saved_->settings);
  // A plain write: after a stop was asked for, others fail.
  if (::write(STDOUT_FILENO, kLeave.data(), kLeave.size()) < 0) return;
}

Key KeyTerminal::read_key(bool& ended) {
  const int byte = next_byte(kWaitMilliseconds);
  ended = byte == -2;
  if (byte == 0x1b) return read_sequence();
  return byte >= 0 ? Key{KeyKind::character, static_cast<char>(byte)} : Key{};
}

void KeyTerminal::show(std::string_view text) { write_terminal("\x1b[H\x1b[2J" + std::string(text)); }

}  // namespace vox
