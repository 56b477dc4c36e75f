#include "ops/phantom/phantom.h"

#include <algorithm>
#include <vector>

#include "ops/phantom/foam.h"
#include "ops/phantom/noise.h"
#include "ops/phantom/objects.h"
#include "ops/phantom/patterns.h"
#include "ops/phantom/shepp_logan.h"
#include "ops/phantom/store.h"

namespace vox {
namespace {

constexpr PhantomEntry kPhantoms[] = {
    {"foam", "Foam as micro-CT shows it: bubbles of many sizes, thin walls",
     "Each cell of a grid of 24 voxels holds one bubble, 19 to 34 voxels wide, at a random place; where two "
     "meet, a wall about 2 voxels thin stays. Air has grey 0.21, walls 0.64, with partial volume in between.",
     "2 % of the range from black to white", 0.02, make_foam},
    {"beads", "Bright beads of many sizes on a dark background, as in microscopy",
     "Each cell of a grid of 24 voxels holds one bead of radius 3 to 9 voxels at a random place inside of "
     "it: no two touch. Grey 0.5 to 0.9 on 0.1, with partial volume in between.",
     "2 % of the range from black to white", 0.02, make_beads},
    {"fibres", "Fibres along z that sway beside each other, as in composites",
     "Each column of a grid of 20 voxels in y and x holds one fibre of radius 3 to 5 voxels that sways "
     "inside of it: no two touch. Grey 0.6 to 0.8 on 0.3, with partial volume in between.",
     "2 % of the range from black to white", 0.02, make_fibres},
    {"shepp-logan", "The head phantom of Shepp and Logan, ten ellipsoids",
     "With Toft's contrast: skull 1, brain 0.2, ventricles 0, tumours 0.3. Fills the shape; voxels are not "
     "blurred.",
     "0", 0, make_shepp_logan},
    {"gradient", "A linear ramp from black at the first voxel to white at the last",
     "The mean of z / (Z - 1), y / (Y - 1) and x / (X - 1), over the axes longer than one voxel.", "0", 0,
     make_gradient},
    {"noise", "Gaussian noise around the middle grey", "Every voxel is 0.5 plus noise.",
     "an eighth of the range from black to white", 0.125, make_plain},
    {"checker", "Dark and bright cubes of 16 voxels in turn", "The first cube has grey 0.25, the next 0.75.",
     "0", 0, make_checker},
};

/// Rows shaded at once: enough to share the work of finding what lies near, few enough to stay in the cache.
constexpr std::int64_t kRows = 16;
static_assert(2 * kRows * kPhantomStride * std::int64_t{sizeof(float)} <= kPhantomScratchBytes);

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
