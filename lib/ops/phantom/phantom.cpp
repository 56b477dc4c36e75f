#include "ops/phantom/phantom.h"

#include <algorithm>
#include <vector>

#include "ops/phantom/foam.h"
#include "ops/phantom/noise.h"
#include "ops/phantom/patterns.h"
#include "ops/phantom/store.h"

namespace vox {
namespace {

constexpr PhantomEntry kPhantoms[] = {
    {"foam", "Bubbles of many sizes with thin walls, grey as in micro-CT", 0.02, make_foam},
    {"gradient", "A linear ramp from black at the first voxel to white at the last", 0, make_gradient},
    {"noise", "Gaussian noise around the middle grey", 0.125, make_plain},
    {"checker", "Dark and bright cubes of 16 voxels in turn", 0, make_checker},
};

/// Rows shaded at once: enough to share the work of finding what lies near, few enough to stay in the cache.
constexpr std::int64_t kRows = 16;

/// Adds noise to the grey values of one row and writes it as voxels.
void store_row(const PhantomSettings& settings, const IntensityScale& scale, const Extent3& at,
               std::int64_t count, const float* grey, std::byte* out) {
  float normals[kPhantomStride] = {};
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t x = at.x + done;
    const std::int64_t run = std::min(count - done, 65536 - x % 65536);  // as `fill_normals` requires
    if (scale.noise != 0) fill_normals(settings.seed, at.z, at.y, x, run, normals);
    store_voxels(settings.dtype, scale, grey + done, normals, run, out + done * size_of(settings.dtype));
    done += run;
  }
}

}  // namespace

std::span<const PhantomEntry> phantoms() { return kPhantoms; }

double black_of(DType dtype) { return is_float(dtype) ? 0.0 : lowest_of(dtype); }
double white_of(DType dtype) { return is_float(dtype) ? 1.0 : highest_of(dtype); }

void fill_phantom(const PhantomEntry& entry, const Phantom& phantom, const PhantomSettings& settings,
                  const Block& out) {
  const double black = black_of(settings.dtype);
  const double white = white_of(settings.dtype);
  const IntensityScale scale{black, white - black, settings.noise.value_or(entry.noise * (white - black))};
  std::vector<float> grey(static_cast<std::size_t>(kRows * kPhantomStride));
  const Box3& box = out.box;
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
    for (std::int64_t y = box.begin.y; y < box.end.y; y += kRows) {
      for (std::int64_t x = box.begin.x; x < box.end.x; x += kPhantomTile) {
        const Box3 tile = {{z, y, x},
                           {z + 1, std::min(y + kRows, box.end.y), std::min(x + kPhantomTile, box.end.x)}};
        phantom.shade(tile, grey.data());
        for (std::int64_t row = y; row < tile.end.y; ++row)
          store_row(
              settings, scale, {z, row, x}, tile.shape().x, grey.data() + (row - y) * kPhantomStride,
              out.row(z - box.begin.z, row - box.begin.y) + (x - box.begin.x) * size_of(settings.dtype));
      }
    }
  }
}

}  // namespace vox
