// vpyramid --label-of: labels over an image, with its levels, factors and version.
#include "core/error.h"
#include "io/adapted_source.h"
#include "vpyramid.h"

using namespace vox;

std::string labels_output(const PyramidOptions& options) {
  if (options.output != "-") fail_usage("--label-of says where the labels go; leave OUTPUT out");
  if (options.name.empty()) fail_usage("--label-of needs --name, the name of these labels in the image");
  check_label_name(options.name);
  return labels_folder(options.label_of, options.name);
}

void write_labels(const PyramidOptions& options, Context& context) {
  const std::string output = labels_output(options);
  const ZarrLabelled image = read_zarr_labelled(options.label_of);
  const PyramidSpec spec = label_spec(options, image);
  auto source = context.inputs().open(options.input);
  VolumeMeta meta = source->meta();
  if (meta.shape != image.shapes.front())
    fail_usage("--label-of " + options.label_of + ": is " + to_string(image.shapes.front()) +
               ", the labels are " + to_string(meta.shape));
  if (is_float(meta.dtype))
    fail_usage("--label-of: labels are whole numbers, " + source->info().name + " has " +
               std::string(dtype_name(meta.dtype)) + "; convert it first (vconvert -t uint32)");
  if (!meta.spacing) {
    meta.spacing = image.meta.spacing;
    meta.unit = image.meta.unit;
    meta.origin = image.meta.origin;
    source = with_meta(std::move(source), meta);
  }
  if (context.explaining()) return context.pyramid(std::move(source), spec, output);
  const ZarrLabelsFolder folder(image);
  context.pyramid(std::move(source), spec, output);
  // Whoever joins the parts enters them.
  if (!context.options().part) folder.enter(options.name);
}
