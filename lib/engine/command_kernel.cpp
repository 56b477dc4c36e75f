#include "engine/command_kernel.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <span>

#include "core/cancel.h"
#include "core/error.h"
#include "core/numbers.h"
#include "core/value_map.h"
#include "io/child_talk.h"

namespace vox {
namespace {

constexpr std::int64_t kPieceBytes = 256 << 10;
constexpr std::size_t kMostShown = 1200;
// How long a program whose answer is wrong may take to say that it failed, which explains more.
constexpr std::chrono::milliseconds kPatience{1000};

std::string zyx(const Extent3& extent) {
  return std::to_string(extent.z) + "," + std::to_string(extent.y) + "," + std::to_string(extent.x);
}

std::string zyx(const Vector3& vector) {
  return format_number(vector[0]) + "," + format_number(vector[1]) + "," + format_number(vector[2]);
}

/// As --roi takes it: "0:16,0:32,32:64".
std::string as_roi(const Box3& box) {
  const auto range = [](std::int64_t begin, std::int64_t end) {
    return std::to_string(begin) + ":" + std::to_string(end);
  };
  return range(box.begin.z, box.end.z) + "," + range(box.begin.y, box.end.y) + "," +
         range(box.begin.x, box.end.x);
}

/// The last lines of a text in one.
std::string in_one_line(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string& line : split(text, '\n'))
    if (!trimmed(line).empty()) lines.push_back(trimmed(line));
  const std::string all = joined(lines, " | ");
  return all.size() <= kMostShown ? all : "... " + all.substr(all.size() - kMostShown);
}

/// A header and the rows of a block with its margins, piece by piece.
class BlockFeed {
 public:
  BlockFeed(std::string header, const ConstBlock& block, const Extent3& halo)
      : block_(block),
        halo_(halo),
        z_(-halo.z),
        y_(-halo.y),
        row_bytes_(static_cast<std::size_t>((block.shape().x + 2 * halo.x) * size_of(block.dtype))),
        piece_(std::max(static_cast<std::size_t>(kPieceBytes), row_bytes_)),
        header_(std::move(header)) {}

  std::span<const std::byte> next() {
    if (!header_sent_ && !header_.empty()) {
      header_sent_ = true;
      return std::as_bytes(std::span(header_));
    }
    std::size_t filled = 0;
    const Extent3 shape = block_.shape();
    while (z_ < shape.z + halo_.z && filled + row_bytes_ <= piece_.size()) {
      std::memcpy(piece_.data() + filled, block_.row(z_, y_) - halo_.x * size_of(block_.dtype), row_bytes_);
      filled += row_bytes_;
      if (++y_ < shape.y + halo_.y) continue;
      y_ = -halo_.y;
      ++z_;
    }
    return std::span(piece_).first(filled);
  }

 private:
  ConstBlock block_;
  Extent3 halo_;
  std::int64_t z_;
  std::int64_t y_;
  std::size_t row_bytes_;
  std::vector<std::byte> piece_;
  std::string header_;
  bool header_sent_ = false;
};

}  // namespace

CommandKernel::CommandKernel(const VolumeMeta& input, BlockCommand command, Listener listener)
    : input_(input),
      command_(std::move(command)),
      listener_(std::move(listener)),
      program_(find_program(command_.words.at(0))) {
  check_block_format(command_.format, input.dtype);
  check_block_format(command_.format, command_.output);
}

VolumeMeta CommandKernel::output_meta(const VolumeMeta& input) const {
  VolumeMeta meta = input;
  meta.range.reset();
  meta.dtype = command_.output;
  if (meta.dtype != input.dtype) lose_value_map(meta);
  return meta;
}

std::int64_t CommandKernel::scratch_bytes(const Extent3& block) const {
  const std::int64_t row = block.x + 2 * command_.halo.x;
  const std::int64_t column = block.z + 2 * command_.halo.z;
  return std::max(kPieceBytes, row * size_of(input_.dtype)) +
         receiving_bytes(std::max(row, column), command_.output);
}

VolumeMeta CommandKernel::with_halo(const Box3& box) const {
  const Extent3& halo = command_.halo;
  VolumeMeta meta = cropped(input_, {{box.begin.z - halo.z, box.begin.y - halo.y, box.begin.x - halo.x},
                                     {box.end.z + halo.z, box.end.y + halo.y, box.end.x + halo.x}});
  meta.range.reset();
  return meta;
}

