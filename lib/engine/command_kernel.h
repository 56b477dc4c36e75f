// Any program as a kernel: it gets a block on its standard input and gives one back on its standard output.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "io/block_wire.h"
#include "ops/kernel.h"

namespace vox {

/// What a user says of the program.
struct BlockCommand {
  std::vector<std::string> words;  ///< its name and its arguments
  BlockFormat format = BlockFormat::npy;
  Extent3 block;  ///< without the halo; at least 1 along each axis
  Extent3 halo;
  DType output = DType::uint8;
};

/// Runs the program once for every block of a grid that begins at the volume's first voxel. It gets the block
/// with `halo` on every side, and gives the same shape back in type `output`, of which the halo is thrown
/// away. Its environment says where the block lies (`block_variables`). Fails when the program does (exit
/// status, signal) or gives anything else back; the end of its standard error stands in the message.
class CommandKernel : public Kernel {
 public:
  /// Gets what a program that did well wrote to standard error (the end of it), from any thread.
  using Listener = std::function<void(const std::string& block, const std::string& text)>;

  /// `input`: the volume. Throws a usage error when there is no such program, or the format has not the
  /// types.
  CommandKernel(const VolumeMeta& input, BlockCommand command, Listener listener = {});

  /// Type `output`, the range unknown; a value map stays when the type does.
  VolumeMeta output_meta(const VolumeMeta& input) const override;
  Extent3 halo() const override { return command_.halo; }
  Extent3 tile() const override { return command_.block; }
  std::int64_t scratch_bytes(const Extent3& block) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;
  void abandon() const override { abandoned_ = true; }

  /// "NAME=value" for the program that works on `box`; "NAME" alone when there is nothing to say.
  std::vector<std::string> block_variables(const Box3& box) const;

 private:
  VolumeMeta with_halo(const Box3& box) const;
  void check() const;
  [[noreturn]] void fail_block(const Box3& box, const std::string& what, const std::string& errors) const;

  VolumeMeta input_;
  BlockCommand command_;
  Listener listener_;
  std::string program_;
  mutable std::atomic<bool> abandoned_{false};
};

/// The size of blocks when nobody said one: 128 x 256 x 256 voxels, in y and x at most half of the volume.
/// Thinner (and wider) when half of `memory` does not hold the planes of one layer of blocks on their way
/// through. Depends on nothing else: not on threads, nor on what source and sink can do.
Extent3 default_block(const VolumeMeta& input, DType output, const Extent3& halo, std::int64_t memory);

}  // namespace vox
