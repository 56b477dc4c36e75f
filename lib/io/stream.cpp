#include "io/stream.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/numbers.h"
#include "io/byte_order.h"
#include "io/checksum.h"
#include "io/dense_source.h"
#include "io/sidecar.h"

namespace vox {
namespace {

constexpr std::int64_t kLongestHeader = 64 << 20;
constexpr std::int64_t kSkipBytes = 256 << 10;
constexpr std::size_t kLongestReason = 300;

/// What a trailer says.
struct Trailer {
  bool done = false;
  std::string crc32c;
  std::string reason;
};

std::optional<Trailer> parse_trailer(std::span<const std::byte> bytes) {
  if (static_cast<std::int64_t>(bytes.size()) != kStreamTrailerBytes) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with("{\"voxpipe_end\"") || text.back() != '\n') return std::nullopt;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto text_of = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return Trailer{text_of("status") == "done", text_of("crc32c"), text_of("reason")};
}

std::string padded_line(const std::string& text, std::int64_t multiple) {
  const auto with_newline = static_cast<std::int64_t>(text.size()) + 1;
  const std::int64_t total = (with_newline + multiple - 1) / multiple * multiple;
  return text + std::string(static_cast<std::size_t>(total - with_newline), ' ') + "\n";
}

std::string trailer_line(const nlohmann::ordered_json& json) {
  return padded_line(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
                     kStreamTrailerBytes);
}

/// As much of the reason as fits once it is escaped.
std::string failure_line(const std::string& reason) {
  for (std::size_t length = kLongestReason;; length = length * 3 / 4) {
    std::string line =
        trailer_line({{"voxpipe_end", 1}, {"status", "failed"}, {"reason", reason.substr(0, length)}});
    if (static_cast<std::int64_t>(line.size()) == kStreamTrailerBytes) return line;
  }
}

bool begins_with(std::span<const std::byte> bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

[[noreturn]] void fail_upstream(const std::string& name, const Trailer& trailer) {
  throw UpstreamError(name, trailer.reason);
}

std::string read_header_line(ByteSource& bytes) {
  std::string line;
  std::size_t newline = std::string::npos;
  while (newline == std::string::npos) {
    const std::size_t before = line.size();
    if (static_cast<std::int64_t>(before) >= kLongestHeader)
      fail_damaged(bytes.name() + ": the stream's header has no end");
    line.resize(before + kStreamHeaderMultiple);
    const auto got =
        static_cast<std::size_t>(bytes.read(std::as_writable_bytes(std::span(line).subspan(before))));
    if (got < static_cast<std::size_t>(kStreamHeaderMultiple))
      fail_damaged(bytes.name() + ": the stream is cut short in its header, after " +
                   format_count(static_cast<std::int64_t>(before + got)) + " bytes");
    newline = line.find('\n', before);
  }
  if (newline + 1 != line.size())
    fail_damaged(bytes.name() + ": the stream's header must end at a multiple of " +
                 std::to_string(kStreamHeaderMultiple) + " bytes");
  return line;
}

class StreamSource : public SlabSource {
 public:
  explicit StreamSource(ByteSource bytes) : bytes_(std::move(bytes)) {
    SidecarFacts facts = parse_sidecar(read_header_line(bytes_), bytes_.name());
    if (!facts.is_stream || !facts.has_shape || !facts.has_dtype)
      fail_damaged(bytes_.name() +
                   ": is not a voxpipe stream: \"stream\", \"shape\" and \"dtype\" are needed");
    if (facts.big_endian) fail_damaged(bytes_.name() + ": a stream's voxels must be little-endian");
    meta_ = std::move(facts.meta);
    check_meta(meta_, bytes_.name());
    info_ = info_of(bytes_, "stream");
  }

  bool seekable() const override { return false; }

  void read(const Box3& box, std::byte* out) override {
    const std::int64_t begin = (box.begin.z * meta_.shape.y + box.begin.y) * meta_.row_bytes();
    const std::int64_t size = voxels(box.shape()) * size_of(meta_.dtype);
    skip_to(begin);
    take({out, static_cast<std::size_t>(size)});
  }

 private:
  void skip_to(std::int64_t position) {
    if (position < position_) throw std::logic_error("a stream was asked for voxels that have passed");
    std::vector<std::byte> waste;
    while (position_ < position) {
      waste.resize(static_cast<std::size_t>(std::min(kSkipBytes, position - position_)));
      take(waste);
    }
  }

  /// The next voxels; at the last one, checks the stream's end.
  void take(std::span<std::byte> voxels) {
    const std::int64_t got = bytes_.read(voxels);
    remember_tail(voxels.first(static_cast<std::size_t>(got)));
    if (got < static_cast<std::int64_t>(voxels.size())) fail_early(position_ + got);
    position_ += got;
    checksum_.add(voxels);
    if (position_ == meta_.bytes()) check_end();
    if (needs_swap(false)) swap_bytes(voxels, size_of(meta_.dtype));
  }

  void remember_tail(std::span<const std::byte> bytes) {
    constexpr auto kKeep = static_cast<std::size_t>(kStreamTrailerBytes);
    if (bytes.size() > kKeep) bytes = bytes.last(kKeep);
    const std::size_t total = tail_.size() + bytes.size();
    if (total > kKeep) tail_.erase(tail_.begin(), tail_.begin() + static_cast<std::ptrdiff_t>(total - kKeep));
    tail_.insert(tail_.end(), bytes.begin(), bytes.end());
  }

  /// The stream ended before its last voxel: its producer failed and said so, or was cut off.
  [[noreturn]] void fail_early(std::int64_t received) const {
    if (const auto trailer = parse_trailer(tail_); trailer && !trailer->done)
      fail_upstream(bytes_.name(), *trailer);
    fail_damaged(bytes_.name() + ": plane " + std::to_string(received / meta_.plane_bytes()) + ": " +
                 format_count(received) + " of " + format_count(meta_.bytes()) +
                 " bytes of voxels, the stream is cut short");
  }

  void check_end() {
    std::vector<std::byte> end(kStreamTrailerBytes + 1);  // one more, which must not come
    end.resize(static_cast<std::size_t>(bytes_.read(end)));
    if (static_cast<std::int64_t>(end.size()) > kStreamTrailerBytes)
      fail_damaged(bytes_.name() + ": more bytes follow the end of the stream; one volume a pipe");
    // A producer that failed close to the end left a trailer that was partly taken for voxels.
    remember_tail(end);
    const auto trailer = parse_trailer(tail_);
    if (!trailer) fail_damaged(bytes_.name() + ": the stream is cut short: it ends without its trailer");
    if (!trailer->done) fail_upstream(bytes_.name(), *trailer);
    if (trailer->crc32c != checksum_.hex())
      fail_damaged(bytes_.name() + ": the stream is damaged: its CRC-32C is " + checksum_.hex() +
                   ", the trailer says " + trailer->crc32c);
  }

  ByteSource bytes_;
  Crc32c checksum_;
  std::int64_t position_ = 0;    ///< bytes of voxels taken
  std::vector<std::byte> tail_;  ///< the last bytes received: a trailer, if the producer failed
};

class StreamSink : public SlabSink {
 public:
  StreamSink(ByteSink bytes, const VolumeMeta& meta) : bytes_(std::move(bytes)) {
    meta_ = meta;
    const std::string header = padded_line(meta_to_stream_line(meta), kStreamHeaderMultiple);
    bytes_.write(std::as_bytes(std::span(header)));
  }

  ~StreamSink() override {
    if (finished_) return;
    try {
      const std::string line = failure_line(reason_);
      bytes_.write_last_words(std::as_bytes(std::span(line)));
    } catch (const std::exception&) {
      // Nobody reads any more; the missing trailer tells the rest.
    }
  }
  StreamSink(const StreamSink&) = delete;
  StreamSink& operator=(const StreamSink&) = delete;

  bool seekable() const override { return false; }

  void put(const Box3& box, std::span<std::byte> voxels) override {
    static_cast<void>(box);
    if (needs_swap(false)) swap_bytes(voxels, size_of(meta_.dtype));
    checksum_.add(voxels);
    bytes_.write(voxels);
  }

  void finish() override {
    const std::string line =
        trailer_line({{"voxpipe_end", 1}, {"status", "done"}, {"crc32c", checksum_.hex()}});
    bytes_.write(std::as_bytes(std::span(line)));
    finished_ = true;
  }

  void set_failure(const std::string& reason) override { reason_ = reason; }

 private:
  ByteSink bytes_;
  Crc32c checksum_;
  std::string reason_ = "stopped before the end";
  bool finished_ = false;
};

}  // namespace

bool looks_like_stream(std::span<const std::byte> start) { return begins_with(start, "{\"voxpipe\":"); }
bool looks_like_failure(std::span<const std::byte> start) { return begins_with(start, "{\"voxpipe_end\":"); }

void fail_with_trailer(ByteSource bytes) {
  std::vector<std::byte> line(kStreamTrailerBytes);
  line.resize(static_cast<std::size_t>(bytes.read(line)));
  const auto trailer = parse_trailer(line);
  if (!trailer) fail_damaged(bytes.name() + ": the stream is cut short: it has no header");
  fail_upstream(bytes.name(), *trailer);
}

void send_failure(ByteSink bytes, const std::string& reason) {
  const std::string line = failure_line(reason);
  bytes.write_last_words(std::as_bytes(std::span(line)));
}

std::unique_ptr<SlabSource> open_stream(ByteSource bytes) {
  return std::make_unique<StreamSource>(std::move(bytes));
}

std::unique_ptr<SlabSink> create_stream(ByteSink bytes, const VolumeMeta& meta) {
  return std::make_unique<StreamSink>(std::move(bytes), meta);
}

}  // namespace vox
