// Which files are the slices of a volume, and in what order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vox {

/// Digits compare as numbers: "s_9" comes before "s_10".
bool natural_less(std::string_view a, std::string_view b);

/// The slices of a folder (its .tif and .tiff files that are not hidden), of a glob pattern, or of a list
/// (`@list.txt`: one path a line, taken from the current folder or else from the list's), in natural order.
/// Throws a usage error when there are none, and a damaged-input error that names the file when one is
/// missing in the numbering or does not belong to it.
std::vector<std::string> list_slices(const std::string& input);

/// The check of the numbering alone. `paths` are in natural order; `any_step`: every n-th number is as good
/// as every one (a pattern or list chose them).
void check_numbering(const std::vector<std::string>& paths, bool any_step);

}  // namespace vox
