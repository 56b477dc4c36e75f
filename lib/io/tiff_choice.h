// Which channel, time point or level of a file a user wants.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace vox {

/// The part that `option` ("--channel") names, or the only one. Throws a usage error that says how many
/// `what` there are when there are several and none was chosen, or when the chosen one does not exist.
std::int64_t choose_part(const std::string& name, const char* option, const char* what, std::int64_t count,
                         const std::optional<std::int64_t>& chosen);

}  // namespace vox
