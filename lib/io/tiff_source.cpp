#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/numbers.h"
#include "io/sidecar.h"
#include "io/tiff.h"
#include "io/tiff_choice.h"
#include "io/tiff_pixels.h"
#include "io/tiff_planes.h"

namespace vox {
namespace {

/// Pixels of level 0 that one of a level stands for along an axis; a whole number where the sizes allow it.
double level_factor(std::int64_t full, std::int64_t reduced) {
  const double ratio = static_cast<double>(full) / static_cast<double>(reduced);
  const auto fits = [&](std::int64_t factor) {
    return full / factor == reduced || (full + factor - 1) / factor == reduced;
  };
  // Levels are mostly halves of halves, whose sizes may be those of other factors too.
  for (std::int64_t factor = 1; factor <= full; factor *= 2)
    if (fits(factor)) return static_cast<double>(factor);
  for (const double whole : {std::round(ratio), std::ceil(ratio), std::floor(ratio)}) {
    const auto factor = std::max<std::int64_t>(1, static_cast<std::int64_t>(whole));
    if (fits(factor)) return static_cast<double>(factor);
  }
  return ratio;
}

class TiffSource : public SlabSource {
 public:
  TiffSource(const std::string& path, const OpenOptions& options) : bytes_(ByteSource::open(path)) {
    index_ = read_tiff_index(bytes_, options.level.value_or(0));
    const std::optional<ImageJFacts> imagej = parse_imagej(index_.description);
    const TiffLayout& layout = layout_of(index_.pages.front());
    if (imagej) expand_single_directory(*imagej, layout);
    const OmeContext context{path, layout.samples, index_.directories};
    const std::optional<OmeFacts> ome = parse_ome(index_.description, context);
    const std::int64_t pages = static_cast<std::int64_t>(index_.pages.size()) + planes_behind_first_;
    planes_ = ome ? choose_ome_planes(context, index_, *ome, options)
                  : choose_stack_planes(path, index_, pages, imagej, options);
    meta_.shape = {planes_.count, index_.full_height, index_.full_width};
    meta_.dtype = layout.dtype;
    if (layout.bilevel) meta_.kind = Kind::mask;
    if (imagej) apply_imagej(*imagej, index_.resolution, meta_);
    if (ome) apply_ome(*ome, path, meta_);
    index_.description = std::string();  // it may be long
    apply_sidecar(path, meta_);
    if (options.level.value_or(0) > 0) reduce_planes(layout);
    check_meta(meta_, path);
    info_ = {.name = path,
             .format = index_.big ? "BigTIFF" : "TIFF",
             .compression = tiff_codec_name(layout.codec),
             .levels = static_cast<int>(index_.levels),
             .file_bytes = bytes_.size(),
             .parts_chosen = true};
    for (const TiffLayout& each : index_.layouts)
      scratch_ = std::max(scratch_, TiffPixels::scratch_bytes(each, index_.largest_stored_chunk));
  }

  bool seekable() const override { return true; }
  Extent3 chunk() const override {
    const TiffLayout& layout = layout_of(index_.pages.front());
    if (layout.plain()) return {1, 1, meta_.shape.x};
    return {1, layout.chunk_height, layout.chunk_width};
  }
  std::int64_t scratch_bytes() const override { return scratch_; }

  void read(const Box3& box, std::byte* out) override {
    const Extent3 size = box.shape();
    const std::int64_t plane_bytes = size.y * size.x * size_of(meta_.dtype);
    const bool full = size.y == meta_.shape.y && size.x == meta_.shape.x;
    for (std::int64_t z = box.begin.z; z < box.end.z;) {
      const std::int64_t planes = full ? contiguous_planes(z, box.end.z) : 1;
      const TiffPage page = page_of(z);
      // Planes that follow each other in the file are read as one tall page.
      TiffLayout layout = layout_of(page);
      if (planes > 1) layout.height *= planes;
      const TiffRectangle part{box.begin.y, planes > 1 ? layout.height : box.end.y, box.begin.x, box.end.x};
      pixels_.read(bytes_, layout, page, planes_.sample, part, out);
      out += planes * plane_bytes;
      z += planes;
    }
  }

