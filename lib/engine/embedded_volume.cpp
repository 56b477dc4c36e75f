#include "engine/embedded_volume.h"

#include <algorithm>
#include <cmath>

#include "core/base64.h"
#include "core/json_text.h"
#include "io/gzip.h"

namespace vox {
namespace {

constexpr std::int64_t kPieceBytes = 1 << 20;  // compressed at once
constexpr double kCodes = 65534;               // steps between the lowest and the highest of 16 bits

PyramidSpec spec_of(const VolumeMeta& meta, const std::vector<Extent3>& steps) {
  PyramidSpec spec;
  spec.method = meta.kind == Kind::intensity ? ShrinkMethod::mean : ShrinkMethod::mode;
  spec.steps = steps;
  return spec;
}

/// Keeps the codes of the last level.
class CodeSink : public LevelSink {
 public:
  CodeSink(const Extent3& shape, std::size_t level, DType voxels, const EmbeddedCoding& coding)
      : shape_(shape), level_(level), voxels_(voxels), coding_(coding) {
    codes_.resize(static_cast<std::size_t>(vox::voxels(shape) * size_of(coding.type)));
  }

  void put(std::size_t level, const Box3& box, std::span<const std::byte> bytes) override {
    if (level != level_) return;
    const std::int64_t first = box.begin.z * shape_.y * shape_.x;
    const std::int64_t count = vox::voxels(box.shape());
    std::byte* const out = codes_.data() + first * size_of(coding_.type);
    if (!coding_.nan_code && size_of(voxels_) == size_of(coding_.type)) {
      visit_dtype(coding_.type, [&](auto type) {
        using Code = typename decltype(type)::type;
        if constexpr (std::is_integral_v<Code>) shift(bytes.data(), count, reinterpret_cast<Code*>(out));
      });
      return;
    }
    visit_dtype(voxels_, [&](auto type) {
      using T = typename decltype(type)::type;
      const auto* values = reinterpret_cast<const T*>(bytes.data());
      auto* const codes = reinterpret_cast<std::uint16_t*>(out);
      for (std::int64_t i = 0; i < count; ++i) codes[i] = code_of(as_double(values[i]));
    });
  }
  void finish() override {}

  std::vector<std::byte> take_codes() { return std::move(codes_); }

 private:
  /// Types that begin at a negative value: as codes the highest bit is the other way round.
  template <class Code>
  void shift(const std::byte* bytes, std::int64_t count, Code* out) const {
    const Code flipped =
        coding_.low < 0 ? static_cast<Code>(std::uint64_t{1} << (8 * sizeof(Code) - 1)) : Code{0};
    const auto* values = reinterpret_cast<const Code*>(bytes);
    for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<Code>(values[i] ^ flipped);
  }

  std::uint16_t code_of(double value) const {
    if (std::isnan(value)) return 0;
    const double place = coding_.step > 0 ? (value - coding_.low) / coding_.step : 0;
    return static_cast<std::uint16_t>(1 + std::nearbyint(std::clamp(place, 0.0, kCodes)));
  }

  Extent3 shape_;
  std::size_t level_;
  DType voxels_;
  EmbeddedCoding coding_;
  std::vector<std::byte> codes_;
};

/// Bytes that come in pieces, as base64 without a break.
class Base64Writer {
 public:
  explicit Base64Writer(const std::function<void(std::string_view)>& write) : write_(write) {}

  void add(std::span<const std::byte> bytes) {
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    const std::size_t whole = waiting_.size() / 3 * 3;  // three bytes are four characters
    write_(base64({waiting_.data(), whole}));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(whole));
  }
  void finish() { write_(base64(waiting_)); }

