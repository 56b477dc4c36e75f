// What comparisons tell, for people and for programs. Every text ends with a newline.
#pragma once

#include <string>

#include "ops/stats/compare.h"
#include "ops/stats/compare_labels.h"

namespace vox {

std::string comparison_text(const Comparison& found, double tolerance);
/// Keys: equal tolerance voxels differing not_comparable max_abs mean_abs psnr peak first first_a first_b;
/// null where JSON has no number or nothing differs.
std::string comparison_json(const Comparison& found, double tolerance);

std::string comparison_text(const LabelComparison& found);
/// Keys: equal labels_a labels_b first.
std::string comparison_json(const LabelComparison& found);

}  // namespace vox
