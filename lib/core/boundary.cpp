#include "core/boundary.h"

#include <algorithm>
#include <string>

#include "core/error.h"
#include "core/exact_number.h"
#include "core/params.h"

namespace vox {

std::int64_t boundary_index(std::int64_t index, std::int64_t size, BoundaryMode mode) {
  if (index >= 0 && index < size) return index;
  const auto modulo = [](std::int64_t a, std::int64_t n) { return (a % n + n) % n; };
  switch (mode) {
    case BoundaryMode::nearest:
      return std::clamp<std::int64_t>(index, 0, size - 1);
    case BoundaryMode::reflect: {
      const std::int64_t folded = modulo(index, 2 * size);
      return folded < size ? folded : 2 * size - 1 - folded;
    }
    case BoundaryMode::mirror: {
      if (size == 1) return 0;
      const std::int64_t folded = modulo(index, 2 * size - 2);
      return folded < size ? folded : 2 * size - 2 - folded;
    }
    case BoundaryMode::constant:
      return -1;
    case BoundaryMode::wrap:
      return modulo(index, size);
  }
  return -1;
}

void parse_value(std::string_view text, BoundaryMode& mode) {
  constexpr std::string_view kNames[] = {"nearest", "reflect", "mirror", "constant", "wrap"};
  const auto* found = std::find(std::begin(kNames), std::end(kNames), text);
  if (found == std::end(kNames))
    fail_usage("unknown boundary '" + std::string(text) +
               "'; known: nearest, reflect, mirror, constant, wrap");
  mode = static_cast<BoundaryMode>(found - std::begin(kNames));
}

void declare_boundary(Params& params, Boundary& boundary) {
  params
      .value("boundary", 0, "RULE", "what lies outside of the volume, as scipy.ndimage names it",
             boundary.mode)
      .one_of({"nearest", "reflect", "mirror", "constant", "wrap"})
      .default_is("nearest");
  params
      .option("cval", 0, "V", "value outside with --boundary constant",
              [&boundary](std::string_view text) { boundary.value = parse_exact(text); })
      .default_is("0");
}

}  // namespace vox
