#include "io/zarr_array_writer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <random>

#include "core/error.h"
#include "io/byte_order.h"
#include "io/checksum.h"

namespace vox {
namespace {

constexpr int kMostWaiting = 4;  // coded chunks that wait for a slow disk
constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

/// Finite voxels that follow each other; in lanes, which the compiler makes vectors of.
template <class T>
void add_run(const std::byte* run, std::int64_t count, Range& range) {
  using Compared = std::conditional_t<std::is_same_v<T, float16>, float, T>;
  constexpr std::int64_t kLanes = 64 / sizeof(Compared);
  constexpr Compared kHighest = std::numeric_limits<Compared>::max();
  constexpr Compared kLowest = std::numeric_limits<Compared>::lowest();
  const auto* values = reinterpret_cast<const T*>(run);
  Compared low[kLanes], high[kLanes];
  std::fill_n(low, kLanes, kHighest);
  std::fill_n(high, kLanes, kLowest);
  const auto add = [&](std::int64_t i, std::int64_t lane) {
    const auto value = static_cast<Compared>(values[i]);
    const bool finite = value >= kLowest && value <= kHighest;
    low[lane] = finite && value < low[lane] ? value : low[lane];
    high[lane] = finite && value > high[lane] ? value : high[lane];
  };
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) add(i + lane, lane);
  for (; i < count; ++i) add(i, 0);
  const Compared smallest = *std::min_element(low, low + kLanes);
  const Compared largest = *std::max_element(high, high + kLanes);
  if (smallest > largest) return;
  range.low = std::min(range.low, as_double(smallest));
  range.high = std::max(range.high, as_double(largest));
}

/// Fresh pages cost more than the copy into them; large ones are fewer.
void ask_for_huge_pages(std::span<std::byte> memory) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t before = (page - reinterpret_cast<std::uintptr_t>(memory.data()) % page) % page;
  if (memory.size() > before) ::madvise(memory.data() + before, memory.size() - before, MADV_HUGEPAGE);
}

void append_number(std::vector<std::byte>& bytes, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(value >> 8 * i));
}

/// Other processes, also on other machines, have another one.
std::string unique_token() {
  std::random_device random;
  return std::to_string(random()) + "-" + std::to_string(random());
}

}  // namespace

ZarrArrayWriter::ZarrArrayWriter(std::string folder, std::string name, ZarrArraySpec spec, WorkerPool& pool,
                                 ZarrCoders& coders)
    : folder_(std::move(folder)),
      name_(std::move(name)),
      spec_(std::move(spec)),
      band_(spec_.layout.band(spec_.meta.shape)),
      row_(spec_.layout.chunk.x * element()),
      chunk_bytes_(voxels(spec_.layout.chunk) * element()),
      coders_(coders) {
  const Extent3& shape = spec_.meta.shape;
  const Extent3& chunk = spec_.layout.chunk;
  grid_ = {(shape.z - 1) / chunk.z + 1, (shape.y - 1) / chunk.y + 1, (shape.x - 1) / chunk.x + 1};
  for (auto& band : bands_) band = std::make_unique<Band>(pool);
  if (spec_.shared) token_ = unique_token();
}

std::int64_t ZarrArrayWriter::held_bytes(const ZarrArraySpec& spec) {
  const Extent3 band = spec.layout.band(spec.meta.shape);
  const bool is_only = band.z >= spec.meta.shape.z && band.y >= spec.meta.shape.y;
  return (is_only ? 1 : 2) * spec.layout.band_bytes(spec.meta);
}

std::int64_t ZarrArrayWriter::coding_bytes(const ZarrArraySpec& spec, int threads) {
  const std::int64_t chunk = voxels(spec.layout.chunk) * size_of(spec.meta.dtype);
  const int workers = threads > 1 ? threads + 1 : 1;
  return workers * ZarrCoder::encoder_bytes(spec.coding, chunk) +
         (workers + (workers > 1 ? kMostWaiting : 0)) * zarr_stored_bound(chunk);
}

