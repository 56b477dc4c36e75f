#include "core/kept_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "core/error.h"

namespace vox {
namespace {

struct Members {
  double number = 0;
  std::vector<std::int64_t> counts = std::vector<std::int64_t>(5);
  std::vector<std::uint32_t> narrow = std::vector<std::uint32_t>(300);
  std::vector<float> list = {};

  void exchange(KeptState& state) {
    state.value(number);
    state.counts(counts);
    state.counts(narrow);
    state.list(list);
  }
  bool operator==(const Members&) const = default;
};

Members some() {
  Members members;
  members.number = -0.1;
  members.counts = {0, 1, 127, 128, std::numeric_limits<std::int64_t>::max()};
  members.narrow[17] = 4'000'000'000u;
  members.narrow.back() = 1;
  members.list = {1.5F, -2};
  return members;
}

std::vector<std::byte> kept(Members members) {
  KeptState state;
  members.exchange(state);
  return state.bytes();
}

TEST(KeptState, GivesBackWhatItWasGiven) {
  for (const Members& members : {Members{}, some()}) {
    KeptState state(kept(members));
    Members read;
    read.exchange(state);
    state.check_end();
    EXPECT_TRUE(members == read);
  }
  EXPECT_LT(kept(Members{}).size(), 50u);  // zeros take no place
}

TEST(KeptState, OtherBytesAreRefused) {
  const std::vector<std::byte> whole = kept(some());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    KeptState state({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    Members read;
    EXPECT_THROW(read.exchange(state), Error) << size;
  }
  std::vector<std::byte> longer = whole;
  longer.push_back(std::byte{0});
  KeptState state(longer);
  Members read;
  read.exchange(state);
  EXPECT_THROW(state.check_end(), Error);
  KeptState other(whole);
  Members fewer;
  fewer.counts.pop_back();
  EXPECT_THROW(fewer.exchange(other), Error);
}

TEST(KeptState, RandomBytesDoNoHarm) {
  std::vector<std::byte> bytes = kept(some());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const std::byte value : {std::byte{0}, std::byte{0x7f}, std::byte{0xff}}) {
      std::vector<std::byte> changed = bytes;
      changed[i] = value;
      KeptState state(changed);
      Members read;
      try {
        read.exchange(state);
      } catch (const Error& error) {
        EXPECT_EQ(ErrorKind::damaged, error.kind());
      }
      EXPECT_EQ(5u, read.counts.size());
    }
}

}  // namespace
}  // namespace vox
