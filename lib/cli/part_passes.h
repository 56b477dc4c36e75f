// --pass: the first passes of a command, shared by its parts. Each looks at its own planes and keeps what it
// found; all take what everyone found, in the order of parts, so that digits do not depend on their number.
#pragma once

#include <string>
#include <vector>

#include "cli/common_options.h"
#include "cli/part_task.h"
#include "engine/shared_pass.h"
#include "io/part_record.h"

namespace vox {

/// Thrown when a part has done its share and the next step is for a later process: the run ends well.
struct PassEnd {
  std::string line;  ///< to be said; may be empty
};

class PartPasses {
 public:
  /// `command`: without inputs, layout and meta.
  PartPasses(const PartChoice& choice, PassRole role, PartCommand command, std::string output, bool redo);

  PassRole role() const { return role_; }
  const PartChoice& choice() const { return choice_; }
  [[noreturn]] static void refuse();
  static bool can_keep(const Reducer& reducer);

  /// The next pass of the command, over a volume of this meta in layers of `unit` planes. True: `pass` has
  /// what all parts found. False: this part is to look at its planes, then to call `keep`. Throws a usage
  /// error for what parts of another command or input have kept (with --redo that goes), an error when this
  /// run needs what is missing, and PassEnd when only other parts have to do something.
  bool take(const VolumeMeta& meta, std::int64_t unit, const std::vector<std::string>& inputs,
            SharedPass& pass);
  /// Keeps what this part found.
  void keep(SharedPass& pass) const;
  /// Ends a run that makes no voxels: all passes were taken.
  [[noreturn]] void end() const;

 private:
  bool look_at_kept() const;
  std::vector<std::int64_t> take_kept(SharedPass& pass) const;
  void refuse_other_counts() const;
  std::string pass_words() const;

  PartChoice choice_;
  PassRole role_;
  PartCommand command_;
  PartCommand looked_at_;  ///< the same, of the pass
  std::string output_;
  bool redo_;
  std::int64_t round_ = 0;
};

/// The number of parts whose passes are kept for an output; 0 when there are none.
std::int64_t parts_that_kept(const std::string& output);

}  // namespace vox
