// A first pass over a volume that parts share.
#pragma once

#include <string>
#include <vector>

#include "core/kept_state.h"
#include "engine/engine.h"

namespace vox {

/// Each part looks at its own planes and keeps what it found; all take what everyone kept, in order.
class SharedPass {
 public:
  virtual ~SharedPass() = default;
  SharedPass(const SharedPass&) = delete;
  SharedPass& operator=(const SharedPass&) = delete;

  /// Options that leave the output's voxels alone but change what is kept, in words.
  virtual std::vector<std::string> settings() const { return {}; }
  virtual PassPlan plan(const Interval& planes) const = 0;
  /// There may be no planes.
  virtual void look(const Interval& planes) = 0;
  /// Gives what `look` found.
  virtual void keep(KeptState& state) = 0;
  /// Adds what the next part kept. When one is missing none follow, and `look` begins anew.
  virtual void take(KeptState& state) = 0;

 protected:
  SharedPass() = default;
};

}  // namespace vox
