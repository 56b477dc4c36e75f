#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <mutex>

#include "core/numbers.h"

namespace vox {
namespace {

constexpr int kUsualWidth = 80;
constexpr int kUsualLines = 24;
constexpr int kLeastWidth = 40;
constexpr std::string_view kWipe = "\r\x1b[K";

std::mutex g_stderr_lock;
bool g_progress_shown = false;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

int columns_of(int descriptor) {
  struct winsize size {};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void write_stderr(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string escaped(unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  return std::string("\\x") + kHex[c >> 4] + kHex[c & 15];
}

}  // namespace

bool stdin_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }
bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

bool stdout_is_pipe() {
  struct stat status {};
  return ::fstat(STDOUT_FILENO, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

int terminal_width() {
  std::int64_t width = columns_of(STDOUT_FILENO);
  if (width == 0) width = columns_of(STDERR_FILENO);
  if (width == 0 && (!try_parse(environment("COLUMNS"), width) || width <= 0)) width = kUsualWidth;
  return static_cast<int>(std::clamp<std::int64_t>(width, kLeastWidth, 1000));
}

TerminalSize terminal_size() {
  struct winsize size {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
    return {size.ws_col, size.ws_row};
  std::int64_t columns = kUsualWidth;
  std::int64_t lines = kUsualLines;
  if (!try_parse(environment("COLUMNS"), columns) || columns <= 0) columns = kUsualWidth;
  if (!try_parse(environment("LINES"), lines) || lines <= 0) lines = kUsualLines;
  return {static_cast<int>(std::min<std::int64_t>(columns, 1000)),
          static_cast<int>(std::min<std::int64_t>(lines, 1000))};
}

TerminalColours terminal_colours() {
  const std::string kind = environment("TERM");
  if (!stdout_is_terminal() || kind.empty() || kind == "dumb" || !environment("NO_COLOR").empty())
    return TerminalColours::none;
  const std::string colours = environment("COLORTERM");
  if (colours == "truecolor" || colours == "24bit") return TerminalColours::all;
  return kind.find("256color") != std::string::npos ? TerminalColours::some256 : TerminalColours::none;
}

bool stderr_can_redraw() {
  const std::string kind = environment("TERM");
  return stderr_is_terminal() && kind != "dumb" && !kind.empty();
}

std::string error_word() {
  const bool coloured = stderr_can_redraw() && environment("NO_COLOR").empty();
  return coloured ? "\x1b[1;31merror:\x1b[0m" : "error:";
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto before = i > 0 ? static_cast<unsigned char>(text[i - 1]) : 0;
    // U+0080 to U+009F are C2 80 to C2 9F in UTF-8; alone, these bytes continue other characters.
    const bool c1 = before == 0xc2 && c >= 0x80 && c <= 0x9f;
    if (c1) result.pop_back();
    if (c < 0x20 || c == 0x7f || c1)
      result += escaped(c);
    else
      result += text[i];
  }
  return result;
}

void write_line(std::string_view line) {
  const std::lock_guard lock(g_stderr_lock);
  std::string text(g_progress_shown ? kWipe : "");
  text += line;
  text += '\n';
  write_stderr(text);
  g_progress_shown = false;
}

void redraw_line(std::string_view text) {
  const std::lock_guard lock(g_stderr_lock);
  if (text.empty() && !g_progress_shown) return;
  write_stderr(std::string(kWipe) + std::string(text));
  g_progress_shown = !text.empty();
}

}  // namespace vox
