// The subcommands of vview, and what those that write a picture share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/tool.h"
#include "ops/render/figure.h"

void add_slice(vox::ToolCard& card);
void add_ortho(vox::ToolCard& card);
void add_montage(vox::ToolCard& card);
void add_mip(vox::ToolCard& card);
void add_compare(vox::ToolCard& card);
void add_term(vox::ToolCard& card);
void add_html(vox::ToolCard& card);

/// What users say of intensities and colours.
struct ShadingOptions {
  vox::WindowWish window;
  std::optional<std::string> colormap;
  vox::Colour nan{255, 0, 255};

  void declare(vox::Params& params);
  void check() const { check_window(window); }
  /// For planes of a volume with that meta, all shown with one window.
  vox::Shading of(const vox::VolumeMeta& meta, const std::vector<vox::PlaneVoxels>& planes) const;
  /// For differences: a window around 0 unless a range is given, coolwarm unless another map is.
  vox::Shading of_difference(const vox::PlaneVoxels& change) const;
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
  vox::FigureWish figure;
  bool force = false;

  /// The positional arguments INPUT and OUTPUT, and the options.
  void declare(vox::ToolCard& card);
  void declare_options(vox::ToolCard& card);
  void declare_gap(vox::Params& params);
  void declare_overlay(vox::Params& params);
  void check() const;
  vox::SceneSpec scene_spec(const vox::VolumeMeta& meta) const;
};

/// True when a level of this shape has a voxel for each pixel of `scene`, which is of the volume `whole`, or
/// as many as that has, along all axes that are drawn.
bool fills(const vox::Scene& scene, const vox::Extent3& whole, const vox::Extent3& level);

/// The option --axis, default z.
void declare_axis(vox::Params& params, const std::string& help, vox::Axis& axis);

/// -i, the plane along an axis.
void declare_index(vox::Params& params, std::optional<std::string>& index);
/// The index that the user names, or the middle of the axis.
std::int64_t index_or_middle(const std::optional<std::string>& text, const vox::VolumeMeta& meta,
                             vox::Axis axis);

/// Planes in a picture of their own.
vox::Picture drawn(const vox::Scene& scene, const std::vector<vox::PlaneVoxels>& planes,
                   const vox::Shading& shading);

/// A picture on its way from a volume to a file.
class PictureMaker {
 public:
  /// Opens the input, with `enough` at the smallest level that will do. Throws usage errors before any work.
  PictureMaker(const PictureOptions& options, vox::Context& context, const vox::EnoughLevel& enough = {});

  vox::SlabSource& source() { return *source_; }
  const vox::VolumeMeta& meta() const { return source_->meta(); }
  /// Of the whole resolution, in which users count planes.
  const vox::VolumeMeta& whole() const { return whole_; }
  /// The plane of the level that was opened at the middle of one of the whole resolution.
  std::int64_t level_index(vox::Axis axis, std::int64_t index) const;
  vox::SceneSpec scene_spec() const { return options_.scene_spec(meta()); }

  /// From here on the source can be read more than once, and in any order.
  void make_rereadable();

  /// Reads, draws and writes; with --explain only notes the pass.
  void run(const vox::Scene& scene);
  /// The voxels of the scene's panels in a volume; none with --explain.
  std::vector<vox::PlaneVoxels> read(vox::SlabSource& source, const vox::Scene& scene);
  /// Draws and writes planes that were read, a panel each.
  void write(const vox::Scene& scene, const std::vector<vox::PlaneVoxels>& planes);
  /// Draws labels and what stands around over a picture, and writes it.
  void write(const vox::Scene& scene, vox::Picture& picture, const vox::Shading& shading);

 private:
  void check_output_name() const;

  const PictureOptions& options_;
  vox::Context& context_;
  std::unique_ptr<vox::SlabSource> source_;
  vox::VolumeMeta whole_;
  std::unique_ptr<vox::SlabSource> labels_;
  std::int64_t held_ = 0;  ///< bytes of planes that were read
};
