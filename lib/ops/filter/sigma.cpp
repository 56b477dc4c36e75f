#include "ops/filter/sigma.h"

#include "core/error.h"
#include "core/numbers.h"
#include "ops/filter/neighbourhood.h"

namespace vox {

Param& SigmaOption::declare(Params& params, const std::string& name, char short_name,
                            const std::string& help) {
  name_ = name;
  return params.value(name, short_name, "S", help + ": Z,Y,X or one for all, in voxels (2) or a unit (5um)",
                      lengths_);
}

Vector3 SigmaOption::voxels(const VolumeMeta& meta, bool positive) const {
  if (!lengths_) fail_usage("--" + name_ + " is missing; give a standard deviation in voxels or a unit");
  const Vector3 sigma = lengths_in_voxels(*lengths_, meta, "--" + name_);
  for (const double axis : sigma)
    if (positive && axis == 0) fail_usage("--" + name_ + " must be positive along every axis");
  return sigma;
}

void TruncateOption::declare(Params& params) {
  params.value("truncate", 0, "T", "weights reach int(T * sigma + 0.5) voxels", truncate).default_is("4");
}

double TruncateOption::checked() const {
  const double value = truncate.value_or(4);
  if (!(value > 0 && value <= 1000)) fail_usage("--truncate: give a number above 0, at most 1000");
  return value;
}

void SpacingOption::declare(Params& params) {
  params.flag("no-spacing", 0, "derivatives per voxel, whatever the spacing", ignored);
}

Vector3 SpacingOption::steps(const VolumeMeta& meta) const {
  return ignored || !meta.spacing ? Vector3{1, 1, 1} : *meta.spacing;
}

FirTerm gaussian_term(const Vector3& sigma, double truncate, std::size_t axis, int order) {
  FirTerm term;
  for (std::size_t i = 0; i < 3; ++i) term.taps[i] = gaussian_taps(sigma[i], truncate, i == axis ? order : 0);
  return term;
}

}  // namespace vox
