#include "engine/distance_source.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/memory_option.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/pipeline.h"
#include "ops/label/euclidean_distance.h"
#include "ops/scratch.h"

namespace vox {
namespace {

constexpr std::int64_t kRowsPerJob = 16;

VolumeMeta distance_meta(const VolumeMeta& input) {
  return with_new_values(input, DType::float32, Kind::intensity);
}

}  // namespace

/// What is allocated at the first read.
struct DistanceSource::Room {
  Buffer planes;  ///< steps along z, then distances
  Buffer above;   ///< of each column: steps to the background above, at the end of the last chunk
  Buffer below;   ///< and below the chunk
  Buffer bits;
};

DistanceSource::DistanceSource(const VolumeMeta& input, const std::string& name, const Resources& resources)
    : shape_(input.shape),
      scale_(distance_scale(shape_, input.spacing)),
      pitch_(distance_pitch(shape_.x)),
      row_words_(bit_words(shape_.x)),
      threads_(resources.threads),
      tmpdir_(resources.tmpdir),
      foreground_(shape_,
                  [this](std::int64_t row, std::span<const std::uint64_t> words) { keep_bits(row, words); }) {
  meta_ = distance_meta(input);
  info_.name = name;
  info_.format = "distances";
  if (shape_.z >= kNoBackground)
    fail(name + ": has more planes than distances are counted in; crop it with --roi");
  checked_product(checked_product(shape_.y, pitch_, name), 16 * shape_.z, name);
  make_plan(resources);
}

DistanceSource::~DistanceSource() = default;

std::int64_t DistanceSource::least_memory(const VolumeMeta& input, int threads) {
  const Extent3& shape = input.shape;
  const std::int64_t plane = shape.y * (3 * distance_pitch(shape.x) * 4 + bit_words(shape.x) * 8);
  const DistanceScale scale = distance_scale(shape, input.spacing);
  return (plane + threads * plane_distance_scratch(scale, shape.y, shape.x)) / 3 * 4 + 8;
}

void DistanceSource::make_plan(const Resources& resources) {
  const std::int64_t allowed = resources.memory / 4 * 3;
  const std::int64_t plane = shape_.y * pitch_ * 4;
  const std::int64_t bit_plane = shape_.y * row_words_ * 8;
  const std::int64_t fixed = 2 * plane + threads_ * plane_distance_scratch(scale_, shape_.y, shape_.x);
  // With as many planes in a chunk as there are chunks, what is kept of both is least.
  const auto balanced = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(shape_.z))));
  const std::int64_t wanted =
      std::min(shape_.z, std::max<std::int64_t>(balanced, std::int64_t{4} * threads_));
  planes_ = std::clamp<std::int64_t>((allowed - fixed) / (plane + bit_plane), 1, wanted);
  chunks_ = (shape_.z + planes_ - 1) / planes_;
  std::int64_t held = fixed + planes_ * (plane + bit_plane);
  if (held > allowed)
    fail_memory(info_.name + ": distances need " + format_bytes(held) + " for planes of " +
                format_bytes(plane) + ", --memory leaves " + format_bytes(allowed) +
                " for them; use --memory " + memory_option(held / 3 * 4 + 8) + " or more");
  const std::int64_t all_bits = shape_.z * bit_plane;
  const std::int64_t all_below = (chunks_ - 1) * plane;
  bits_in_memory_ = held + all_bits <= allowed;
  if (bits_in_memory_) held += all_bits;
  below_in_memory_ = held + all_below <= allowed;
  if (below_in_memory_) held += all_below;
  plan_.what = "distance";
  plan_.block = {planes_, shape_.y, shape_.x};
  plan_.peak_memory = held;
  plan_.spool_bytes = (bits_in_memory_ ? 0 : all_bits) + (below_in_memory_ ? 0 : all_below);
}

void DistanceSource::keep_bits(std::int64_t first_row, std::span<const std::uint64_t> words) {
  std::call_once(made_, [this] {
    bit_store_ = std::make_unique<SpoolStore>(shape_.z * shape_.y * row_words_ * 8, bits_in_memory_, tmpdir_);
  });
  bit_store_->write(std::as_bytes(words), first_row * row_words_ * 8);
}

std::int64_t DistanceSource::planes_of(std::int64_t chunk) const {
  return std::min(planes_, shape_.z - chunk * planes_);
}

void DistanceSource::load_bits(std::int64_t chunk) {
  const std::int64_t bit_plane = shape_.y * row_words_ * 8;
  bit_store_->read({room_->bits.data(), static_cast<std::size_t>(planes_of(chunk) * bit_plane)},
                   chunk * planes_ * bit_plane);
}

