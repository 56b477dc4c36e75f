#include "ops/filter/ordinals.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <type_traits>
#include <utility>

#include "ops/scratch.h"

namespace vox {
namespace {

#include "ops/filter/order_key-inl.h"

constexpr std::uint16_t kNanOrdinal = 0xffff;
constexpr int kDigitBits = 11;
constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;

template <class Key>
struct Item {
  Key key;
  std::uint32_t place;
};

/// Stable, least significant digits first; gives the one of the two arrays that holds the result.
template <class Key>
Item<Key>* radix_sort(Item<Key>* items, Item<Key>* other, std::int64_t count) {
  std::array<std::uint32_t, kDigits> starts;
  for (int shift = 0; shift < 8 * static_cast<int>(sizeof(Key)); shift += kDigitBits) {
    const auto digit = [shift](const Item<Key>& item) {
      return static_cast<std::size_t>(item.key >> shift) & (kDigits - 1);
    };
    starts.fill(0);
    for (std::int64_t i = 0; i < count; ++i) ++starts[digit(items[i])];
    std::uint32_t sum = 0;
    for (std::uint32_t& start : starts) sum += std::exchange(start, sum);
    for (std::int64_t i = 0; i < count; ++i) other[starts[digit(items[i])]++] = items[i];
    std::swap(items, other);
  }
  return items;
}

template <class T>
const std::byte* number_voxels(const ConstBlock& in, std::uint16_t* codes, std::byte* scratch) {
  using Keys = OrderKey<T, true>;
  using Key = std::make_unsigned_t<typename Keys::Key>;
  constexpr Key kSign = std::is_unsigned_v<typename Keys::Key> ? 0 : Key{1} << (8 * sizeof(Key) - 1);
  const Extent3 size = in.shape();
  const std::int64_t count = voxels(size);
  auto* items = reinterpret_cast<Item<Key>*>(scratch);
  auto* other = items + count;
  auto* table = reinterpret_cast<T*>(other + count);
  std::int64_t next = 0;
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; ++x, ++next)
        items[next] = {static_cast<Key>(
                           static_cast<Key>(Keys::load(reinterpret_cast<const T*>(in.row(z, y))[x])) ^ kSign),
                       static_cast<std::uint32_t>(next)};
  items = radix_sort(items, other, count);
  std::int64_t number = -1;
  for (std::int64_t i = 0; i < count; ++i) {
    if (i == 0 || items[i].key != items[i - 1].key)
      table[++number] = Keys::store(static_cast<typename Keys::Key>(items[i].key ^ kSign));
    codes[items[i].place] = static_cast<std::uint16_t>(number);
    if constexpr (is_float_type<T>)
      if (items[i].key == static_cast<Key>(static_cast<Key>(Keys::kNanKey) ^ kSign))
        codes[items[i].place] = kNanOrdinal;
  }
  return reinterpret_cast<const std::byte*>(table);
}

template <class T>
constexpr bool kNumbered = sizeof(T) > 2;

}  // namespace

std::int64_t ordinals_scratch(std::int64_t count) {
  return scratch_row_bytes(count, 2 * sizeof(Item<std::uint64_t>) + sizeof(std::uint64_t));
}

const std::byte* ordinals(const ConstBlock& in, std::uint16_t* codes, std::byte* scratch) {
  return visit_dtype(in.dtype, [&]<class T>(Type<T>) -> const std::byte* {
    if constexpr (kNumbered<T>)
      return number_voxels<T>(in, codes, scratch);
    else
      return nullptr;
  });
}

void from_ordinals(const std::uint16_t* codes, std::int64_t count, const std::byte* table, DType dtype,
                   std::byte* out) {
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    if constexpr (kNumbered<T>) {
      const auto* values = reinterpret_cast<const T*>(table);
      auto* target = reinterpret_cast<T*>(out);
      for (std::int64_t i = 0; i < count; ++i) {
        if (is_float_type<T> && codes[i] == kNanOrdinal)
          target[i] = std::numeric_limits<T>::quiet_NaN();
        else
          target[i] = values[codes[i]];
      }
    }
  });
}

}  // namespace vox
