// --part: one of N shares of an output, which one process makes and others may make at the same time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/common_options.h"
#include "io/part_record.h"

namespace vox {

struct PartChoice {
  std::int64_t part = 1;  ///< from 1 on
  std::int64_t parts = 1;
};

/// "2/8", or "auto": what the scheduler or launcher says of this process (Slurm arrays, MPI, srun). Throws a
/// usage error for anything else.
PartChoice parse_part(std::string_view text, const Environment& environment);

/// Of `count` planes in layers of `unit`, those of a part: as many layers as the others, give or take one.
Interval planes_of_part(std::int64_t count, std::int64_t unit, const PartChoice& choice);

/// Throws the usage error for what a part of another command or input has left at `path`.
[[noreturn]] void fail_other_part(const std::string& path, const std::string& differs);

class PartTask {
 public:
  /// `command`: without inputs, layout and meta; `inputs`: as the command line names them. Throws a usage
  /// error when parts cannot share `output`.
  PartTask(const PartChoice& choice, PartCommand command, std::vector<std::string> inputs, std::string output,
           const CommonOptions& options);

  /// Why there is nothing to do; none when the part is to be made. Throws a usage error when the output is
  /// there already, or other parts were made by another command (with --redo their records go).
  /// `for_voxels`: a part whose record counts need not be made.
  std::optional<std::string> reason_to_skip(bool for_voxels) const;

  /// Settles the planes, which begin at multiples of `tile` (0: of anything). Throws a usage error when parts
  /// were made of another input.
  void plan(const VolumeMeta& meta, std::int64_t tile, const std::vector<std::string>& inputs);
  /// The same for an output that lies otherwise than its format says.
  void plan(const VolumeMeta& meta, const PartLayout& layout, const std::vector<std::string>& inputs);
  const Interval& planes() const { return planes_; }
  /// So many parts have something to do at most.
  std::int64_t units() const { return units_; }
  /// Joining the parts makes voxels, too.
  bool leaves_voxels() const { return leaves_voxels_; }
  const PartChoice& choice() const { return choice_; }
  const std::string& output() const { return output_; }

  /// The part is going to be written. REQUIRES: planned. Throws when others finished the part or the output
  /// meanwhile.
  void begin() const;
  /// Begins. REQUIRES: some planes.
  std::unique_ptr<PartSink> create_sink() const;
  /// Others made the output of parts of this command, or this part: whatever went wrong here, a copy of this
  /// task has done it.
  bool finished_by_others() const;
  /// The part is complete: its record is written. `pieces`: on disk; none for a part without planes.
  void complete(std::vector<PartPiece> pieces, const std::optional<Range>& range, const Tally& tally);
  /// "out.raw: part 2 of 8 is done, planes 64 to 128".
  std::string done_text() const;

 private:
  bool is_output() const;
  std::string finished_text() const;
  std::string own_record() const { return record_path(output_, choice_.part, choice_.parts); }
  std::optional<std::string> why_own_record_counts() const;
  void refuse_others(const PartCommand& now) const;
  void remove_others() const;

  PartChoice choice_;
  PartCommand command_;
  std::vector<std::string> inputs_;
  std::string output_;
  CreateOptions create_;
  bool redo_;
  bool explain_;
  const SharedFormat& format_;
  Interval planes_;
  std::int64_t units_ = 0;
  bool leaves_voxels_ = false;
  bool completed_ = false;  ///< by this process
};

}  // namespace vox
