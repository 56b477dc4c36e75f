#include "io/nifti_space.h"

#include <cmath>
#include <optional>

#include "core/units.h"

namespace vox {
namespace {

constexpr double kRounding = 1e-6;  // of 32-bit floats, and of what is computed from them
constexpr double kRightAngle = 1e-4;
constexpr std::array<double, 3> kSigns = {-1, -1, 1};  // right to left, anterior to posterior
constexpr std::int64_t kScanner = 1;                   // coordinates are the scanner's

using Matrix3 = std::array<std::array<double, 3>, 3>;

double column_length(const NiftiAffine& affine, std::size_t column) {
  return std::sqrt(affine[0][column] * affine[0][column] + affine[1][column] * affine[1][column] +
                   affine[2][column] * affine[2][column]);
}

template <class Rows>
double determinant(const Rows& m) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

bool usable(const NiftiAffine& affine) {
  for (const auto& row : affine)
    for (const double value : row)
      if (!std::isfinite(value)) return false;
  const double volume = column_length(affine, 0) * column_length(affine, 1) * column_length(affine, 2);
  return volume > 0 && std::isfinite(volume) && std::abs(determinant(affine)) > kRounding * volume;
}

Matrix3 rotation_of(std::array<double, 3> q) {
  double& b = q[0];
  double& c = q[1];
  double& d = q[2];
  double a = 1 - (b * b + c * c + d * d);
  if (a < 1e-7) {  // half a turn: rounding may have made it a little more
    const double length = std::sqrt(b * b + c * c + d * d);
    b /= length, c /= length, d /= length;
    a = 0;
  } else {
    a = std::sqrt(a);
  }
  return {{{a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)},
           {2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)},
           {2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b}}};
}

std::array<double, 3> quaternion_of(const Matrix3& r) {
  const double trace = r[0][0] + r[1][1] + r[2][2];
  const std::array<double, 3> across = {r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]};
  if (trace + 1 > 0.5) {
    const double a = 0.5 * std::sqrt(trace + 1);
    return {across[0] / (4 * a), across[1] / (4 * a), across[2] / (4 * a)};
  }
  // About half a turn: by the largest component.
  std::size_t i = r[1][1] > r[0][0] ? 1 : 0;
  if (r[2][2] > r[i][i]) i = 2;
  const std::size_t j = (i + 1) % 3;
  const std::size_t k = (i + 2) % 3;
  std::array<double, 3> q{};
  q[i] = 0.5 * std::sqrt(1 + r[i][i] - r[j][j] - r[k][k]);
  q[j] = (r[i][j] + r[j][i]) / (4 * q[i]);
  q[k] = (r[i][k] + r[k][i]) / (4 * q[i]);
  if (across[i] < 0) q = {-q[0], -q[1], -q[2]};  // the scalar part is positive by convention
  return q;
}

NiftiAffine qform_of(const NiftiHeader& header) {
  const Matrix3 rotation = rotation_of(header.quatern);
  NiftiAffine affine{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      const double step = header.pixdim[column + 1] > 0 ? header.pixdim[column + 1] : 1;
      const bool mirrored = column == 2 && header.pixdim[0] < 0;
      affine[row][column] = rotation[row][column] * (mirrored ? -step : step);
    }
    affine[row][3] = header.qoffset[row];
  }
  return affine;
}

std::optional<NiftiAffine> affine_of(const NiftiHeader& header) {
  if (header.sform_code > 0 && usable(header.srow)) return header.srow;
  if (header.qform_code <= 0) return {};
  const NiftiAffine affine = qform_of(header);
  if (usable(affine)) return affine;
  return {};
}

