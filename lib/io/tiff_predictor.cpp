#include "io/tiff_predictor.h"

#include <bit>
#include <cstring>
#include <type_traits>

#include "io/byte_order.h"

namespace vox {
namespace {

// Differences wrap around, so signed and floating types are treated as the unsigned integer of their size.
template <std::size_t Size>
struct WordOf;
template <>
struct WordOf<1> {
  using type = std::uint8_t;
};
template <>
struct WordOf<2> {
  using type = std::uint16_t;
};
template <>
struct WordOf<4> {
  using type = std::uint32_t;
};
template <>
struct WordOf<8> {
  using type = std::uint64_t;
};

template <class Word>
Word load(const std::byte* row, std::int64_t index) {
  Word word;
  std::memcpy(&word, row + index * static_cast<std::int64_t>(sizeof(Word)), sizeof word);
  return word;
}

template <class Word>
void store(std::byte* row, std::int64_t index, Word word) {
  std::memcpy(row + index * static_cast<std::int64_t>(sizeof(Word)), &word, sizeof word);
}

template <class Word>
void sum_row(std::byte* row, std::int64_t count, std::int64_t step) {
  if (step == 1) {
    Word sum = 0;
    for (std::int64_t i = 0; i < count; ++i) store(row, i, sum = static_cast<Word>(sum + load<Word>(row, i)));
    return;
  }
  for (std::int64_t i = step; i < count; ++i)
    store(row, i, static_cast<Word>(load<Word>(row, i) + load<Word>(row, i - step)));
}

template <class Word>
void difference_row(std::byte* row, std::int64_t count, std::int64_t step) {
  for (std::int64_t i = count - 1; i >= step; --i)
    store(row, i, static_cast<Word>(load<Word>(row, i) - load<Word>(row, i - step)));
}

/// Byte planes, most significant first, become values of this machine's order.
template <class Word>
void join_bytes(const std::byte* planes, std::byte* row, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    Word word = 0;
    for (std::size_t plane = 0; plane < sizeof(Word); ++plane)
      word = static_cast<Word>(word << 8 % (8 * sizeof(Word)) |
                               std::to_integer<Word>(planes[static_cast<std::int64_t>(plane) * count + i]));
    store(row, i, word);
  }
}

template <class Word>
void split_bytes(const std::byte* row, std::byte* planes, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const Word word = load<Word>(row, i);
    for (std::size_t plane = 0; plane < sizeof(Word); ++plane)
      planes[static_cast<std::int64_t>(plane) * count + i] =
          static_cast<std::byte>(word >> 8 * (sizeof(Word) - 1 - plane) & 0xffu);
  }
}

template <class Word>
void undo_floating_point(std::byte* row, const PredictorRows& rows, std::span<std::byte> scratch) {
  const auto bytes = rows.row_values * static_cast<std::int64_t>(sizeof(Word));
  sum_row<std::uint8_t>(row, bytes, rows.step);
  std::memcpy(scratch.data(), row, static_cast<std::size_t>(bytes));
  join_bytes<Word>(scratch.data(), row, rows.row_values);
}

template <class Word>
void apply_floating_point(std::byte* row, const PredictorRows& rows, std::span<std::byte> scratch) {
  const auto bytes = rows.row_values * static_cast<std::int64_t>(sizeof(Word));
  split_bytes<Word>(row, scratch.data(), rows.row_values);
  std::memcpy(row, scratch.data(), static_cast<std::size_t>(bytes));
  difference_row<std::uint8_t>(row, bytes, rows.step);
}

/// Calls `process(Type<Word>{}, row)` for each row of `data`.
template <class Process>
void for_each_row(const PredictorRows& rows, std::span<std::byte> data, Process&& process) {
  visit_dtype(rows.dtype, [&](auto type) {
    using Word = typename WordOf<sizeof(typename decltype(type)::type)>::type;
    const auto row_bytes = static_cast<std::size_t>(rows.row_values) * sizeof(Word);
    for (std::size_t at = 0; at + row_bytes <= data.size(); at += row_bytes)
      process(Type<Word>{}, data.data() + at);
  });
}

}  // namespace

void undo_predictor(TiffPredictor predictor, const PredictorRows& rows, bool swapped,
                    std::span<std::byte> data, std::span<std::byte> scratch_row) {
  if (swapped && predictor != TiffPredictor::floating_point) swap_bytes(data, size_of(rows.dtype));
  if (predictor == TiffPredictor::none) return;
  for_each_row(rows, data, [&](auto type, std::byte* row) {
    using Word = typename decltype(type)::type;
    if (predictor == TiffPredictor::horizontal)
      sum_row<Word>(row, rows.row_values, rows.step);
    else
      undo_floating_point<Word>(row, rows, scratch_row);
  });
}

void apply_predictor(TiffPredictor predictor, const PredictorRows& rows, std::span<std::byte> data,
                     std::span<std::byte> scratch_row) {
  if (predictor != TiffPredictor::none) {
    for_each_row(rows, data, [&](auto type, std::byte* row) {
      using Word = typename decltype(type)::type;
      if (predictor == TiffPredictor::horizontal)
        difference_row<Word>(row, rows.row_values, rows.step);
      else
        apply_floating_point<Word>(row, rows, scratch_row);
    });
  }
  if (needs_swap(false) && predictor != TiffPredictor::floating_point) swap_bytes(data, size_of(rows.dtype));
}

}  // namespace vox
