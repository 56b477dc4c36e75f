// Made-up volumes: any row of any size can be computed by itself, and is the same for the same seed on every
// machine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/block.h"

namespace vox {

/// What a user may choose. Voxels depend on the seed and their coordinates; `gradient` and `shepp-logan`
/// depend on the shape too.
struct PhantomSettings {
  Extent3 shape = {256, 256, 256};
  DType dtype = DType::uint16;
  std::uint64_t seed = 1;
  std::optional<double> noise;  ///< standard deviation in the voxels' units; none: the kind's default
};

/// One made-up volume in grey values: 0 is black, 1 white. Safe to call from several threads at once.
class Phantom {
 public:
  virtual ~Phantom() = default;
  Phantom(const Phantom&) = delete;
  Phantom& operator=(const Phantom&) = delete;

  /// Writes the grey values of a box at most `kPhantomTile` voxels wide, its rows `kPhantomStride` values
  /// apart in (z, y) order. What lies behind a row's last voxel may be overwritten, up to the next row.
  virtual void shade(const Box3& box, float* grey) const = 0;

 protected:
  Phantom() = default;
};

inline constexpr std::int64_t kPhantomTile = 1024;
inline constexpr std::int64_t kPhantomStride = kPhantomTile + 16;
/// What one call of `fill_phantom` allocates, at most.
inline constexpr std::int64_t kPhantomScratchBytes = 256 << 10;

/// A kind of phantom as users name it.
struct PhantomEntry {
  std::string_view name;
  std::string_view summary;      ///< one sentence without a final period
  std::string_view description;  ///< what stands where
  std::string_view noise_text;   ///< `noise` in words
  double noise;                  ///< default standard deviation, as a share of the range from black to white
  std::unique_ptr<Phantom> (*make)(const PhantomSettings& settings);
};

/// THE table of phantoms: to add one, write a file and add a line in phantom.cpp.
std::span<const PhantomEntry> phantoms();

/// Black and white of a dtype: the ends of an integer type, 0 and 1 of a floating type.
double black_of(DType dtype);
double white_of(DType dtype);

/// Fills `out`, a box of the volume, with voxels of the settings' dtype: black + grey * (white - black), plus
/// noise, rounded half to even and saturating. REQUIRES: `out.dtype == settings.dtype`.
void fill_phantom(const PhantomEntry& entry, const Phantom& phantom, const PhantomSettings& settings,
                  const Block& out);

}  // namespace vox
