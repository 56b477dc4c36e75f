// Distances along a line in time proportional to its length: the lower envelope of parabolas.
#pragma once

#include <cstdint>

namespace vox {

/// A parabola that is lowest from voxel `start` on, until the next one's start.
template <class Value>
struct Parabola {
  std::int64_t at;
  std::int64_t start;
  Value value;
};

/// Replaces line[x] by the minimum over all i of (step * (x - i))^2 + line[i]; values of kFarSquare and more
/// are no parabolas, and stay where there is none at all. `room` holds `count` parabolas. Exact: integers
/// throughout.
/// Method: A. Meijster, J. Roerdink, W. Hesselink, "A general algorithm for computing distance transforms in
/// linear time", 2000; P. Felzenszwalb, D. Huttenlocher, "Distance transforms of sampled functions", 2012.
void lower_envelope(std::int32_t* line, std::int64_t count, std::int64_t step, Parabola<std::int32_t>* room);
/// The same in double precision, for any spacing; infinities are no parabolas.
void lower_envelope(double* line, std::int64_t count, double spacing, Parabola<double>* room);

}  // namespace vox
