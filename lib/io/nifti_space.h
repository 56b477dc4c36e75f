// Where a NIfTI volume lies: its two transforms and its units, and ours.
#pragma once

#include "core/meta.h"
#include "io/nifti_header.h"

namespace vox {

/// Sets spacing, unit, origin and direction: from the sform where there is one, else from the qform, else
/// from the voxel sizes alone. Sizes of 1 without a unit and a transform are not known. NIfTI's axes point to
/// the right and to the front, ours to the left and to the back. The identity is spelled out in `direction`.
void apply_nifti_space(const NiftiHeader& header, VolumeMeta& meta);

/// The opposite: sform and qform, the latter only for axes at right angles, which is all it can say. Units
/// that NIfTI has not are scaled to micrometre, millimetre or metre.
void set_nifti_space(const VolumeMeta& meta, NiftiHeader& header);

}  // namespace vox
