#include "cli/result_parts.h"

#include "core/error.h"
#include "io/part_survey.h"

namespace vox {

void ResultParts::declare(Params& params, const std::string& what) {
  params.value("part", 0, "K/N", "look at this one of N shares, and keep what was found for --merge", part)
      .not_with({"merge"})
      .execution_only();
  params.flag("merge", 0, "make " + what + " of what all parts have kept", merge).execution_only();
  params.flag("redo", 0, "with --part: make it again, also when it is done", redo).execution_only();
}

void ResultParts::begin(const std::string& output, Context& context) const {
  if (redo && !part) fail_usage("--redo makes a part again: name it with --part K/N");
  if (!part && !merge) return;
  if (output.empty()) fail_usage("--part and --merge meet under the name of the result: give --output FILE");
  context.share_passes(output, part.value_or(""), redo);
}

void ResultParts::finish(const std::string& output) const {
  if (merge) remove_parts(output);
}

}  // namespace vox
