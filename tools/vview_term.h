// vview term: what stands on the screen.
#pragma once

#include <string>

#include "cli/terminal.h"
#include "vview.h"

/// What a user may ask of the view in the terminal.
struct TermOptions {
  std::string input = "-";
  ShadingOptions shading;
  vox::Axis axis = vox::Axis::z;
  std::optional<std::string> index;
};

/// A volume, the plane of it that is shown, and the window.
class TermView {
 public:
  TermView(const TermOptions& options, vox::SlabSource& source, vox::Context& context);

  /// The picture, the histogram of the voxels shown, and a line of facts; as large as the terminal. The first
  /// call finds the window unless it is given. `keys`: a line that tells what keys do.
  std::string text(vox::TerminalSize size, vox::TerminalColours colours, bool keys);

  void move(std::int64_t planes);
  void go_to(std::int64_t plane);
  std::int64_t planes() const;
  void set_axis(vox::Axis axis);
  /// Narrower (below 1) or wider around its middle.
  void scale_window(double factor);
  /// Up by this share of its width.
  void shift_window(double share);
  /// From the plane that is shown next, as at first.
  void reset_window() { window_.reset(); }

  bool has_window() const { return window_.has_value(); }
  /// The command that clips the volume to the window.
  std::string clip_command() const;

 private:
  vox::PlaneVoxels read(const vox::Scene& scene);
  vox::Scene scene_for(vox::TerminalSize size, bool colours, int lines_below) const;
  std::string facts() const;

  const TermOptions& options_;
  vox::SlabSource& source_;
  vox::Context& context_;
  vox::Axis axis_;
  std::array<std::int64_t, 3> at_;
  std::optional<vox::Window> window_;
};
