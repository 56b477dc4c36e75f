// Which places of a plane show nothing but background, in all planes: agarose around a specimen.
#pragma once

#include <cstdint>
#include <vector>

#include "core/extent.h"

namespace vox {

struct BackgroundMask {
  std::vector<std::uint8_t> inside;  ///< 1 where there is background
  double threshold = 0;              ///< NaN when no mean is above 0
  std::int64_t places = 0;           ///< of background
};

/// From the mean projection of a volume: it is smoothed by a Gaussian (as scipy.ndimage.gaussian_filter with
/// mode reflect); Otsu's threshold (scikit-image's, 256 bins) is taken over the smoothed values where the
/// mean is above 0; background is what is above 0 and, smoothed, below the threshold. `plane`: rows and
/// columns; z is not looked at. Holds a further plane of doubles.
BackgroundMask find_background(const std::vector<double>& means, const Extent3& plane, double sigma);

}  // namespace vox
