#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "io/embedded_meta.h"
#include "io/sidecar.h"
#include "io/tiff_choice.h"
#include "io/zarr.h"
#include "io/zarr_cache.h"
#include "io/zarr_chunks.h"
#include "io/zarr_ome.h"

namespace vox {
namespace {

/// Voxels from where they are, `step` elements apart along z, y and x, to a dense box.
void gather(const std::byte* from, const Extent3& step, const Extent3& shape, std::int64_t element,
            std::byte* to) {
  const auto copy_rows = [&]<std::size_t Size>() {
    for (std::int64_t z = 0; z < shape.z; ++z)
      for (std::int64_t y = 0; y < shape.y; ++y) {
        const std::byte* row = from + (z * step.z + y * step.y) * element;
        for (std::int64_t x = 0; x < shape.x; ++x, to += Size)
          std::memcpy(to, row + x * step.x * element, Size);
      }
  };
  if (element == 1) return copy_rows.template operator()<1>();
  if (element == 2) return copy_rows.template operator()<2>();
  if (element == 4) return copy_rows.template operator()<4>();
  copy_rows.template operator()<8>();
}

/// The axes of a volume in an array of more: where they are, and what was chosen of the others.
struct ZarrView {
  ZarrRoles roles;
  std::int64_t channel = 0;
  std::int64_t time = 0;

  std::int64_t extent(const std::vector<std::int64_t>& of, int axis) const {
    return axis < 0 ? 1 : of[static_cast<std::size_t>(axis)];
  }
  Extent3 volume(const std::vector<std::int64_t>& of) const {
    return {extent(of, roles.z), extent(of, roles.y), extent(of, roles.x)};
  }
};

class ZarrSource : public SlabSource {
 public:
  ZarrSource(ZarrArray array, const ZarrView& view, const VolumeMeta& meta, SourceInfo info,
             const OpenOptions& options)
      : chunks_(std::move(array)), view_(view), scratch_([] { return std::make_unique<Scratch>(); }) {
    meta_ = meta;
    info_ = std::move(info);
    const ZarrArray& stored = chunks_.array();
    chunk_ = view.volume(stored.chunk);
    const std::int64_t bytes = voxels(chunk_) * size_of(stored.dtype);
    grid_ = {(meta.shape.z - 1) / chunk_.z + 1, (meta.shape.y - 1) / chunk_.y + 1,
             (meta.shape.x - 1) / chunk_.x + 1};
    cache_ = std::make_unique<ZarrCache>(bytes, grid_.y * grid_.x, voxels(grid_), options.memory / 2,
                                         options.tmpdir);
    set_steps();
  }

  bool seekable() const override { return true; }
  Extent3 chunk() const override {
    return {std::min(chunk_.z, meta_.shape.z), std::min(chunk_.y, meta_.shape.y), meta_.shape.x};
  }
  std::int64_t scratch_bytes() const override {
    return chunks_.scratch_bytes() + chunks_.array().chunk_bytes() + voxels(chunk_) * size_of(meta_.dtype);
  }
  std::int64_t held_bytes() const override { return cache_->held_bytes() + chunks_.held_bytes(); }

  void read(const Box3& box, std::byte* out) override {
    const Extent3 first{box.begin.z / chunk_.z, box.begin.y / chunk_.y, box.begin.x / chunk_.x};
    const Extent3 last{(box.end.z - 1) / chunk_.z, (box.end.y - 1) / chunk_.y, (box.end.x - 1) / chunk_.x};
    const Pool<Scratch>::Loan scratch(scratch_);
    for (std::int64_t z = first.z; z <= last.z; ++z)
      for (std::int64_t y = first.y; y <= last.y; ++y)
        for (std::int64_t x = first.x; x <= last.x; ++x) read_part({z, y, x}, box, *scratch, out);
  }

