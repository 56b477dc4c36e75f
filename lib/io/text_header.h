// What formats with a header of text lines share: NRRD and MetaImage.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/meta.h"
#include "io/bytes.h"

namespace vox {

/// Takes the header off `bytes`. `find_end` says where it ends within the text so far (npos: not yet). Gives
/// all that there is when it has no end; throws a damaged-input error when it is longer than headers are.
std::string take_header(ByteSource& bytes, std::size_t (*find_end)(std::string_view text));

/// The lines without their ends, which may be of any system.
std::vector<std::string> header_lines(std::string_view text);

/// Words separated by blanks.
std::vector<std::string> header_words(std::string_view text);

/// As many numbers as there are words; empty when one is none.
std::vector<double> header_numbers(std::string_view text);

/// Quoted and escaped for a message, and no longer than one can read.
std::string header_quote(std::string_view text);

/// The file that holds a header's voxels: a plain name, "./" before it allowed, of a regular file in the
/// header's folder. Throws a usage error for anything that leads elsewhere.
ByteSource open_data_file(const ByteSource& header, std::string_view name);

/// The name of the voxels' file beside a header that is to be written: "scan.raw" for "dir/scan.nhdr".
std::string data_file_name(const std::string& header_path, const std::string& extension);
/// Its path: "dir/scan.raw".
std::string data_file_path(const std::string& header_path, const std::string& extension);

/// Leaves out axes of length 1, the slowest first, while more than 3 are `chosen`. Throws a usage error that
/// names an axis when too many or too few are left.
void choose_axes(const std::vector<std::int64_t>& sizes, std::vector<std::size_t>& chosen,
                 const std::string& where);
/// The shape of the chosen axes, the fastest first; of two the shape of a plane.
Extent3 chosen_shape(const std::vector<std::int64_t>& sizes, const std::vector<std::size_t>& chosen);

/// Three axes, the fastest first, each a vector with X, Y and Z components.
using HeaderAxes = std::array<std::array<double, 3>, 3>;

/// Z, Y, X from X, Y, Z, and back.
Vector3 reversed(const Vector3& vector);
/// A direction from axes of length 1; none when it is the identity or not finite.
std::optional<std::array<double, 9>> direction_of(const HeaderAxes& axes);
/// The vector at right angles to two others.
std::array<double, 3> cross(const std::array<double, 3>& a, const std::array<double, 3>& b);
/// The axes of a direction; of the identity when there is none.
HeaderAxes axes_of(const std::optional<std::array<double, 9>>& direction);
/// True when all are positive and finite.
bool is_spacing(const Vector3& spacing);

}  // namespace vox
