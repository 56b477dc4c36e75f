// A codec alone on all cores, with nothing around it: what no store that uses it can be faster than.
//   chunk_codec compress zstd|blosc LEVEL BYTES CHUNKS         codes each BYTES of the file and forgets them
//   chunk_codec pack     zstd|blosc LEVEL BYTES CHUNKS PACKED  keeps them, each behind its size
//   chunk_codec expand   zstd|blosc LEVEL BYTES PACKED         decodes them and forgets them
// VOXPIPE_THREADS says how many cores.
#include <blosc.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using Bytes = std::span<const char>;

struct Codec {
  bool blosc;
  int level;

  std::size_t compress(ZSTD_CCtx* context, Bytes in, std::vector<char>& out) const {
    out.resize(ZSTD_compressBound(in.size()) + BLOSC_MAX_OVERHEAD);
    if (!blosc) return ZSTD_compressCCtx(context, out.data(), out.size(), in.data(), in.size(), level);
    return static_cast<std::size_t>(blosc_compress_ctx(level, BLOSC_BITSHUFFLE, 2, in.size(), in.data(),
                                                       out.data(), out.size(), "zstd", 0, 1));
  }
  void expand(ZSTD_DCtx* context, Bytes in, std::vector<char>& out) const {
    const bool done =
        blosc ? blosc_decompress_ctx(in.data(), out.data(), out.size(), 1) > 0
              : !ZSTD_isError(ZSTD_decompressDCtx(context, out.data(), out.size(), in.data(), in.size()));
    if (!done) throw std::runtime_error("cannot be decoded");
  }
};

Bytes mapped(const char* path) {
  const int file = ::open(path, O_RDONLY);
  struct stat status {};
  if (file < 0 || ::fstat(file, &status) != 0)
    throw std::runtime_error(std::string(path) + ": cannot be read");
  const auto size = static_cast<std::size_t>(status.st_size);
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
  if (memory == MAP_FAILED) throw std::runtime_error(std::string(path) + ": cannot be mapped");
  return {static_cast<const char*>(memory), size};
}

std::vector<Bytes> pieces(Bytes file, std::size_t size) {
  std::vector<Bytes> result;
  for (std::size_t at = 0; at + size <= file.size(); at += size) result.push_back(file.subspan(at, size));
  return result;
}

std::vector<Bytes> packed(Bytes file) {
  std::vector<Bytes> result;
  for (std::size_t at = 0; at < file.size();) {
    std::uint64_t size = 0;
    std::memcpy(&size, file.data() + at, sizeof size);
    result.push_back(file.subspan(at + sizeof size, size));
    at += sizeof size + size;
  }
  return result;
}

/// Calls `make()` once a thread, and what that gives for every piece.
template <class Make>
void on_all_cores(const std::vector<Bytes>& pieces, Make make) {
  const char* wanted = std::getenv("VOXPIPE_THREADS");
  const int threads =
      wanted != nullptr ? std::atoi(wanted) : static_cast<int>(std::thread::hardware_concurrency());
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i)
    running.emplace_back([&] {
      auto work = make();
      for (std::size_t piece = next++; piece < pieces.size(); piece = next++) work(pieces[piece]);
    });
}

void run(const std::vector<std::string>& words) {
  const Codec codec{words.at(1) == "blosc", std::stoi(words.at(2))};
  const std::size_t size = std::stoul(words.at(3));
  const Bytes file = mapped(words.at(4).c_str());
  if (words.at(0) == "expand")
    return on_all_cores(packed(file), [&] {
      const std::shared_ptr<ZSTD_DCtx> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
      return [&codec, context, out = std::vector<char>(size)](Bytes in) mutable {
        codec.expand(context.get(), in, out);
      };
    });
  if (words.at(0) == "compress")
    return on_all_cores(pieces(file, size), [&] {
      const std::shared_ptr<ZSTD_CCtx> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
      return [&codec, context, out = std::vector<char>()](Bytes in) mutable {
        codec.compress(context.get(), in, out);
      };
    });
  std::ofstream to(words.at(5), std::ios::binary);
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  std::vector<char> out;
  for (const Bytes piece : pieces(file, size)) {
    const std::uint64_t got = codec.compress(context.get(), piece, out);
    to.write(reinterpret_cast<const char*>(&got), sizeof got)
        .write(out.data(), static_cast<std::streamsize>(got));
  }
}

}  // namespace

int main(int argc, char** argv) try { run({argv + 1, argv + argc}); } catch (const std::exception& error) {
  std::cerr << "chunk_codec: " << error.what() << '\n';
  return 1;
}
