#include "cli/progress_line.h"

#include <algorithm>
#include <cmath>

#include "cli/terminal.h"
#include "core/json_text.h"
#include "core/numbers.h"

namespace vox {
namespace {

using std::chrono::milliseconds;

// Work that is done at once shows nothing.
constexpr milliseconds kFirstRedraw{300};
constexpr milliseconds kBetweenRedraws{100};
constexpr milliseconds kBetweenLines{1000};
// A rate from fewer seconds says little.
constexpr double kLeastSeconds = 0.05;

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// "0:07", "12:30", "3:02:15".
std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::min(std::ceil(seconds), 1e15));
  const auto two_digits = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::int64_t hours = whole / 3600;
  const std::int64_t minutes = whole / 60 % 60;
  const std::string start =
      hours > 0 ? std::to_string(hours) + ":" + two_digits(minutes) : std::to_string(minutes);
  return start + ":" + two_digits(whole % 60);
}

}  // namespace

std::optional<double> ProgressView::share() const {
  if (pass_total <= 0) return std::nullopt;
  return std::clamp(static_cast<double>(pass_done) / static_cast<double>(pass_total), 0.0, 1.0);
}

std::optional<double> ProgressView::bytes_per_second() const {
  if (pass_seconds < kLeastSeconds) return std::nullopt;
  return static_cast<double>(pass_done) / pass_seconds;
}

std::optional<double> ProgressView::seconds_left() const {
  const std::optional<double> rate = bytes_per_second();
  if (pass_total <= 0 || !rate || *rate <= 0) return std::nullopt;
  return static_cast<double>(std::max<std::int64_t>(pass_total - pass_done, 0)) / *rate;
}

std::string progress_text(const std::string& tool, const ProgressView& view) {
  std::string text = tool + ": ";
  if (view.pass > 1) text += "pass " + std::to_string(view.pass) + ": ";
  if (const auto share = view.share()) {
    const std::string percent = std::to_string(static_cast<int>(*share * 100));
    text += std::string(3 - std::min<std::size_t>(percent.size(), 3), ' ') + percent + "%";
  } else {
    text += format_bytes(view.pass_done);
  }
  if (const auto rate = view.bytes_per_second())
    text += "  " + std::to_string(static_cast<std::int64_t>(*rate / 1e6)) + " MB/s";
  if (const auto left = view.seconds_left()) text += "  " + clock_text(*left) + " left";
  return text;
}

std::string progress_json(const std::string& tool, const ProgressView& view, bool done) {
  JsonObject object;
  object.add("tool", tool)
      .add("pass", view.pass)
      .add("bytes_in", view.bytes_in)
      .add("bytes_out", view.bytes_out);
  object.add("pass_bytes", view.pass_done).add("pass_total", view.pass_total).add("seconds", view.seconds);
  object.add("bytes_per_second", view.bytes_per_second())
      .add("seconds_left", view.seconds_left())
      .add("done", done);
  return object.text();
}

ProgressLine::Style ProgressLine::style_for(ProgressMode mode, bool quiet) {
  switch (mode) {
    case ProgressMode::automatic:
      return stderr_can_redraw() && !stdout_is_pipe() && !quiet ? Style::redraw : Style::none;
    case ProgressMode::always:
      return stderr_can_redraw() ? Style::redraw : Style::lines;
    case ProgressMode::never:
      return Style::none;
    case ProgressMode::json:
      return Style::json;
  }
  return Style::none;
}

ProgressLine::ProgressLine(std::string tool, const Progress& progress, ProgressMode mode, bool quiet)
    : tool_(std::move(tool)),
      progress_(progress),
      style_(style_for(mode, quiet)),
      start_(Clock::now()),
      due_(start_ + (style_ == Style::redraw ? kFirstRedraw : kBetweenLines)),
      pass_begin_(start_) {}

ProgressView ProgressLine::look(Clock::time_point now) {
  ProgressView view;
  view.bytes_in = progress_.bytes_in.load(std::memory_order_relaxed);
  view.bytes_out = progress_.bytes_out.load(std::memory_order_relaxed);
  view.pass_total = progress_.bytes_total.load(std::memory_order_relaxed);
  const std::int64_t pass_start = progress_.pass_start.load(std::memory_order_relaxed);
  if (pass_start != pass_start_) {
    ++pass_;
    pass_start_ = pass_start;
    pass_out_start_ = view.bytes_out;
    pass_begin_ = now;
  }
  view.pass = pass_;
  // Tools that make their own voxels read nothing.
  view.pass_done = view.bytes_in > 0 ? std::max<std::int64_t>(view.bytes_in - pass_start_, 0)
                                     : view.bytes_out - pass_out_start_;
  view.seconds = seconds_between(start_, now);
  view.pass_seconds = seconds_between(pass_begin_, now);
  return view;
}

void ProgressLine::show(Clock::time_point now, bool done) {
  const ProgressView view = look(now);
  if (style_ == Style::json) {
    write_line(progress_json(tool_, view, done));
  } else if (style_ == Style::lines) {
    write_line(progress_text(tool_, view));
  } else {
    redraw_line(progress_text(tool_, view).substr(0, static_cast<std::size_t>(terminal_width() - 1)));
  }
}

bool ProgressLine::wanted() const {
  const std::lock_guard guard(lock_);
  return style_ != Style::none;
}

void ProgressLine::update() {
  const std::lock_guard guard(lock_);
  const Clock::time_point now = Clock::now();
  if (style_ == Style::none || now < due_) return;
  // Before anything moves the screen may belong to the tool.
  if (style_ == Style::redraw && progress_.bytes_total == 0 && progress_.bytes_in + progress_.bytes_out == 0)
    return;
  due_ = now + (style_ == Style::redraw ? kBetweenRedraws : kBetweenLines);
  show(now, false);
}

void ProgressLine::finish() {
  {
    const std::lock_guard guard(lock_);
    if (style_ == Style::json) show(Clock::now(), true);
  }
  abandon();
}

void ProgressLine::abandon() {
  const std::lock_guard guard(lock_);
  if (style_ == Style::redraw) redraw_line("");
  style_ = Style::none;
}

}  // namespace vox