void ZarrArrayWriter::put(const Box3& box, std::span<const std::byte> voxels) {
  const std::byte* row = voxels.data();
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z)
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y, row += spec_.meta.row_bytes()) put_row(z, y, row);
}

void ZarrArrayWriter::put_row(std::int64_t z, std::int64_t y, const std::byte* row) {
  const Extent3& chunk = spec_.layout.chunk;
  if (!is_filling_) begin_band(z / chunk.z * chunk.z, y / band_.y * band_.y);
  const Band& band = *bands_[filling_];
  std::byte* to = chunk_of(band, {0, y / chunk.y, 0}).data() +
                  ((z - band.at.z) * chunk.y + (y - band.at.y) % chunk.y) * row_;
  std::int64_t left = spec_.meta.row_bytes();
  for (std::int64_t x = 0; x < grid_.x; ++x, to += chunk_bytes_, row += row_, left -= row_)
    std::memcpy(to, row, static_cast<std::size_t>(std::min(row_, left)));
  const bool last_plane = z + 1 == std::min(band.at.z + band_.z, spec_.meta.shape.z);
  const bool last_row = y + 1 == std::min(band.at.y + band_.y, spec_.meta.shape.y);
  if (last_plane && last_row) end_band();
}

void ZarrArrayWriter::begin_band(std::int64_t z, std::int64_t y) {
  Band& band = *bands_[filling_];
  band.at = {z, y, 0};
  band.voxels = band.memory.of_size(spec_.layout.band_bytes(spec_.meta));
  ask_for_huge_pages(band.voxels);
  is_filling_ = true;
}

std::vector<Extent3> ZarrArrayWriter::chunks_in_order(const Band& band) const {
  const Extent3& chunk = spec_.layout.chunk;
  const Extent3 per_shard{spec_.layout.shard.z / chunk.z, spec_.layout.shard.y / chunk.y,
                          spec_.layout.shard.x / chunk.x};
  const std::int64_t first = band.at.y / chunk.y;
  const std::int64_t rows = std::min(band_.y / chunk.y, grid_.y - first);
  std::vector<Extent3> order;
  for (std::int64_t y = first; y < first + rows; ++y)
    for (std::int64_t x = 0; x < grid_.x; ++x) order.push_back({band.at.z / chunk.z, y, x});
  // A shard's chunks one after the other, so that one file is open at a time.
  std::stable_sort(order.begin(), order.end(), [&](const Extent3& a, const Extent3& b) {
    return std::pair(a.y / per_shard.y, a.x / per_shard.x) < std::pair(b.y / per_shard.y, b.x / per_shard.x);
  });
  return order;
}

void ZarrArrayWriter::end_band() {
  Band& band = *bands_[filling_];
  is_filling_ = false;
  const auto order = std::make_shared<const std::vector<Extent3>>(chunks_in_order(band));
  bands_[1 - filling_]->jobs.wait();  // its files come first
  band.coded = std::vector<Coded>(order->size());
  band.is_ready.assign(order->size(), false);
  band.next = 0;
  band.jobs.start(static_cast<std::int64_t>(order->size()), [this, &band, order](std::int64_t job) {
    const auto place = static_cast<std::size_t>(job);
    Coded coded = code(band, (*order)[place]);
    if (!spec_.layout.sharded()) return write_chunk((*order)[place], coded.bytes);
    {
      const std::lock_guard lock(mutex_);
      band.coded[place] = std::move(coded);
      band.is_ready[place] = true;
      ++band.waiting;
    }
    write_ready(band, *order);
  });
  filling_ = 1 - filling_;
}

void ZarrArrayWriter::finish() {
  for (const auto& band : bands_) band->jobs.wait();
}

std::span<std::byte> ZarrArrayWriter::chunk_of(const Band& band, const Extent3& chunk) const {
  const std::int64_t row = chunk.y - band.at.y / spec_.layout.chunk.y;
  return band.voxels.subspan(static_cast<std::size_t>((row * grid_.x + chunk.x) * chunk_bytes_),
                             static_cast<std::size_t>(chunk_bytes_));
}

