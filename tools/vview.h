// The subcommands of vview, and what those that write a picture share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/tool.h"
#include "ops/render/canvas.h"
#include "ops/render/painter.h"

void add_slice(vox::ToolCard& card);

/// What users say of intensities and colours.
struct ShadingOptions {
  vox::WindowWish window;
  std::optional<std::string> colormap;
  vox::Colour nan{255, 0, 255};

  void declare(vox::Params& params);
  void check() const { check_window(window); }
  /// For planes of a volume with that meta, all shown with one window.
  vox::Shading of(const vox::VolumeMeta& meta, const std::vector<vox::PlaneVoxels>& planes) const;
};

/// What users say of a picture.
struct PictureOptions {
  std::string input = "-";
  std::string output = "-";
  ShadingOptions shading;
  std::optional<std::int64_t> size;
  std::int64_t gap = 4;
  std::optional<std::string> overlay;
  vox::OverlayStyle overlay_style;
  bool force = false;

  /// The positional arguments INPUT and OUTPUT, and the options.
  void declare(vox::ToolCard& card);
  void declare_gap(vox::Params& params);
  void declare_overlay(vox::Params& params);
  void check() const;
  vox::SceneSpec scene_spec(const vox::VolumeMeta& meta) const;
};

/// The index that the user names, or the middle of the axis.
std::int64_t index_or_middle(const std::optional<std::string>& text, const vox::VolumeMeta& meta,
                             vox::Axis axis);

/// A picture on its way from a volume to a file.
class PictureMaker {
 public:
  /// Opens the input. Throws usage errors before any work.
  PictureMaker(const PictureOptions& options, vox::Context& context);
  PictureMaker(const PictureOptions& options, vox::Context& context, std::unique_ptr<vox::SlabSource> source);

  vox::SlabSource& source() { return *source_; }
  const vox::VolumeMeta& meta() const { return source_->meta(); }
  vox::SceneSpec scene_spec() const { return options_.scene_spec(meta()); }

  /// Reads, draws and writes; with --explain only notes the pass.
  void run(const vox::Scene& scene);
  /// The voxels of the scene's panels in a volume; none with --explain.
  std::vector<vox::PlaneVoxels> read(vox::SlabSource& source, const vox::Scene& scene);
  /// Draws and writes planes that were read, a panel each, and the labels over them.
  void write(const vox::Scene& scene, const std::vector<vox::PlaneVoxels>& planes,
             const vox::Shading& shading);

 private:
  void check_output_name() const;
  void write_file(const vox::Picture& picture) const;

  const PictureOptions& options_;
  vox::Context& context_;
  std::unique_ptr<vox::SlabSource> source_;
  std::unique_ptr<vox::SlabSource> labels_;
};
