// vview: from a volume to a picture's file.
#include <algorithm>

#include "cli/terminal.h"
#include "core/error.h"
#include "engine/plane_sampler.h"
#include "io/output_file.h"
#include "vview.h"

using namespace vox;

namespace {

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

PictureMaker::PictureMaker(const PictureOptions& options, Context& context)
    : PictureMaker(options, context, nullptr) {}

PictureMaker::PictureMaker(const PictureOptions& options, Context& context,
                           std::unique_ptr<SlabSource> source)
    : options_(options), context_(context) {
  options.check();
  check_output_name();
  source_ = source ? std::move(source) : context.open_input(options.input);
  if (options.overlay) labels_ = context.open_beside(*options.overlay, meta(), "--overlay");
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
  const std::int64_t picture_bytes = scene.width * scene.height * 4;
  std::vector<PlaneVoxels> planes;
  if (!context_.begin_pass(plan_sample(from, grids, picture_bytes, kRemedy, context_.resources())))
    return planes;
  auto samples = sample_voxels(from, grids, context_.resources());
  for (std::size_t i = 0; i < samples.size(); ++i)
    planes.push_back(plane_of(scene.panels[i], from.meta().dtype, std::move(samples[i])));
  return planes;
}

void PictureMaker::run(const Scene& scene) {
  const std::vector<PlaneVoxels> planes = read(*source_, scene);
  if (!context_.explaining()) return write(scene, planes, options_.shading.of(meta(), planes));
  if (labels_) read(*labels_, scene);
}

void PictureMaker::write(const Scene& scene, const std::vector<PlaneVoxels>& planes, const Shading& shading) {
  Picture picture(scene.width, scene.height, {255, 255, 255});
  for (std::size_t i = 0; i < planes.size(); ++i) draw_plane(planes[i], scene.panels[i], shading, picture);
  if (labels_) {
    const std::vector<PlaneVoxels> labels = read(*labels_, scene);
    for (std::size_t i = 0; i < labels.size(); ++i)
      draw_labels(labels[i], scene.panels[i], options_.overlay_style, picture);
  }
  write_file(picture);
}

void PictureMaker::write_file(const Picture& picture) const {
  if (options_.output == "-") {
    ByteSink out = ByteSink::standard_output();
    return write_png(picture, [&](std::span<const std::byte> bytes) { out.write(bytes); });
  }
  OutputFile file(options_.output, options_.force);
  const TakeBytes take = [&](std::span<const std::byte> bytes) { file.bytes().write(bytes); };
  const PictureFormat format = picture_format(options_.output, "OUTPUT");
  if (format == PictureFormat::png) {
    write_png(picture, take);
  } else {
    const auto canvas =
        make_canvas(format, static_cast<double>(picture.width()), static_cast<double>(picture.height()));
    canvas->image(picture, {0, 0});
    canvas->finish(take);
  }
  file.commit();
}
