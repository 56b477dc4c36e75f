#include "io/tiff_libtiff.h"

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "core/error.h"

namespace vox {
namespace {

/// A file in memory, and what libtiff had to say.
struct Memory {
  std::vector<std::byte> bytes;
  std::size_t position = 0;
  std::string message;
};

Memory& memory_of(thandle_t handle) { return *static_cast<Memory*>(handle); }

tmsize_t read_memory(thandle_t handle, void* data, tmsize_t size) {
  Memory& memory = memory_of(handle);
  const std::size_t there = memory.bytes.size() - std::min(memory.bytes.size(), memory.position);
  const std::size_t count = std::min(there, static_cast<std::size_t>(size));
  if (count > 0) std::memcpy(data, memory.bytes.data() + memory.position, count);
  memory.position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_memory(thandle_t handle, void* data, tmsize_t size) {
  Memory& memory = memory_of(handle);
  const auto count = static_cast<std::size_t>(size);
  if (memory.position + count > memory.bytes.size()) memory.bytes.resize(memory.position + count);
  std::memcpy(memory.bytes.data() + memory.position, data, count);
  memory.position += count;
  return size;
}

toff_t seek_memory(thandle_t handle, toff_t offset, int whence) {
  Memory& memory = memory_of(handle);
  const std::size_t base = whence == SEEK_SET   ? 0
                           : whence == SEEK_CUR ? memory.position
                                                : memory.bytes.size();
  memory.position = base + static_cast<std::size_t>(offset);
  return memory.position;
}

int close_memory(thandle_t) { return 0; }
toff_t size_of_memory(thandle_t handle) { return memory_of(handle).bytes.size(); }

int keep_message(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  static_cast<Memory*>(user)->message = text.data();
  return 1;
}

int drop_message(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct CleanUp {
  void operator()(TIFF* tiff) const { TIFFCleanup(tiff); }
};
using Handle = std::unique_ptr<TIFF, CleanUp>;

Handle open_memory(Memory& memory, const char* mode) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_message, &memory);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), drop_message, nullptr);
  Handle handle(TIFFClientOpenExt("memory", mode, &memory, read_memory, write_memory, seek_memory,
                                  close_memory, size_of_memory, nullptr, nullptr, options.get()));
  if (!handle) fail("libtiff: " + memory.message);
  return handle;
}

/// One strip of bytes, whatever the voxels are: byte order and predictors are not libtiff's business here.
void describe_strip(TIFF* tiff, const TiffCoding& coding) {
  const bool bilevel = coding.bilevel_pixels > 0;
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH,
               static_cast<std::uint32_t>(bilevel ? coding.bilevel_pixels : coding.row_bytes));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(coding.rows));
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, static_cast<std::uint32_t>(coding.rows));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bilevel ? 1 : 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, static_cast<std::uint16_t>(coding.codec));
  if (coding.codec == TiffCodec::ccitt_t4)
    TIFFSetField(tiff, TIFFTAG_GROUP3OPTIONS, static_cast<std::uint32_t>(coding.t4_options));
}

/// The smallest file that makes libtiff set up its decoder: a directory whose strip is empty.
std::vector<std::byte> make_frame(const TiffCoding& coding) {
  Memory memory;
  const Handle handle = open_memory(memory, "w");
  describe_strip(handle.get(), coding);
  std::byte nothing{};
  if (TIFFWriteRawStrip(handle.get(), 0, &nothing, 1) < 0 || TIFFWriteDirectory(handle.get()) == 0)
    fail("libtiff: " + memory.message);
  return memory.bytes;
}

}  // namespace

struct LibtiffDecoder::State {
  Memory memory;
  Handle handle;
};

LibtiffDecoder::LibtiffDecoder(const TiffCoding& coding) : state_(std::make_unique<State>()) {
  state_->memory.bytes = make_frame(coding);
  state_->handle = open_memory(state_->memory, "r");
}

LibtiffDecoder::~LibtiffDecoder() = default;

const std::string& LibtiffDecoder::reason() const { return state_->memory.message; }

bool LibtiffDecoder::decode(std::span<std::byte> stored, std::span<std::byte> out) {
  return TIFFReadFromUserBuffer(state_->handle.get(), 0, stored.data(), static_cast<tmsize_t>(stored.size()),
                                out.data(), static_cast<tmsize_t>(out.size())) != 0;
}

void libtiff_encode(TiffCodec codec, std::span<std::byte> data, std::int64_t row_bytes,
                    std::vector<std::byte>& out) {
  Memory memory;
  const Handle handle = open_memory(memory, "w");
  describe_strip(handle.get(), {codec, row_bytes, static_cast<std::int64_t>(data.size()) / row_bytes});
  const std::size_t begin = memory.bytes.size();
  if (TIFFWriteEncodedStrip(handle.get(), 0, data.data(), static_cast<tmsize_t>(data.size())) < 0)
    fail("libtiff: " + memory.message);
  out.insert(out.end(), memory.bytes.begin() + static_cast<std::ptrdiff_t>(begin), memory.bytes.end());
}

}  // namespace vox
