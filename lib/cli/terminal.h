// The terminal: the only code that knows whether there is one, how wide it is and what it can do. All lines
// for people go through `write_line`, so that they never mix with the progress line.
#pragma once

#include <string>
#include <string_view>

namespace vox {

bool stdin_is_terminal();
bool stdout_is_terminal();
bool stderr_is_terminal();

/// True when standard output leads into a pipe: another program shows how the work goes on.
bool stdout_is_pipe();

/// Columns of the terminal on standard output (or error), else $COLUMNS, else 80; at least 40.
int terminal_width();

/// Columns and lines of the terminal on standard output, else $COLUMNS and $LINES, else 80 and 24.
struct TerminalSize {
  int columns = 80;
  int lines = 24;

  bool operator==(const TerminalSize&) const = default;
};
TerminalSize terminal_size();

/// What standard output can show: colours of 24 bits where it is a terminal and COLORTERM says so, 256 where
/// TERM does, none elsewhere and where NO_COLOR is set.
enum class TerminalColours { none, some256, all };
TerminalColours terminal_colours();

/// Standard error can move back to the beginning of its line: a terminal, and TERM is not "dumb".
bool stderr_can_redraw();

/// "error:", in bold red where standard error is a terminal that shows colours and NO_COLOR is not set.
std::string error_word();

/// `text` with control characters (also C1's) written as \n, \t, \x1b: a file's name cannot play with the
/// terminal.
std::string printable(std::string_view text);

/// Writes one line to standard error, as it is, in one piece. A progress line that is shown is wiped first.
/// From any thread; failures are of no interest.
void write_line(std::string_view line);

/// Shows `text` in place of the progress line, without ending the line; empty: wipes it. REQUIRES:
/// stderr_can_redraw().
void redraw_line(std::string_view text);

}  // namespace vox
