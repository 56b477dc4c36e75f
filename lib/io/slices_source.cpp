#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "core/error.h"
#include "io/sidecar.h"
#include "io/slices.h"
#include "io/slices_names.h"
#include "io/tiff_choice.h"
#include "io/tiff_imagej.h"
#include "io/tiff_index.h"
#include "io/tiff_ome.h"
#include "io/tiff_pixels.h"

namespace vox {
namespace {

/// What is known of one file.
struct Slice {
  TiffPage page;
  TiffLayout layout;
  std::int64_t file_bytes = 0;
  std::int64_t largest_stored_chunk = 0;
};

Slice read_slice(const std::string& path) {
  std::error_code problem;
  const bool special =
      std::filesystem::exists(path, problem) && !std::filesystem::is_regular_file(path, problem);
  if (special) fail_usage(path + ": is not a regular file, which a slice must be");
  const ByteSource bytes = ByteSource::open(path);
  const TiffIndex index = read_tiff_index(bytes);
  if (index.pages.size() != 1)
    fail_damaged(path + ": holds " + std::to_string(index.pages.size()) + " pages; a slice has one");
  return {index.pages.front(), index.layouts.front(), *bytes.size(), index.largest_stored_chunk};
}

/// Reads all headers by several threads. Of several errors the first file's counts, whoever came first.
std::vector<Slice> read_all_slices(const std::vector<std::string>& paths, int threads) {
  std::vector<Slice> slices(paths.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::size_t first_wrong = paths.size();
  std::exception_ptr error;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < paths.size();) {
      try {
        slices[i] = read_slice(paths[i]);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (i < first_wrong) error = std::current_exception();
        first_wrong = std::min(first_wrong, i);
        return;
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
  }
  if (error) std::rethrow_exception(error);
  return slices;
}

/// Files that were used last stay open: a plane is often read in several blocks of rows.
class OpenFiles {
 public:
  std::shared_ptr<const ByteSource> get(std::size_t number, const std::string& path) {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[number % entries_.size()];
    if (!entry.file || entry.number != number) {
      entry.file = std::make_shared<const ByteSource>(ByteSource::open(path));
      entry.number = number;
    }
    return entry.file;
  }

 private:
  struct Entry {
    std::size_t number = 0;
    std::shared_ptr<const ByteSource> file;
  };

  std::mutex mutex_;
  std::array<Entry, 32> entries_;
};

/// The OME-XML of one slice. Which planes are in which files its name says here, so that a description which
/// contradicts that, or is none, is no error.
std::optional<OmeFacts> parse_slice_ome(const TiffIndex& index, const std::string& path) {
  try {
    return parse_ome(index.description, {path, index.layouts.front().samples, index.directories});
  } catch (const Error&) {
    return {};
  }
}

/// True when the volume's first plane, of which the origin is, is in the file itself.
bool begins_volume(const OmeFacts& facts) {
  return std::any_of(facts.planes.begin(), facts.planes.end(),
                     [](const OmePlanes& planes) { return planes.directory >= 0 && planes.first == 0; });
}

class SlicesSource : public SlabSource {
 public:
  SlicesSource(const std::string& input, const OpenOptions& options) : paths_(list_slices(input)) {
    const std::vector<Slice> slices = read_all_slices(paths_, options.threads);
    const TiffLayout& first = slices.front().layout;
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < slices.size(); ++i) {
      check_same(slices[i].layout, first, i);
      pages_.push_back(slices[i].page);
      pages_.back().layout = intern(slices[i].layout);
      bytes += slices[i].file_bytes;
      scratch_ =
          std::max(scratch_, TiffPixels::scratch_bytes(slices[i].layout, slices[i].largest_stored_chunk));
    }
    choose_sample(input, first, options);
    meta_.shape = {static_cast<std::int64_t>(slices.size()), first.height, first.width};
    meta_.dtype = first.dtype;
    if (first.bilevel) meta_.kind = Kind::mask;
    read_description(input);
    check_meta(meta_, input);
    info_ = {.name = input,
             .format = "TIFF slices",
             .compression = tiff_codec_name(first.codec),
             .file_bytes = bytes,
             .parts_chosen = true};
  }

  bool seekable() const override { return true; }
  Extent3 chunk() const override {
    const TiffLayout& layout = layouts_.front();
    if (layout.plain()) return {1, 1, meta_.shape.x};
    return {1, layout.chunk_height, layout.chunk_width};
  }
  std::int64_t scratch_bytes() const override { return scratch_; }

  void read(const Box3& box, std::byte* out) override {
    const Extent3 size = box.shape();
    const TiffRectangle part{box.begin.y, box.end.y, box.begin.x, box.end.x};
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
      const auto number = static_cast<std::size_t>(z);
      const auto file = files_.get(number, paths_[number]);
      const TiffPage& page = pages_[number];
      pixels_.read(*file, layouts_[page.layout], page, sample_, part, out);
      out += size.y * size.x * size_of(meta_.dtype);
    }
  }

 private:
  void check_same(const TiffLayout& layout, const TiffLayout& first, std::size_t number) const {
    if (layout.width == first.width && layout.height == first.height && layout.dtype == first.dtype &&
        layout.samples == first.samples)
      return;
    const auto describe = [](const TiffLayout& of) {
      return std::to_string(of.width) + " x " + std::to_string(of.height) + " " +
             std::string(dtype_name(of.dtype)) +
             (of.samples > 1 ? " in " + std::to_string(of.samples) + " channels" : "");
    };
    fail_damaged(paths_[number] + ": is " + describe(layout) + ", " + paths_.front() + " is " +
                 describe(first) + "; all slices must be alike");
  }

  std::uint32_t intern(const TiffLayout& layout) {
    const auto found = std::find(layouts_.begin(), layouts_.end(), layout);
    const auto position = static_cast<std::uint32_t>(found - layouts_.begin());
    if (found == layouts_.end()) layouts_.push_back(layout);
    return position;
  }

  void choose_sample(const std::string& input, const TiffLayout& layout, const OpenOptions& options) {
    sample_ = choose_part(input, "--channel", "channels", layout.samples, options.channel);
    choose_part(input, "--time", "time points", 1, options.time);
    choose_part(input, "--level", "levels", 1, options.level);
  }

  void read_description(const std::string& input) {
    const TiffIndex index = read_tiff_index(*files_.get(0, paths_.front()));
    if (const auto imagej = parse_imagej(index.description)) apply_imagej(*imagej, index.resolution, meta_);
    if (auto ome = parse_slice_ome(index, paths_.front())) {
      if (!begins_volume(*ome)) ome->origin.reset();
      apply_ome(*ome, paths_.front(), meta_);
    }
    if (std::filesystem::is_directory(input)) apply_sidecar(input, meta_);
  }

  std::vector<std::string> paths_;
  std::vector<TiffPage> pages_;
  std::vector<TiffLayout> layouts_;
  OpenFiles files_;
  TiffPixels pixels_;
  std::int64_t sample_ = 0;
  std::int64_t scratch_ = 0;
};

}  // namespace

std::unique_ptr<SlabSource> open_slices(const std::string& input, const OpenOptions& options) {
  return std::make_unique<SlicesSource>(input, options);
}

}  // namespace vox