const std::uint64_t* DistanceSource::bits(std::int64_t plane, std::int64_t row) const {
  return reinterpret_cast<const std::uint64_t*>(room_->bits.data()) + (plane * shape_.y + row) * row_words_;
}

std::byte* DistanceSource::plane_row(std::int64_t plane, std::int64_t row) const {
  return room_->planes.data() + (plane * shape_.y + row) * pitch_ * 4;
}

void DistanceSource::walk_back() {
  const std::int64_t plane = shape_.y * pitch_ * 4;
  room_ = std::make_unique<Room>();
  room_->planes = Buffer(planes_ * plane);
  room_->above = Buffer(plane);
  room_->below = Buffer(plane);
  room_->bits = Buffer(planes_ * shape_.y * row_words_ * 8);
  std::memset(room_->above.data(), 0xff, static_cast<std::size_t>(plane));
  std::memset(room_->below.data(), 0xff, static_cast<std::size_t>(plane));
  if (chunks_ > 1)
    below_store_ = std::make_unique<SpoolStore>((chunks_ - 1) * plane, below_in_memory_, tmpdir_);
  Stages stages;
  for (std::int64_t chunk = chunks_ - 1; chunk > 0; --chunk) {
    load_bits(chunk);
    stages.work = [&](std::int64_t job, int) {
      const std::int64_t end = std::min((job + 1) * kRowsPerJob, shape_.y);
      for (std::int64_t row = job * kRowsPerJob; row < end; ++row) {
        auto* const below = reinterpret_cast<std::uint32_t*>(room_->below.data()) + row * pitch_;
        for (std::int64_t z = planes_of(chunk) - 1; z >= 0; --z) advance_steps(bits(z, row), shape_.x, below);
      }
    };
    run_pipeline((shape_.y + kRowsPerJob - 1) / kRowsPerJob, threads_, threads_, stages);
    below_store_->write({room_->below.data(), static_cast<std::size_t>(plane)}, (chunk - 1) * plane);
  }
}

void DistanceSource::count_steps(std::int64_t planes, std::int64_t row) {
  const auto row_bytes = static_cast<std::size_t>(distance_width(shape_.x) * 4);
  auto* const above = reinterpret_cast<std::uint32_t*>(room_->above.data()) + row * pitch_;
  auto* const below = reinterpret_cast<std::uint32_t*>(room_->below.data()) + row * pitch_;
  for (std::int64_t z = planes - 1; z >= 0; --z) {
    advance_steps(bits(z, row), shape_.x, below);
    std::memcpy(plane_row(z, row), below, row_bytes);
  }
  for (std::int64_t z = 0; z < planes; ++z) {
    advance_steps(bits(z, row), shape_.x, above);
    nearest_steps(scale_, above, shape_.x, reinterpret_cast<std::uint32_t*>(plane_row(z, row)));
  }
}

void DistanceSource::compute_chunk(std::int64_t chunk) {
  const std::int64_t plane = shape_.y * pitch_ * 4;
  const std::int64_t planes = planes_of(chunk);
  load_bits(chunk);
  if (chunk + 1 < chunks_)
    below_store_->read({room_->below.data(), static_cast<std::size_t>(plane)}, chunk * plane);
  else
    std::memset(room_->below.data(), 0xff, static_cast<std::size_t>(plane));
  Stages stages;
  stages.work = [&](std::int64_t job, int) {
    const std::int64_t end = std::min((job + 1) * kRowsPerJob, shape_.y);
    for (std::int64_t row = job * kRowsPerJob; row < end; ++row) count_steps(planes, row);
  };
  run_pipeline((shape_.y + kRowsPerJob - 1) / kRowsPerJob, threads_, threads_, stages);
  stages.work = [&](std::int64_t z, int) {
    std::byte* const scratch = thread_scratch(plane_distance_scratch(scale_, shape_.y, shape_.x));
    plane_distance(scale_, shape_.y, shape_.x, plane_row(z, 0), scratch);
  };
  run_pipeline(planes, threads_, threads_, stages);
  chunk_ = chunk;
}

void DistanceSource::read(const Box3& box, std::byte* out) {
  if (room_ == nullptr) walk_back();
  const auto row_bytes = static_cast<std::size_t>(meta_.row_bytes());
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
    while (chunk_ < z / planes_) compute_chunk(chunk_ + 1);
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y, out += row_bytes)
      std::memcpy(out, plane_row(z - chunk_ * planes_, y), row_bytes);
  }
}

}  // namespace vox
