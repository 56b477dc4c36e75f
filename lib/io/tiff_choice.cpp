#include "io/tiff_choice.h"

#include "core/error.h"

namespace vox {

std::int64_t choose_part(const std::string& name, const char* option, const char* what, std::int64_t count,
                         const std::optional<std::int64_t>& chosen) {
  const std::string list = count == 1 ? "only 0" : "0 to " + std::to_string(count - 1);
  if (!chosen && count > 1)
    fail_usage(name + ": has " + std::to_string(count) + " " + what + "; choose one with " + option + " (" +
               list + ")");
  const std::int64_t index = chosen.value_or(0);
  if (index < 0 || index >= count)
    fail_usage(std::string(option) + " " + std::to_string(index) + ": " + name + " has " + what + " " + list);
  return index;
}

}  // namespace vox