 private:
  const TiffLayout& layout_of(const TiffPage& page) const { return index_.layouts[page.layout]; }

  /// From the meta of level 0 to that of the level that is read: its voxels stand for several in a plane.
  void reduce_planes(const TiffLayout& level) {
    const Vector3 factors{1, level_factor(meta_.shape.y, level.height),
                          level_factor(meta_.shape.x, level.width)};
    meta_.shape = {meta_.shape.z, level.height, level.width};
    meta_.range.reset();
    if (!meta_.spacing) return;
    Vector3 to_centre;
    for (std::size_t i = 0; i < 3; ++i) {
      const double grown = (*meta_.spacing)[i] * (factors[i] - 1);
      (*meta_.spacing)[i] += grown;
      to_centre[i] = grown / 2;
    }
    meta_.origin = moved_origin(meta_, to_centre);
  }

  /// The page that holds plane `z`.
  TiffPage page_of(std::int64_t z) const {
    const std::int64_t number = planes_.page_of(z);
    if (planes_behind_first_ == 0) return index_.pages[static_cast<std::size_t>(number)];
    TiffPage page = index_.pages.front();
    page.number = number;
    page.pixels += number * layout_of(page).pixel_bytes();
    return page;
  }

  /// How many planes from `z` on, before `end`, are one run of voxels in the file.
  std::int64_t contiguous_planes(std::int64_t z, std::int64_t end) const {
    const TiffPage first = page_of(z);
    const TiffLayout& layout = layout_of(first);
    if (!layout.plain() || first.pixels < 0) return 1;
    std::int64_t count = 1;
    for (; z + count < end; ++count) {
      const TiffPage page = page_of(z + count);
      if (page.layout != first.layout || page.pixels != first.pixels + count * layout.pixel_bytes()) break;
    }
    return count;
  }

  /// Beyond 4 GB ImageJ writes one directory only; all planes follow the first.
  void expand_single_directory(const ImageJFacts& facts, const TiffLayout& layout) {
    constexpr std::int64_t kLargestOrdinaryFile = 0xf0000000;
    const TiffPage first = index_.pages.front();
    if (facts.images < 2 || index_.pages.size() != 1 || index_.next_after_first != 0) return;
    if (layout.codec != TiffCodec::none || layout.bilevel || first.pixels < 0) return;
    const std::string where =
        bytes_.name() + ": the " + format_count(facts.images) + " images of its description";
    const std::int64_t needed = checked_product(facts.images, layout.pixel_bytes(), where);
    const std::int64_t there = *bytes_.size() - first.pixels;
    if (there < needed) {
      // A small file with one page is a page that was taken out of a stack.
      if (needed < kLargestOrdinaryFile) return;
      fail_damaged(where + ": " + format_count(there) + " of " + format_count(needed) +
                   " bytes, the file is cut short");
    }
    planes_behind_first_ = facts.images - 1;
  }

  ByteSource bytes_;
  TiffIndex index_;
  TiffPixels pixels_;
  TiffPlanes planes_;
  std::int64_t planes_behind_first_ = 0;  ///< in a file with one directory for all
  std::int64_t scratch_ = 0;
};

}  // namespace

bool is_tiff(std::span<const std::byte> start) {
  if (start.size() < 4) return false;
  const auto is = [&](char order, unsigned char low, unsigned char high) {
    return start[0] == std::byte(order) && start[1] == std::byte(order) && start[2] == std::byte(low) &&
           start[3] == std::byte(high);
  };
  return is('I', 42, 0) || is('I', 43, 0) || is('M', 0, 42) || is('M', 0, 43);
}

std::unique_ptr<SlabSource> open_tiff(const std::string& path, const OpenOptions& options) {
  return std::make_unique<TiffSource>(path, options);
}

}  // namespace vox