 private:
  const std::function<void(std::string_view)>& write_;
  std::vector<std::byte> waiting_;
};

void write_zlib(std::span<const std::byte> data, Base64Writer& out) {
  DeflateBlocks blocks(DeflateWrapper::zlib, kDeflateLevel);
  out.add(blocks.start());
  for (std::size_t at = 0; at < data.size(); at += kPieceBytes) {
    std::vector<std::byte> piece;
    blocks.compress(data.subspan(at, std::min<std::size_t>(kPieceBytes, data.size() - at)), piece);
    out.add(blocks.add(piece));
  }
  out.add(blocks.end());
  out.finish();
}

LevelPlan last_level(const SlabSource& source, const std::vector<Extent3>& steps) {
  return pyramid_levels(source.meta(), spec_of(source.meta(), steps)).levels.back();
}

/// Of the codes, and of a piece that is compressed and written.
std::int64_t held_bytes(const LevelPlan& level, const EmbeddedCoding& coding) {
  return voxels(level.shape) * size_of(coding.type) + 6 * kPieceBytes;
}

}  // namespace

void write_embedded(const EmbeddedVolume& volume, const std::function<void(std::string_view)>& write) {
  const auto list = [](const Extent3& extent) { return std::array{extent.z, extent.y, extent.x}; };
  JsonObject facts;
  facts.add("shape", list(volume.shape)).add("factor", list(volume.factor));
  facts.add("type", dtype_name(volume.coding.type)).add("low", volume.coding.low);
  facts.add("step", volume.coding.step).add("nan_code", volume.coding.nan_code);
  std::string text = facts.text();
  text.pop_back();  // more follows
  write(text + ", \"data\": \"");
  Base64Writer out(write);
  write_zlib(volume.codes, out);
  write("\"}");
}

EmbeddedCoding embedded_coding(const VolumeMeta& meta, const std::optional<Range>& range) {
  const std::int64_t bytes = size_of(meta.dtype);
  EmbeddedCoding coding;
  if (!is_float(meta.dtype) && bytes <= 2) {
    coding.type = bytes == 1 ? DType::uint8 : DType::uint16;
    if (is_signed(meta.dtype)) coding.low = bytes == 1 ? -0x1p7 : -0x1p15;
    return coding;
  }
  if (meta.kind == Kind::labels && !is_float(meta.dtype)) {
    coding.type = bytes == 4 ? DType::uint32 : meta.dtype;
    if (meta.dtype == DType::int32) coding.low = -0x1p31;
    return coding;
  }
  coding.type = DType::uint16;
  coding.nan_code = true;
  if (range) {
    coding.low = range->low;
    coding.step = (range->high - range->low) / kCodes;
  }
  return coding;
}

std::vector<Extent3> embedding_steps(const VolumeMeta& meta, DType codes, std::int64_t bytes) {
  std::array<std::int64_t, 3> shape{meta.shape.z, meta.shape.y, meta.shape.x};
  Vector3 step = meta.spacing.value_or(Vector3{1, 1, 1});
  std::vector<Extent3> steps;
  const auto size = [&] { return shape[0] * shape[1] * shape[2] * size_of(codes); };
  while (size() > bytes) {
    double smallest = INFINITY;
    for (std::size_t i = 0; i < 3; ++i)
      if (shape[i] > 1) smallest = std::min(smallest, step[i]);
    std::array<std::int64_t, 3> factor{1, 1, 1};
    for (std::size_t i = 0; i < 3; ++i) {
      if (shape[i] == 1 || step[i] >= 2 * smallest) continue;
      factor[i] = 2;
      shape[i] = (shape[i] + 1) / 2;
      step[i] *= 2;
    }
    steps.push_back({factor[0], factor[1], factor[2]});
  }
  return steps;
}

PassPlan plan_embedding(const SlabSource& source, const std::vector<Extent3>& steps,
                        const EmbeddedCoding& coding, const Resources& resources) {
  const std::int64_t held = held_bytes(last_level(source, steps), coding);
  PassPlan plan = plan_pyramid(source, spec_of(source.meta(), steps), held, resources);
  plan.what = "embed";
  return plan;
}

EmbeddedVolume embed_volume(SlabSource& source, const std::vector<Extent3>& steps,
                            const EmbeddedCoding& coding, const Resources& resources) {
  const LevelPlan level = last_level(source, steps);
  CodeSink sink(level.shape, steps.size(), source.meta().dtype, coding);
  run_pyramid(source, spec_of(source.meta(), steps), sink, held_bytes(level, coding), resources);
  return {level.shape, level.factor, coding, sink.take_codes()};
}

}  // namespace vox
