// The end of an output that parts made.
#pragma once

#include <string>

#include "cli/context.h"
#include "io/part_survey.h"

namespace vox {

/// Makes an output of its parts (`join_parts`) and removes them; of a pyramid it first makes the levels that
/// they left, with the context's resources, and it enters labels in the list of their image. With --explain
/// the pass is only noted. REQUIRES: the survey is complete. Safe to be killed and called again.
void finish_parts(const std::string& output, const PartSurvey& survey, bool force, Context& context);

/// What is left to do of an output that is there already: an earlier call was stopped at its very end.
void tidy_parts(const std::string& output);

}  // namespace vox
