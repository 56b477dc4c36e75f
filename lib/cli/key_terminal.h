// A terminal whose keys arrive one by one, for tools that are steered by hand.
#pragma once

#include <string_view>

#include <memory>

namespace vox {

enum class KeyKind { none, character, up, down, left, right, page_up, page_down, home, end };

struct Key {
  KeyKind kind = KeyKind::none;  ///< none: nothing came in time, or a key without a meaning
  char character = 0;
};

/// From construction on standard input gives single keys without an echo, and standard output shows a screen
/// of its own. The end, also by an exception, brings back what was there before. Ctrl-C stays a signal.
/// REQUIRES: both are terminals.
class KeyTerminal {
 public:
  KeyTerminal();
  ~KeyTerminal();
  KeyTerminal(const KeyTerminal&) = delete;
  KeyTerminal& operator=(const KeyTerminal&) = delete;

  /// Waits a short while for a key. `ended` becomes true when the terminal is gone. Throws when a stop was
  /// asked for.
  Key read_key(bool& ended);
  /// Shows lines from the upper left of an empty screen.
  void show(std::string_view text);

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};

}  // namespace vox