Extent3 ZarrArrayWriter::inside(const Extent3& chunk) const {
  const Extent3& size = spec_.layout.chunk;
  const Extent3& shape = spec_.meta.shape;
  return {std::min(size.z, shape.z - chunk.z * size.z), std::min(size.y, shape.y - chunk.y * size.y),
          std::min(size.x, shape.x - chunk.x * size.x)};
}

/// What is beyond the volume's end is the fill value, 0.
void ZarrArrayWriter::pad(const Extent3& chunk, std::span<std::byte> voxels) const {
  const Extent3& size = spec_.layout.chunk;
  const auto [planes, rows, columns] = inside(chunk);
  const std::int64_t row = size.x * element();
  const auto clear = [&](std::int64_t at, std::int64_t count) {
    std::memset(voxels.data() + at, 0, static_cast<std::size_t>(count));
  };
  for (std::int64_t z = 0; z < planes; ++z) {
    for (std::int64_t y = 0; y < rows && columns < size.x; ++y)
      clear((z * size.y + y) * row + columns * element(), (size.x - columns) * element());
    if (rows < size.y) clear((z * size.y + rows) * row, (size.y - rows) * row);
  }
  if (planes < size.z) clear(planes * size.y * row, (size.z - planes) * size.y * row);
}

void ZarrArrayWriter::observe(const Extent3& chunk, std::span<const std::byte> voxels) {
  const Extent3& size = spec_.layout.chunk;
  const Extent3 there = inside(chunk);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Range found{kInfinity, -kInfinity};
  visit_dtype(spec_.meta.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if (there == size) return add_run<T>(voxels.data(), vox::voxels(size), found);
    for (std::int64_t z = 0; z < there.z; ++z)
      for (std::int64_t y = 0; y < there.y; ++y)
        add_run<T>(voxels.data() + (z * size.y + y) * size.x * element(), there.x, found);
  });
  if (found.low > found.high) return;
  const std::lock_guard lock(mutex_);
  if (range_) found = {std::min(found.low, range_->low), std::max(found.high, range_->high)};
  range_ = found;
}

ZarrArrayWriter::Coded ZarrArrayWriter::code(Band& band, const Extent3& chunk) {
  const auto voxels = chunk_of(band, chunk);
  if (spec_.wants_range) observe(chunk, voxels);
  pad(chunk, voxels);
  if (needs_swap(false)) swap_bytes(voxels, element());
  if (!spec_.coding) return {nullptr, voxels};
  Coded coded{std::make_unique<Pool<GrowingBuffer>::Loan>(coders_.buffers), {}};
  const Pool<ZarrCoder>::Loan coder(coders_.states);
  coded.bytes = coder->encode(*spec_.coding, voxels, element(), **coded.memory);
  return coded;
}

/// Writes what is ready in order; one thread does, the others leave it their chunks while those are few.
void ZarrArrayWriter::write_ready(Band& band, const std::vector<Extent3>& order) {
  std::unique_lock lock(mutex_);
  written_.wait(lock, [&] { return !band.is_writing || band.has_failed || band.waiting <= kMostWaiting; });
  if (band.is_writing || band.has_failed) return;
  band.is_writing = true;
  while (band.next < order.size() && band.is_ready[band.next]) {
    const std::size_t place = band.next++;
    Coded coded = std::move(band.coded[place]);
    lock.unlock();
    try {
      write_in_shard(order[place], coded.bytes);
      coded.memory.reset();
    } catch (...) {
      lock.lock();
      band.has_failed = true;
      written_.notify_all();
      throw;
    }
    lock.lock();
    --band.waiting;
    written_.notify_all();
  }
  band.is_writing = false;
  written_.notify_all();
}

std::string zarr_key(const ZarrArraySpec& spec, const Extent3& file) {
  return (spec.prefixed ? "c/" : "") + std::to_string(file.z) + "/" + std::to_string(file.y) + "/" +
         std::to_string(file.x);
}