 private:
  struct Scratch {
    ZarrChunks::Scratch chunks;
    GrowingBuffer stored;  ///< a chunk as its file has it
    GrowingBuffer dense;   ///< its voxels of the chosen channel and time
  };

  Box3 box_of(const Extent3& chunk) const {
    const Extent3 begin{chunk.z * chunk_.z, chunk.y * chunk_.y, chunk.x * chunk_.x};
    return {begin, {begin.z + chunk_.z, begin.y + chunk_.y, begin.x + chunk_.x}};
  }

  /// How far elements are apart in a stored chunk, and where the chosen ones begin.
  void set_steps() {
    const ZarrArray& array = chunks_.array();
    std::vector<std::int64_t> step(array.axes());
    std::int64_t next = 1;
    for (std::size_t k = array.axes(); k-- > 0;) {
      const auto axis = static_cast<std::size_t>(array.order[k]);
      step[axis] = next;
      next *= array.chunk[axis];
    }
    const auto step_of = [&](int axis) { return axis < 0 ? 0 : step[static_cast<std::size_t>(axis)]; };
    const auto within = [&](std::int64_t index, int axis) {
      return index % view_.extent(array.chunk, axis) * step_of(axis);
    };
    steps_ = {step_of(view_.roles.z), step_of(view_.roles.y), step_of(view_.roles.x)};
    start_ = within(view_.channel, view_.roles.channel) + within(view_.time, view_.roles.time);
    const Extent3 dense{chunk_.y * chunk_.x, chunk_.x, 1};
    is_dense_ = voxels(chunk_) * size_of(array.dtype) == array.chunk_bytes() &&
                (chunk_.z == 1 || steps_.z == dense.z) && (chunk_.y == 1 || steps_.y == dense.y) &&
                (chunk_.x == 1 || steps_.x == dense.x);
  }

  /// The voxels of a chunk, dense in (Z, Y, X) order; what is beyond the volume's end has no meaning.
  void load(const Extent3& chunk, Scratch& scratch, std::span<std::byte> dense) {
    const ZarrArray& array = chunks_.array();
    std::vector<std::int64_t> index(array.axes(), 0);
    const auto set = [&](int axis, std::int64_t value) {
      if (axis >= 0) index[static_cast<std::size_t>(axis)] = value;
    };
    set(view_.roles.z, chunk.z);
    set(view_.roles.y, chunk.y);
    set(view_.roles.x, chunk.x);
    set(view_.roles.channel, view_.channel / view_.extent(array.chunk, view_.roles.channel));
    set(view_.roles.time, view_.time / view_.extent(array.chunk, view_.roles.time));
    const auto stored = is_dense_ ? dense : scratch.stored.of_size(array.chunk_bytes());
    const std::int64_t element = size_of(array.dtype);
    if (!chunks_.read(index, scratch.chunks, stored)) {
      for (std::size_t i = 0; i < dense.size(); ++i) dense[i] = array.fill[i % array.fill.size()];
    } else if (!is_dense_) {
      gather(stored.data() + start_ * element, steps_, chunk_, element, dense.data());
    }
    if (array.boolean)
      for (std::byte& voxel : dense) voxel = voxel == std::byte{0} ? std::byte{0} : std::byte{1};
  }

  /// Copies what `box` wants of one chunk.
  void read_part(const Extent3& chunk, const Box3& box, Scratch& scratch, std::byte* out) {
    const Box3 mine = box_of(chunk);
    const Box3 part = intersect(mine, box);
    const std::int64_t bytes = voxels(chunk_) * size_of(meta_.dtype);
    if (part == intersect(mine, whole(meta_.shape))) {  // nobody else will ask for it
      const auto dense = scratch.dense.of_size(bytes);
      load(chunk, scratch, dense);
      for (std::int64_t z = part.begin.z; z < part.end.z; ++z)
        copy_plane(dense.data() + plane_run(mine, part, z).offset, part, z, box, out);
      return;
    }
    const std::int64_t number = (chunk.z * grid_.y + chunk.y) * grid_.x + chunk.x;
    for (std::int64_t z = part.begin.z; z < part.end.z; ++z)
      cache_->read(
          number, plane_run(mine, part, z), [&](std::span<std::byte> dense) { load(chunk, scratch, dense); },
          [&](std::span<const std::byte> rows) { copy_plane(rows.data(), part, z, box, out); });
  }

