// Gains that even out brightness along z, from what was measured of sections or planes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/stats/plane_means.h"
#include "ops/stats/section_percentile.h"

namespace vox {

/// Throws a usage error that names --sigma unless it is from 0 to 10000.
void check_profile_sigma(double sigma);

struct DriftSettings {
  double sigma = 2;  ///< of the Gaussian, in sections
  double least = 0.5;
  double most = 2;
};

/// One entry for each section.
struct SectionGains {
  std::vector<double> raw;       ///< NaN where missing
  std::vector<double> smoothed;  ///< 0 where no section is near enough
  std::vector<double> gain;
  std::int64_t missing = 0;
};

/// Sections of fewer voxels are missing.
inline constexpr std::int64_t kLeastVoxels = 500;

/// The median of the smoothed percentiles above 0, divided by the smoothed percentile, between `least` and
/// `most`; 1 where that is 0. Missing sections weigh nothing in the smoothing.
SectionGains drift_gains(std::span<const SectionPercentile> sections, const DriftSettings& settings);

struct ProfileSettings {
  double sigma = 2;                 ///< of the Gaussian, in planes
  std::int64_t least_voxels = 100;  ///< planes of fewer voxels are left alone
  bool by_distance = false;  ///< neighbours count by their distance, else by their place among valid planes
};

/// One entry for each plane.
struct ProfileGains {
  std::vector<double> mean;    ///< NaN without voxels
  std::vector<double> target;  ///< NaN where the plane is left alone
  std::vector<double> gain;    ///< 1 where the plane is left alone
  std::int64_t valid = 0;
};

/// target / max(mean, 1e-6), the target being the profile of means smoothed over the valid planes. Sigma 0
/// and fewer than three valid planes change nothing.
ProfileGains profile_gains(std::span<const PlaneMean> planes, const ProfileSettings& settings);

}  // namespace vox
