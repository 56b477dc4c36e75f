#include "ops/intensity/section_gains.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "ops/stats/smooth_profile.h"

namespace vox {

void check_profile_sigma(double sigma) {
  if (!(sigma >= 0 && sigma <= 10000)) fail_usage("--sigma: give a number from 0 to 10000");
}

SectionGains drift_gains(std::span<const SectionPercentile> sections, const DriftSettings& settings) {
  SectionGains result;
  std::vector<std::uint8_t> valid;
  for (const SectionPercentile& section : sections) {
    valid.push_back(section.count >= kLeastVoxels ? 1 : 0);
    result.raw.push_back(valid.back() != 0 ? section.value : std::nan(""));
    result.missing += valid.back() == 0 ? 1 : 0;
  }
  result.smoothed = smooth_valid(result.raw, valid, settings.sigma);
  std::vector<double> above;
  std::copy_if(result.smoothed.begin(), result.smoothed.end(), std::back_inserter(above),
               [](double value) { return value > 0; });
  const double median = median_of(std::move(above));
  for (const double value : result.smoothed)
    result.gain.push_back(value > 0 ? std::clamp(median / value, settings.least, settings.most) : 1);
  return result;
}

ProfileGains profile_gains(std::span<const PlaneMean> planes, const ProfileSettings& settings) {
  ProfileGains result;
  std::vector<std::uint8_t> valid;
  std::vector<double> means_of_valid;
  for (const PlaneMean& plane : planes) {
    valid.push_back(plane.count >= std::max<std::int64_t>(settings.least_voxels, 1) ? 1 : 0);
    result.mean.push_back(plane.mean);
    if (valid.back() != 0) means_of_valid.push_back(plane.mean);
  }
  result.valid = static_cast<std::int64_t>(means_of_valid.size());
  result.target.assign(planes.size(), std::nan(""));
  result.gain.assign(planes.size(), 1);
  const bool changes = settings.sigma > 0 && result.valid >= 3;
  const std::vector<double> smooth = !changes               ? means_of_valid
                                     : settings.by_distance ? smooth_valid(result.mean, valid, settings.sigma)
                                                            : smooth_profile(means_of_valid, settings.sigma);
  std::size_t place = 0;
  for (std::size_t z = 0; z < planes.size(); ++z) {
    if (valid[z] == 0) continue;
    result.target[z] = smooth[changes && settings.by_distance ? z : place++];
    if (changes) result.gain[z] = result.target[z] / std::max(result.mean[z], 1e-6);
  }
  return result;
}

}  // namespace vox