std::string ZarrArrayWriter::path_of(const std::string& key) const {
  if (!spec_.shared) return folder_ + "/" + key;
  const std::size_t slash = key.rfind('/') + 1;
  return folder_ + "/" + key.substr(0, slash) + "." + key.substr(slash) + "." + token_ + ".part";
}

void ZarrArrayWriter::complete(const std::string& key) const {
  if (!spec_.shared) return;
  if (::rename(path_of(key).c_str(), (folder_ + "/" + key).c_str()) != 0)
    fail_system(name_ + "/" + key, errno);
}

ByteSink ZarrArrayWriter::open(const std::string& key, bool is_new) const {
  const std::string path = path_of(key);
  const int flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (is_new ? O_CREAT | O_EXCL : 0);
  int descriptor = ::open(path.c_str(), flags, 0666);
  // An array that is gone was finished without us.
  if (descriptor < 0 && errno == ENOENT && is_new && std::filesystem::exists(folder_)) {
    std::error_code problem;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), problem);
    if (problem) fail_system(name_ + "/" + key, problem.value());
    descriptor = ::open(path.c_str(), flags, 0666);
  }
  if (descriptor < 0) fail_system(name_ + "/" + key, errno);
  return {file_device(descriptor, true), name_ + "/" + key};
}

void ZarrArrayWriter::write_chunk(const Extent3& chunk, std::span<const std::byte> bytes) {
  const std::string key = zarr_key(spec_, chunk);
  open(key, true).write_at(bytes, 0);
  complete(key);
}

ZarrArrayWriter::Shard ZarrArrayWriter::new_shard(const Extent3& shard) const {
  const Extent3& chunk = spec_.layout.chunk;
  const Extent3 per{spec_.layout.shard.z / chunk.z, spec_.layout.shard.y / chunk.y,
                    spec_.layout.shard.x / chunk.x};
  Shard made;
  made.index.assign(static_cast<std::size_t>(2 * voxels(per)), kNowhere);
  made.left = std::min(per.z, grid_.z - shard.z * per.z) * std::min(per.y, grid_.y - shard.y * per.y) *
              std::min(per.x, grid_.x - shard.x * per.x);
  return made;
}

void ZarrArrayWriter::write_in_shard(const Extent3& chunk, std::span<const std::byte> bytes) {
  const Extent3& size = spec_.layout.chunk;
  const Extent3 per{spec_.layout.shard.z / size.z, spec_.layout.shard.y / size.y,
                    spec_.layout.shard.x / size.x};
  const Extent3 file{chunk.z / per.z, chunk.y / per.y, chunk.x / per.x};
  const std::string key = zarr_key(spec_, file);
  const bool is_new = !shards_.contains(key);
  if (is_new) shards_[key] = new_shard(file);
  Shard& shard = shards_[key];
  if (open_key_ != key || !open_file_) {
    open_file_.reset();
    open_file_.emplace(open(key, is_new));
    open_key_ = key;
  }
  open_file_->write_at(bytes, shard.end);
  const std::int64_t entry = (chunk.z % per.z * per.y + chunk.y % per.y) * per.x + chunk.x % per.x;
  shard.index[static_cast<std::size_t>(2 * entry)] = static_cast<std::uint64_t>(shard.end);
  shard.index[static_cast<std::size_t>(2 * entry + 1)] = bytes.size();
  shard.end += static_cast<std::int64_t>(bytes.size());
  if (--shard.left == 0) end_shard(key, shard);
}

void ZarrArrayWriter::end_shard(const std::string& key, Shard& shard) {
  std::vector<std::byte> index;
  for (const std::uint64_t number : shard.index) append_number(index, number, 8);
  Crc32c checksum;
  checksum.add(index);
  append_number(index, checksum.value(), 4);
  open_file_->write_at(index, shard.end);
  open_file_.reset();
  complete(key);
  shards_.erase(key);
}

}  // namespace vox
