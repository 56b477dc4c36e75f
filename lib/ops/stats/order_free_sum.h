// Sums of doubles of any size whose digits do not depend on the order of the terms, in little memory.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "core/kept_state.h"

namespace vox {

/// Splits each term into digits of 24 bits at fixed places and counts each place for itself, in the six
/// highest places that a term has reached: what lies at least 2^-120 below the largest term is dropped, the
/// same whatever comes first. Holds 2^39 terms. (Demmel and Nguyen's reproducible sums do likewise.)
class OrderFreeSum {
 public:
  /// REQUIRES: value is finite.
  void add(double value) {
    if (value == 0) return;
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const std::uint64_t exponent = std::max<std::uint64_t>(bits >> 52 & 0x7ff, 1);
    const std::uint64_t hidden = (bits >> 52 & 0x7ff) == 0 ? 0 : std::uint64_t{1} << 52;
    Wide mantissa = (bits & ((std::uint64_t{1} << 52) - 1)) | hidden;
    const int place = static_cast<int>(exponent) / kBits;
    mantissa <<= static_cast<int>(exponent) % kBits;
    std::array<std::int64_t, kSpan> digits{};
    int highest = 0;
    for (int i = 0; i < kSpan; ++i, mantissa >>= kBits) {
      digits[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(mantissa & kMask);
      if ((mantissa & kMask) != 0) highest = i;
    }
    raise(place + highest);
    for (int i = 0; i <= highest; ++i) {
      const int at = place + i - (top_ - kPlaces + 1);
      if (at < 0) continue;
      const std::int64_t digit = digits[static_cast<std::size_t>(i)];
      places_[static_cast<std::size_t>(at)] += value < 0 ? -digit : digit;
    }
  }

  void add(const OrderFreeSum& other) {
    if (other.top_ < 0) return;
    raise(other.top_);
    for (int i = 0; i < kPlaces; ++i) {
      const int at = i - (top_ - other.top_);
      if (at >= 0) places_[static_cast<std::size_t>(at)] += other.places_[static_cast<std::size_t>(i)];
    }
  }

  void exchange(KeptState& state) {
    state.value(places_);
    state.value(top_);
  }

  double value() const {
    // Carries make all places but the highest small, so that nothing cancels.
    std::array<std::int64_t, kPlaces> places = carried(places_);
    const bool negative = places.back() < 0;
    if (negative) {
      places = places_;
      for (std::int64_t& place : places) place = -place;
      places = carried(places);
    }
    double sum = 0;
    for (int i = 0; i < kPlaces; ++i)
      sum += std::ldexp(static_cast<double>(places[static_cast<std::size_t>(i)]),
                        (top_ - kPlaces + 1 + i) * kBits - kUnit);
    return negative ? -sum : sum;
  }

 private:
  __extension__ typedef unsigned __int128 Wide;
  static constexpr int kBits = 24;
  static constexpr int kPlaces = 6;
  static constexpr int kSpan = 4;     ///< places that one double reaches
  static constexpr int kUnit = 1075;  ///< place 0, bit 0 is 2^-1075
  static constexpr std::int64_t kMask = (1 << kBits) - 1;

  static std::array<std::int64_t, kPlaces> carried(std::array<std::int64_t, kPlaces> places) {
    for (std::size_t i = 0; i + 1 < kPlaces; ++i) {
      places[i + 1] += places[i] >> kBits;
      places[i] &= kMask;
    }
    return places;
  }

  void raise(int top) {
    if (top <= top_) return;
    const int by = top_ < 0 ? kPlaces : std::min(top - top_, kPlaces);
    std::move(places_.begin() + by, places_.end(), places_.begin());
    std::fill(places_.end() - by, places_.end(), 0);
    top_ = top;
  }

  std::array<std::int64_t, kPlaces> places_{};
  int top_ = -1;  ///< the highest place so far; none: -1
};

}  // namespace vox
