// The options of Gaussians and of derivatives, which several filters have.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "core/params.h"
#include "ops/filter/fir.h"

namespace vox {

/// Standard deviations as a user gives them, per axis.
class SigmaOption {
 public:
  /// `name`: the long name, without dashes.
  Param& declare(Params& params, const std::string& name, char short_name, const std::string& help);
  bool given() const { return lengths_.has_value(); }
  /// In voxels. Throws a usage error when it is missing, negative, or 0 although `positive`.
  Vector3 voxels(const VolumeMeta& meta, bool positive) const;

 private:
  std::string name_;
  std::optional<std::array<Length, 3>> lengths_;
};

/// How far out Gaussians are computed.
struct TruncateOption {
  std::optional<double> truncate;

  void declare(Params& params);
  /// 4 when nothing was said. Throws a usage error for a value that makes no sense.
  double checked() const;
};

/// Whether derivatives are per unit of the volume's spacing or per voxel.
struct SpacingOption {
  bool ignored = false;

  void declare(Params& params);
  /// The distance between voxels along each axis; 1 without a spacing or with --no-spacing.
  Vector3 steps(const VolumeMeta& meta) const;
};

/// A Gaussian in three dimensions, differentiated `order` times along `axis`.
FirTerm gaussian_term(const Vector3& sigma, double truncate, std::size_t axis = 0, int order = 0);

}  // namespace vox
