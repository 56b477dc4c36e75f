// vview: from a volume to a picture's file.
#include <algorithm>

#include "cli/picture_file.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/units.h"
#include "engine/plane_sampler.h"
#include "io/output_file.h"
#include "vview.h"

using namespace vox;

namespace {

/// A picture, and a second one that words are drawn on.
constexpr std::int64_t kPixelBytes = 8;
constexpr const char* kRemedy = "make the picture smaller with --size, or use a larger --memory";

std::vector<VoxelGrid> grids_of(const Scene& scene) {
  std::vector<VoxelGrid> grids;
  for (const Panel& panel : scene.panels) grids.push_back(panel.grid());
  return grids;
}

PlaneVoxels plane_of(const Panel& panel, DType dtype, std::vector<std::byte> voxels) {
  const auto down = static_cast<std::int64_t>(panel.vertical.voxels.size());
  const auto right = static_cast<std::int64_t>(panel.horizontal.voxels.size());
  if (!panel.turned()) return {dtype, down, right, std::move(voxels)};
  return transposed({dtype, right, down, std::move(voxels)});
}

}  // namespace

Picture drawn(const Scene& scene, const std::vector<PlaneVoxels>& planes, const Shading& shading) {
  Picture picture(scene.width, scene.height, {255, 255, 255});
  for (std::size_t i = 0; i < planes.size(); ++i) draw_plane(planes[i], scene.panels[i], shading, picture);
  return picture;
}

PictureMaker::PictureMaker(const PictureOptions& options, Context& context, const EnoughLevel& enough)
    : options_(options), context_(context) {
  options.check();
  check_output_name();
  if (enough) {
    LevelInput input = context.inputs().open_smallest_level(options.input, enough);
    source_ = std::move(input.source);
    whole_ = std::move(input.whole);
  } else {
    source_ = context.inputs().open(options.input);
    whole_ = meta();
  }
  if (options.overlay) labels_ = context.inputs().open_beside(*options.overlay, meta(), "--overlay");
}

void PictureMaker::make_rereadable() { source_ = context_.inputs().rereadable(std::move(source_), "-"); }

std::int64_t PictureMaker::level_index(Axis axis, std::int64_t index) const {
  const auto length = [axis](const Extent3& shape) {
    return std::array{shape.z, shape.y, shape.x}[static_cast<std::size_t>(axis)];
  };
  const auto scale = static_cast<double>(length(meta().shape)) / static_cast<double>(length(whole_.shape));
  if (scale == 1) return index;
  return std::min(length(meta().shape) - 1,
                  static_cast<std::int64_t>((static_cast<double>(index) + 0.5) * scale));
}

void PictureMaker::check_output_name() const {
  if (options_.output != "-") {
    picture_format(options_.output, "OUTPUT");
    if (!context_.explaining()) check_output(options_.output, options_.force);
  } else if (!context_.explaining() && stdout_is_terminal()) {
    fail_usage("standard output is a terminal, and a picture is no text: name a file; see also 'vview term'");
  }
}

std::vector<PlaneVoxels> PictureMaker::read(SlabSource& from, const Scene& scene) {
  const std::vector<VoxelGrid> grids = grids_of(scene);
  const std::int64_t held = held_ + scene.width * scene.height * kPixelBytes;
  std::vector<PlaneVoxels> planes;
  if (!context_.begin_pass(plan_sample(from, grids, held, kRemedy, context_.resources()))) return planes;
  auto samples = sample_voxels(from, grids, context_.resources());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    held_ += static_cast<std::int64_t>(samples[i].size());
    planes.push_back(plane_of(scene.panels[i], from.meta().dtype, std::move(samples[i])));
  }
  return planes;
}

void PictureMaker::run(const Scene& scene) {
  const std::vector<PlaneVoxels> planes = read(*source_, scene);
  if (!context_.explaining()) return write(scene, planes);
  if (labels_) read(*labels_, scene);
}

void PictureMaker::write(const Scene& scene, const std::vector<PlaneVoxels>& planes) {
  const Shading shading = options_.shading.of(meta(), planes);
  Picture picture = drawn(scene, planes, shading);
  write(scene, picture, shading);
}

void PictureMaker::write(const Scene& scene, Picture& picture, const Shading& shading) {
  const FigureWish& wish = options_.figure;
  if (wish.colour_bar && shading.colormap == "labels")
    fail_usage("--colorbar: labels have no scale; leave it out, or choose another --colormap");
  if (labels_) {
    const std::vector<PlaneVoxels> labels = read(*labels_, scene);
    for (std::size_t i = 0; i < labels.size(); ++i)
      draw_labels(labels[i], scene.panels[i], options_.overlay_style, picture);
  }
  const bool to_file = options_.output != "-";
  const PictureFormat format = to_file ? picture_format(options_.output, "OUTPUT") : PictureFormat::png;
  const std::string unit = !meta().spacing ? "voxels" : meta().unit ? unit_short_name(*meta().unit) : "";
  write_picture(options_.output, format, options_.force, [&](const PictureOutput& output) {
    if (format == PictureFormat::png && !wish.any()) return output.encode_png(picture, output.take);
    draw_figure(picture, scene, shading, wish, unit, output);
  });
}
