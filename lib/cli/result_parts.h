// Results without voxels (statistics, tables) that several processes make together.
#pragma once

#include <optional>
#include <string>

#include "cli/context.h"
#include "core/params.h"

namespace vox {

/// --part, --merge and --redo of a command whose parts keep what they found for one that merges it.
struct ResultParts {
  std::optional<std::string> part;
  bool merge = false;
  bool redo = false;

  /// `what`: "the table".
  void declare(Params& params, const std::string& what);
  /// Lets passes be shared when the options ask for it. Parts meet under the name of the result, `output`;
  /// without one that is a usage error, as is --redo without --part.
  void begin(const std::string& output, Context& context) const;
  /// The result stands: what parts have kept goes.
  void finish(const std::string& output) const;
};

}  // namespace vox