  /// Where in a dense chunk the rows of `part` in plane `z` are.
  ZarrCache::Run plane_run(const Box3& mine, const Box3& part, std::int64_t z) const {
    const std::int64_t row = chunk_.x * size_of(meta_.dtype);
    return {((z - mine.begin.z) * chunk_.y + part.begin.y - mine.begin.y) * row, part.shape().y * row};
  }

  /// From rows of a chunk to rows of a box.
  void copy_plane(const std::byte* rows, const Box3& part, std::int64_t z, const Box3& box,
                  std::byte* out) const {
    const std::int64_t element = size_of(meta_.dtype);
    const Extent3 shape = box.shape();
    const std::int64_t left = part.begin.x % chunk_.x;
    const auto size = static_cast<std::size_t>(part.shape().x * element);
    std::byte* to = out + (((z - box.begin.z) * shape.y + part.begin.y - box.begin.y) * shape.x +
                           part.begin.x - box.begin.x) *
                              element;
    for (std::int64_t y = part.begin.y; y < part.end.y;
         ++y, rows += chunk_.x * element, to += shape.x * element)
      std::memcpy(to, rows + left * element, size);
  }

  ZarrChunks chunks_;
  ZarrView view_;
  Pool<Scratch> scratch_;
  std::unique_ptr<ZarrCache> cache_;
  Extent3 chunk_;  ///< of the volume's axes
  Extent3 grid_;   ///< chunks along each
  Extent3 steps_;
  std::int64_t start_ = 0;
  bool is_dense_ = false;
};

VolumeMeta meta_of(const ZarrArray& array, const ZarrView& view) {
  VolumeMeta meta;
  meta.shape = view.volume(array.shape);
  meta.dtype = array.dtype;
  if (array.boolean) meta.kind = Kind::mask;
  return meta;
}

void choose_others(const std::string& name, const ZarrArray& array, const OpenOptions& options,
                   ZarrView& view) {
  view.channel = choose_part(name, "--channel", "channels", view.extent(array.shape, view.roles.channel),
                             options.channel);
  view.time =
      choose_part(name, "--time", "time points", view.extent(array.shape, view.roles.time), options.time);
}

SourceInfo info_of(const std::string& folder, const std::string& format, const ZarrArray& array,
                   std::size_t levels) {
  SourceInfo info;
  info.name = folder;
  info.format = format;
  for (const ZarrCoding& coding : array.codings)
    if (coding.codec != ZarrCodec::crc32c) info.compression = zarr_codec_name(coding.codec);
  info.levels = static_cast<int>(levels);
  info.parts_chosen = true;
  return info;
}

std::unique_ptr<SlabSource> open_array(const ZarrFolder& folder, const ZarrNode& node,
                                       const OpenOptions& options) {
  const std::string name = folder.name();
  ZarrArray array = read_zarr_array(folder);
  ZarrView view{zarr_roles(array, node.attributes.root())};
  choose_part(name, "--level", "levels", 1, options.level);
  choose_others(name, array, options, view);
  VolumeMeta meta = meta_of(array, view);
  apply_sidecar(name, meta);
  check_meta(meta, name);
  SourceInfo info = info_of(name, "Zarr " + std::to_string(array.version), array, 1);
  return std::make_unique<ZarrSource>(std::move(array), view, meta, std::move(info), options);
}

/// A level's meta from the first one's: only its grid differs.
VolumeMeta level_meta(const ZarrImage& image, std::size_t level, const ZarrArray& array, const ZarrView& view,
                      const VolumeMeta& first) {
  VolumeMeta meta = first;
  meta.shape = view.volume(array.shape);
  meta.dtype = array.dtype;
  meta.range.reset();
  VolumeMeta grid, first_grid;
  apply_zarr_grid(image, level, view.roles, grid);
  apply_zarr_grid(image, 0, view.roles, first_grid);
  if (!first.spacing || !grid.spacing || !first_grid.spacing) return meta;
  const Vector3 none{0, 0, 0};
  Vector3 moved;
  for (std::size_t i = 0; i < 3; ++i) {
    const double unit =
        (*first.spacing)[i] / (*first_grid.spacing)[i];  // what a sidecar says may be in another
    (*meta.spacing)[i] = (*grid.spacing)[i] * unit;
    moved[i] = (grid.origin.value_or(none)[i] - first_grid.origin.value_or(none)[i]) * unit;
  }
  if (first.origin || moved != none) meta.origin = moved_origin(first, moved);
  return meta;
}

std::unique_ptr<SlabSource> open_image(const ZarrFolder& folder, const ZarrImage& image,
                                       const std::string& where, const OpenOptions& options) {
  const std::string name = folder.name();
  const auto count = static_cast<std::int64_t>(image.levels.size());
  const auto level =
      static_cast<std::size_t>(choose_part(name, "--level", "levels", count, options.level.value_or(0)));
  ZarrArray array = read_zarr_array(folder.below(image.levels.front().path));
  ZarrView view{zarr_roles(image.axes, where)};
  const auto check_axes = [&] {
    if (array.axes() != image.axes.size())
      fail_damaged(where + ": names " + std::to_string(image.axes.size()) + " axes, " + array.folder.name() +
                   " has " + std::to_string(array.axes()));
  };
  check_axes();
  choose_others(name, array, options, view);
  VolumeMeta meta = meta_of(array, view);
  if (image.is_labels) meta.kind = Kind::labels;
  apply_zarr_grid(image, 0, view.roles, meta);
  check_meta(meta, where);
  if (!image.embedded.empty()) apply_embedded_meta(image.embedded, where + ": voxpipe", meta);
  apply_sidecar(name, meta);
  if (level > 0) {
    array = read_zarr_array(folder.below(image.levels[level].path));
    check_axes();
    choose_others(array.folder.name(), array, options, view);
    meta = level_meta(image, level, array, view, meta);
  }
  check_meta(meta, where);
  SourceInfo info = info_of(name, "OME-Zarr " + std::string(array.version == 2 ? "0.4" : "0.5"), array,
                            image.levels.size());
  return std::make_unique<ZarrSource>(std::move(array), view, meta, std::move(info), options);
}

std::unique_ptr<SlabSource> open_node(const ZarrFolder& folder, const OpenOptions& options) {
  const ZarrNode node = read_zarr_node(folder);
  if (node.is_array) return open_array(folder, node, options);
  if (const auto image = parse_zarr_image(node)) return open_image(folder, *image, node.path, options);
  const JsonView root = node.attributes.root();
  const bool series = root["bioformats2raw.layout"].whole() || root["ome"]["bioformats2raw.layout"].whole();
  fail_usage(folder.name() + ": is a Zarr group without multiscales; name an image or array in it, as " +
             folder.name() + "/0" + (series ? ", the first series" : ""));
}

}  // namespace

bool is_zarr(const std::string& folder) { return is_zarr_folder(folder); }

std::unique_ptr<SlabSource> open_zarr(const std::string& folder, const OpenOptions& options) {
  return open_node(folder, options);
}

std::unique_ptr<SlabSource> open_ozx(const std::string& path, const OpenOptions& options) {
  const ZarrFolder top(ZipArchive::open(path));
  if (!is_zarr_folder(top))
    fail_usage(path + ": is a zip archive, but no Zarr store; unpack it first (unzip)");
  return open_node(top, options);
}

}  // namespace vox