std::vector<std::string> CommandKernel::block_variables(const Box3& box) const {
  const Extent3& block = command_.block;
  const auto blocks = [](std::int64_t voxels, std::int64_t size) { return (voxels + size - 1) / size; };
  const std::int64_t ny = blocks(input_.shape.y, block.y);
  const std::int64_t nx = blocks(input_.shape.x, block.x);
  const std::int64_t index =
      (box.begin.z / block.z * ny + box.begin.y / block.y) * nx + box.begin.x / block.x;
  const auto text = [](DType dtype) { return std::string(dtype_name(dtype)); };
  const auto maybe = [](const std::string& name, const std::optional<std::string>& value) {
    return value ? name + "=" + *value : name;
  };
  const auto vector = [](const std::optional<Vector3>& value) {
    return value ? std::optional(zyx(*value)) : std::nullopt;
  };
  return {"VOXPIPE_BLOCK_BOX=" + as_roi(box),
          "VOXPIPE_BLOCK_SHAPE=" + zyx(with_halo(box).shape),
          "VOXPIPE_BLOCK_INDEX=" + std::to_string(index),
          "VOXPIPE_BLOCK_COUNT=" + std::to_string(blocks(input_.shape.z, block.z) * ny * nx),
          "VOXPIPE_HALO=" + zyx(command_.halo),
          "VOXPIPE_SHAPE=" + zyx(input_.shape),
          "VOXPIPE_DTYPE=" + text(input_.dtype),
          "VOXPIPE_OUTPUT_DTYPE=" + text(command_.output),
          maybe("VOXPIPE_SPACING", vector(input_.spacing)),
          maybe("VOXPIPE_UNIT", input_.unit),
          maybe("VOXPIPE_ORIGIN", vector(input_.origin))};
}

void CommandKernel::check() const {
  check_cancelled();
  if (abandoned_) throw Error(ErrorKind::cancelled, "given up, since the run failed elsewhere");
}

void CommandKernel::fail_block(const Box3& box, const std::string& what, const std::string& errors) const {
  const std::string said = in_one_line(errors);
  fail("block " + as_roi(box) + ": command '" + command_.words.front() + "': " + what +
       (said.empty() ? "" : "; standard error: " + said));
}

void CommandKernel::apply(const ConstBlock& in, const Block& out, Tally&) const {
  const Box3 box = out.box;
  ProgramCall call{program_, command_.words, block_variables(box)};
  BlockFeed feed(block_header(command_.format, with_halo(box)), in, command_.halo);
  ChildTalk talk(
      call, [&feed] { return feed.next(); }, [this] { check(); });
  try {
    receive_block(command_.format, ByteSource(talk.answer(), "its output", std::nullopt), command_.halo, out);
  } catch (const Error& error) {
    check();
    const std::optional<int> status = talk.finish(kPatience);
    const bool failed = status.value_or(0) != 0;
    fail_block(box, failed ? end_in_words(*status) : error.what(), talk.errors());
  }
  const std::optional<int> status = talk.finish();
  if (status.value_or(0) != 0) fail_block(box, end_in_words(*status), talk.errors());
  if (listener_ && !talk.errors().empty()) listener_(as_roi(box), in_one_line(talk.errors()));
}

Extent3 default_block(const VolumeMeta& input, DType output, const Extent3& halo, std::int64_t memory) {
  constexpr Extent3 kUsual{128, 256, 256};
  const Extent3 volume = input.shape;
  Extent3 block{std::min(kUsual.z, volume.z), std::min(kUsual.y, (volume.y + 1) / 2),
                std::min(kUsual.x, (volume.x + 1) / 2)};
  const std::int64_t row = (volume.x + 2 * halo.x) * size_of(input.dtype);
  const std::int64_t row_out = volume.x * size_of(output);
  const auto needed = [&](std::int64_t planes, std::int64_t rows) {
    const std::int64_t planes_in = planes + 3 * halo.z + 3;  // two of them as they are read
    return planes_in * (rows + 2 * halo.y) * row + 2 * planes * rows * row_out;
  };
  // Planes of which not even one fits can only be cut into bands.
  const bool bands = needed(1, volume.y) > memory;
  for (bool widen_x = true; block.z > 1 && needed(block.z, bands ? block.y : volume.y) > memory / 2;
       widen_x = !widen_x) {
    block.z = (block.z + 1) / 2;
    if (widen_x)
      block.x = std::min(2 * block.x, volume.x);
    else if (!bands)
      block.y = std::min(2 * block.y, volume.y);
  }
  return block;
}

}  // namespace vox
