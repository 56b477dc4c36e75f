// How far the work is: a line on the terminal, or lines that a program reads.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "cli/common_options.h"
#include "engine/engine.h"

namespace vox {

/// One look at the work.
struct ProgressView {
  int pass = 1;
  std::int64_t bytes_in = 0;  ///< over all passes
  std::int64_t bytes_out = 0;
  std::int64_t pass_done = 0;   ///< of this pass: bytes read, or written where nothing is read
  std::int64_t pass_total = 0;  ///< 0: unknown
  double seconds = 0;           ///< since the start
  double pass_seconds = 0;      ///< since this pass began

  std::optional<double> share() const;             ///< 0 to 1
  std::optional<double> bytes_per_second() const;  ///< in this pass
  std::optional<double> seconds_left() const;      ///< of this pass
};

/// "vclip: pass 2:  45%  812 MB/s  0:07 left".
std::string progress_text(const std::string& tool, const ProgressView& view);
/// One JSON object: tool, pass, bytes_in, bytes_out, pass_bytes, pass_total, seconds, bytes_per_second,
/// seconds_left, done.
std::string progress_json(const std::string& tool, const ProgressView& view, bool done);

/// Shows a `Progress` on standard error: on a terminal that can redraw a line, at most ten times a second, on
/// that line; elsewhere (`always`, `json`) a line a second. `automatic`: only on such a terminal and when
/// standard output is no pipe, so that of several tools in a pipe the last one shows how it goes. For several
/// threads.
class ProgressLine {
 public:
  /// REQUIRES: `progress` lives longer.
  ProgressLine(std::string tool, const Progress& progress, ProgressMode mode, bool quiet);

  /// False: nothing will ever be shown, so `update` need not be called.
  bool wanted() const;
  /// To be called often; draws when it is time.
  void update();
  /// Wipes the line; in JSON, says that it is done. Nothing is shown afterwards.
  void finish();
  /// Wipes the line of work that failed. Nothing is shown afterwards.
  void abandon();

 private:
  enum class Style { none, redraw, lines, json };
  using Clock = std::chrono::steady_clock;

  static Style style_for(ProgressMode mode, bool quiet);
  ProgressView look(Clock::time_point now);
  void show(Clock::time_point now, bool done);

  mutable std::mutex lock_;
  std::string tool_;
  const Progress& progress_;
  Style style_;
  Clock::time_point start_;
  Clock::time_point due_;
  Clock::time_point pass_begin_;
  std::int64_t pass_start_ = 0;
  std::int64_t pass_out_start_ = 0;
  int pass_ = 1;
};

}  // namespace vox
