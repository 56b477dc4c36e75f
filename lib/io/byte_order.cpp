#include "io/byte_order.h"

#include <bit>
#include <cstring>

namespace vox {
namespace {

template <class Word, class Swap>
void swap_words(std::span<std::byte> bytes, Swap swap) {
  for (std::size_t i = 0; i + sizeof(Word) <= bytes.size(); i += sizeof(Word)) {
    Word word;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    word = swap(word);
    std::memcpy(bytes.data() + i, &word, sizeof word);
  }
}

}  // namespace

void swap_bytes(std::span<std::byte> bytes, std::int64_t size) {
  if (size == 2) swap_words<std::uint16_t>(bytes, [](std::uint16_t w) { return __builtin_bswap16(w); });
  if (size == 4) swap_words<std::uint32_t>(bytes, [](std::uint32_t w) { return __builtin_bswap32(w); });
  if (size == 8) swap_words<std::uint64_t>(bytes, [](std::uint64_t w) { return __builtin_bswap64(w); });
}

bool needs_swap(bool big_endian) { return big_endian != (std::endian::native == std::endian::big); }

}  // namespace vox
