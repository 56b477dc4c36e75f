// What one thread leaves to another, said to ThreadSanitizer.
#pragma once

#ifdef __SANITIZE_THREAD__
extern "C" void __tsan_acquire(void*);
extern "C" void __tsan_release(void*);
#endif

namespace vox {

/// TBB brings about that what one thread did can be seen by the next, but Debian's is not instrumented. A
/// thread that takes sees what all who gave had done by then; without ThreadSanitizer nothing happens here.
class HandOver {
 public:
#ifdef __SANITIZE_THREAD__
  void give() { __tsan_release(this); }
  void take() { __tsan_acquire(this); }
#else
  void give() {}
  void take() {}
#endif
};

/// Takes when it begins, gives when it ends; also when an exception ends it.
class Turn {
 public:
  Turn(HandOver& from, HandOver& to) : to_(to) { from.take(); }
  ~Turn() { to_.give(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  HandOver& to_;
};

/// Gives when it begins, takes when it ends: what is in between may be done by others, in turns.
class OthersTurn {
 public:
  OthersTurn(HandOver& to, HandOver& from) : from_(from) { to.give(); }
  ~OthersTurn() { from_.take(); }
  OthersTurn(const OthersTurn&) = delete;
  OthersTurn& operator=(const OthersTurn&) = delete;

 private:
  HandOver& from_;
};

}  // namespace vox