void apply_affine(const NiftiHeader& header, const NiftiAffine& affine, VolumeMeta& meta) {
  Vector3 spacing{};
  Vector3 origin{};
  std::array<double, 9> direction{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double length = column_length(affine, axis);
    const double said = std::abs(header.pixdim[axis + 1]);
    // The voxel size has fewer roundings behind it.
    spacing[2 - axis] = std::abs(length - said) <= kRounding * length ? said : length;
    // Minus zero would be printed as such.
    origin[2 - axis] = kSigns[axis] * affine[axis][3] + 0.0;
    for (std::size_t row = 0; row < 3; ++row)
      direction[(2 - row) * 3 + 2 - axis] = kSigns[row] * affine[row][axis] / length + 0.0;
  }
  meta.spacing = spacing;
  meta.origin = origin;
  meta.direction = direction;
}

void apply_sizes(const NiftiHeader& header, VolumeMeta& meta) {
  const Vector3 sizes = {std::abs(header.pixdim[3]), std::abs(header.pixdim[2]), std::abs(header.pixdim[1])};
  for (const double size : sizes)
    if (!(size > 0) || !std::isfinite(size)) return;
  if (!meta.unit && sizes == Vector3{1, 1, 1}) return;
  meta.spacing = sizes;
}

/// The unit that is written, and how many of it one of the volume's units is.
double set_unit(const VolumeMeta& meta, NiftiHeader& header) {
  const double metres = meta.unit ? unit_in_metres(*meta.unit) : 0;
  if (metres == 0) return 1;
  header.xyzt_units = metres >= 1 ? kNiftiMetre : metres >= 1e-3 ? kNiftiMillimetre : kNiftiMicrometre;
  const char* written = metres >= 1 ? "meter" : metres >= 1e-3 ? "millimeter" : "micrometer";
  return metres / unit_in_metres(written);
}

bool at_right_angles(const Matrix3& axes) {
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = i; k < 3; ++k) {
      const double product = axes[0][i] * axes[0][k] + axes[1][i] * axes[1][k] + axes[2][i] * axes[2][k];
      if (std::abs(product - (i == k ? 1 : 0)) > kRightAngle) return false;
    }
  return true;
}

void set_qform(Matrix3 axes, NiftiHeader& header) {
  header.pixdim[0] = determinant(axes) < 0 ? -1 : 1;
  if (!at_right_angles(axes)) return;
  for (auto& row : axes) row[2] *= header.pixdim[0];
  header.quatern = quaternion_of(axes);
  for (std::size_t row = 0; row < 3; ++row) header.qoffset[row] = header.srow[row][3];
  header.qform_code = kScanner;
}

}  // namespace

void apply_nifti_space(const NiftiHeader& header, VolumeMeta& meta) {
  constexpr std::int64_t kSpaceUnits = 7;
  const std::int64_t unit = header.xyzt_units & kSpaceUnits;
  if (unit == kNiftiMetre) meta.unit = "meter";
  if (unit == kNiftiMillimetre) meta.unit = "millimeter";
  if (unit == kNiftiMicrometre) meta.unit = "micrometer";
  meta.direction = kIdentityDirection;
  if (const auto affine = affine_of(header))
    apply_affine(header, *affine, meta);
  else
    apply_sizes(header, meta);
}

void set_nifti_space(const VolumeMeta& meta, NiftiHeader& header) {
  const bool placed = meta.spacing || meta.origin || meta.direction;
  const double factor = placed ? set_unit(meta, header) : 1;  // a unit alone would make the voxels 1 long
  const Vector3 spacing = meta.spacing.value_or(Vector3{1, 1, 1});
  const Vector3 origin = meta.origin.value_or(Vector3{0, 0, 0});
  const std::array<double, 9> direction = meta.direction.value_or(kIdentityDirection);
  Matrix3 axes{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    header.pixdim[axis + 1] = spacing[2 - axis] * factor;
    for (std::size_t row = 0; row < 3; ++row) {
      axes[row][axis] = kSigns[row] * direction[(2 - row) * 3 + 2 - axis] + 0.0;
      header.srow[row][axis] = axes[row][axis] * header.pixdim[axis + 1];
    }
    header.srow[axis][3] = kSigns[axis] * origin[2 - axis] * factor + 0.0;
  }
  header.pixdim[0] = 1;
  if (!placed) return;
  header.sform_code = kScanner;
  set_qform(axes, header);
}

}  // namespace vox
