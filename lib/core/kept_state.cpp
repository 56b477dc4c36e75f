#include "core/kept_state.h"

#include "core/error.h"

namespace vox {
namespace {

[[noreturn]] void fail_state() { fail_damaged("the state of a pass is not what was kept"); }

constexpr std::uint64_t kDigit = 128;

}  // namespace

void KeptState::pass(std::span<std::byte> member) {
  if (!loading_) {
    bytes_.insert(bytes_.end(), member.begin(), member.end());
    return;
  }
  if (member.size() > bytes_.size() - read_) fail_state();
  if (!member.empty()) std::memcpy(member.data(), bytes_.data() + read_, member.size());
  read_ += member.size();
}

void KeptState::check_size(std::int64_t size) {
  std::int64_t kept = size;
  value(kept);
  if (kept != size) fail_state();
}

std::int64_t KeptState::passed_size(std::int64_t size, std::int64_t element) {
  value(size);
  if (size < 0 || (loading_ && size > static_cast<std::int64_t>(bytes_.size() - read_) / element))
    fail_state();
  return size;
}

/// Seven bits in a byte, the lowest first; the eighth says that there are more.
std::uint64_t KeptState::passed_count(std::uint64_t count) {
  if (!loading_) {
    std::uint64_t rest = count;
    for (; rest >= kDigit; rest /= kDigit) bytes_.push_back(static_cast<std::byte>(rest % kDigit + kDigit));
    bytes_.push_back(static_cast<std::byte>(rest));
    return count;
  }
  count = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    std::uint8_t digit = 0;
    value(digit);
    count |= (digit % kDigit) << shift;
    if (digit < kDigit) return count;
  }
  fail_state();
}

std::size_t KeptState::passed_zeros(std::size_t zeros, std::size_t most) {
  const std::uint64_t passed = passed_count(zeros);
  if (passed > most) fail_state();
  return passed;
}

void KeptState::check_end() const {
  if (read_ != bytes_.size()) fail_state();
}

}  // namespace vox
