#include "ops/render/painter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace vox {
namespace {

template <class T>
std::uint64_t label_of(T voxel) {
  if constexpr (is_float_type<T>) {
    const double value = as_double(voxel);
    if (!(std::abs(value) < 0x1p63)) return 0;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(std::nearbyint(value)));
  } else {
    return static_cast<std::uint64_t>(voxel);
  }
}

template <class T>
bool is_nan(T voxel) {
  if constexpr (is_float_type<T>) return std::isnan(as_double(voxel));
  return false;
}

/// The bits of a voxel of one or two bytes.
template <class T>
std::size_t bits_of(T voxel) {
  using Bits = std::conditional_t<sizeof(T) == 1, std::uint8_t, std::uint16_t>;
  return std::bit_cast<Bits>(voxel);
}

/// Colours of the voxels of one type, row by row.
class Palette {
 public:
  Palette(DType dtype, const Shading& shading)
      : dtype_(dtype),
        window_(shading.window),
        nan_(packed(shading.nan)),
        labels_(shading.colormap == "labels") {
    if (!labels_) {
      const ColourTable& table = colour_table(shading.colormap);
      std::transform(table.begin(), table.end(), shades_.begin(), packed);
    }
    visit_dtype(dtype, [this]<class T>(Type<T>) {
      if constexpr (sizeof(T) <= 2) look_up_all<T>();
    });
  }

  void colour(const std::byte* voxels, std::int64_t count, std::uint32_t* colours) const {
    visit_dtype(dtype_, [&]<class T>(Type<T>) {
      const T* const in = reinterpret_cast<const T*>(voxels);
      for (std::int64_t i = 0; i < count; ++i) {
        if constexpr (sizeof(T) <= 2)
          colours[i] = by_bits_[bits_of(in[i])];
        else
          colours[i] = colour_of(in[i]);
      }
    });
  }

 private:
  template <class T>
  std::uint32_t colour_of(T voxel) const {
    if (is_nan(voxel)) return nan_;
    if (labels_) return packed(label_colour(label_of(voxel)));
    return shades_[static_cast<std::size_t>(window_.shade(as_double(voxel)))];
  }

  template <class T>
  void look_up_all() {
    by_bits_.resize(std::size_t{1} << 8 * sizeof(T));
    for (std::size_t bits = 0; bits < by_bits_.size(); ++bits) {
      T voxel;
      std::memcpy(static_cast<void*>(&voxel), &bits, sizeof voxel);
      by_bits_[bits] = colour_of(voxel);
    }
  }

  DType dtype_;
  Window window_;
  std::uint32_t nan_;
  bool labels_;
  std::array<std::uint32_t, 256> shades_{};
  std::vector<std::uint32_t> by_bits_;  ///< types of one and two bytes
};

/// The labels along one row of pixels of a panel; none beyond its ends.
std::vector<std::uint64_t> label_row(const PlaneVoxels& labels, const Panel& panel, std::int64_t pixel) {
  std::vector<std::uint64_t> row(panel.horizontal.of_pixel.size());
  if (pixel < 0 || pixel >= panel.vertical.pixels()) return {};
  const std::byte* const voxels = labels.row(panel.vertical.of_pixel[static_cast<std::size_t>(pixel)]);
  visit_dtype(labels.dtype, [&]<class T>(Type<T>) {
    const T* const in = reinterpret_cast<const T*>(voxels);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = label_of(in[panel.horizontal.of_pixel[i]]);
  });
  return row;
}

/// True when a pixel beside, above or below `i` has another label. The panel's border is no neighbour.
bool on_outline(const std::vector<std::uint64_t>& above, const std::vector<std::uint64_t>& row,
                const std::vector<std::uint64_t>& below, std::size_t i) {
  return (i > 0 && row[i - 1] != row[i]) || (i + 1 < row.size() && row[i + 1] != row[i]) ||
         (!above.empty() && above[i] != row[i]) || (!below.empty() && below[i] != row[i]);
}

}  // namespace

void draw_plane(const PlaneVoxels& plane, const Panel& panel, const Shading& shading, Picture& picture) {
  const Palette palette(plane.dtype, shading);
  std::vector<std::uint32_t> colours(static_cast<std::size_t>(plane.columns));
  std::int64_t coloured = -1;
  for (std::int64_t y = 0; y < panel.vertical.pixels(); ++y) {
    const std::int64_t row = panel.vertical.of_pixel[static_cast<std::size_t>(y)];
    if (row != coloured) palette.colour(plane.row(row), plane.columns, colours.data());
    coloured = row;
    std::uint32_t* const out = picture.row(panel.top + y) + panel.left;
    for (std::size_t x = 0; x < panel.horizontal.of_pixel.size(); ++x)
      out[x] = colours[static_cast<std::size_t>(panel.horizontal.of_pixel[x])];
  }
}

Picture checkered(const Picture& first, const Picture& second, std::int64_t tile) {
  Picture result = first;
  for (std::int64_t y = 0; y < result.height(); ++y)
    for (std::int64_t x = 0; x < result.width(); ++x)
      if ((x / tile + y / tile) % 2 == 1) result.row(y)[x] = second.row(y)[x];
  return result;
}

void draw_labels(const PlaneVoxels& labels, const Panel& panel, const OverlayStyle& style, Picture& picture) {
  std::vector<std::uint64_t> above;
  std::vector<std::uint64_t> row = label_row(labels, panel, 0);
  for (std::int64_t y = 0; y < panel.vertical.pixels(); ++y) {
    std::vector<std::uint64_t> below = label_row(labels, panel, y + 1);
    std::uint32_t* const out = picture.row(panel.top + y) + panel.left;
    for (std::size_t x = 0; x < row.size(); ++x) {
      if (row[x] == 0) continue;
      const double share = style.outlines && on_outline(above, row, below, x) ? 1 : style.opacity;
      out[x] = packed(blended(unpacked(out[x]), label_colour(row[x]), share));
    }
    above = std::move(row);
    row = std::move(below);
  }
}

}  // namespace vox
