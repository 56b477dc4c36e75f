#include "io/nifti_file.h"
#include "io/nifti_space.h"

namespace vox {
namespace {

using test::Volume;
using NiftiSink = NiftiFiles;

Volume described(const Extent3& shape, DType dtype) {
  Volume volume = test::random_volume(shape, dtype, 7);
  volume.meta.spacing = Vector3{2, 0.65, 0.1};
  volume.meta.unit = "micrometer";
  volume.meta.origin = Vector3{-1, 0.25, 1e-3};
  volume.meta.value_map = ValueMap{0.1, -1.0 / 3};
  volume.meta.history = {{"vclip", "0.1.0", {"-r", "1,2", "\xc2\xb5.tif"}, {}}};
  volume.meta.extra["operator"] = "\"me\"";
  return volume;
}

TEST_F(NiftiSink, EveryTypeComesBackWithAllOfItsMeta) {
  for (const DType dtype : kAllDTypes) {
    for (const Kind kind : {Kind::intensity, Kind::labels, Kind::mask}) {
      Volume volume = described({3, 4, 5}, dtype);
      volume.meta.kind = kind;
      if (dtype == DType::float16) {
        EXPECT_THROW(create_nifti(path_, volume.meta, {}), Error);
        continue;
      }
      EXPECT_TRUE(volume.meta == back(volume)) << dtype_name(dtype);
    }
  }
}

TEST_F(NiftiSink, EveryUnitAndWhatIsNotKnownComesBack) {
  for (const char* unit : {"angstrom", "picometer", "nanometer", "micrometer", "millimeter", "centimeter",
                           "meter", "inch", "kilometer", "furlong"}) {
    Volume volume = described({2, 2, 2}, DType::uint8);
    volume.meta.unit = unit;
    EXPECT_TRUE(volume.meta == back(volume)) << unit;
  }
  Volume volume({2, 2, 2}, DType::uint8);
  EXPECT_TRUE(volume.meta == back(volume));
  volume.meta.unit = "micrometer";
  EXPECT_TRUE(volume.meta == back(volume));
  volume.meta.spacing = Vector3{1, 1, 1};
  EXPECT_TRUE(volume.meta == back(volume));
  volume.meta.origin = Vector3{1, 2, 3};
  EXPECT_TRUE(volume.meta == back(volume));
}

/// A turn about an axis, in (Z, Y, X) order.
std::array<double, 9> turned(double angle, double tilt) {
  const double c = std::cos(angle), s = std::sin(angle), k = std::cos(tilt), t = std::sin(tilt);
  return {k, 0, -t, s * t, c, s * k, c * t, -s, c * k};
}

TEST_F(NiftiSink, DirectionsSurviveInBothTransforms) {
  for (const double angle : {0.0, 0.3, 1.6, 3.14159265358979, -2.5})
    for (const double tilt : {0.0, 0.7, 3.1415, -1.2})
      for (const double mirror : {1.0, -1.0}) {
        VolumeMeta meta = described({2, 2, 2}, DType::uint8).meta;
        meta.unit = "millimeter";
        meta.direction = turned(angle, tilt);
        for (std::size_t row = 0; row < 3; ++row) (*meta.direction)[3 * row] *= mirror;
        NiftiHeader header;
        set_nifti_space(meta, header);
        ASSERT_EQ(1, header.qform_code);
        for (const std::int64_t sform : {1, 0}) {
          header.sform_code = sform;
          // Close to half a turn a quaternion without its scalar part is less exact.
          const double tolerance = sform == 1 ? 1e-12 : 1e-4;
          VolumeMeta got;
          apply_nifti_space(header, got);
          for (std::size_t i = 0; i < 9; ++i)
            EXPECT_NEAR((*meta.direction)[i], (*got.direction)[i], tolerance);
          for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR((*meta.spacing)[i], (*got.spacing)[i], 1e-12);
          for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR((*meta.origin)[i], (*got.origin)[i], 1e-12);
        }
      }
}

TEST_F(NiftiSink, AxesThatAreNotAtRightAnglesHaveNoQform) {
  Volume volume = described({2, 2, 2}, DType::uint8);
  volume.meta.direction = std::array<double, 9>{1, 0, 0, 0, 1, 0.6, 0, 0, 0.8};
  NiftiHeader header;
  set_nifti_space(volume.meta, header);
  EXPECT_EQ(0, header.qform_code);
  EXPECT_EQ(1, header.sform_code);
  EXPECT_TRUE(volume.meta == back(volume));
}

TEST_F(NiftiSink, LongSidesNeedTheSecondVersionAndVoxelsAreAligned) {
  for (const std::int64_t side : {32767, 32768}) {
    const Volume volume = described({1, 1, side}, DType::uint8);
    EXPECT_TRUE(volume.meta == back(volume));
    const auto source = open_nifti(ByteSource::open(path_), {});
    EXPECT_EQ(side > 32767 ? "NIfTI-2" : "NIfTI-1", source->info().format);
    ByteSource bytes = ByteSource::open(path_);
    EXPECT_EQ(0, take_nifti_header(bytes).vox_offset % 16);
  }
}

TEST_F(NiftiSink, TheRangeIsOnlyKnownFromTheSidecar) {
  Volume volume = described({2, 2, 2}, DType::uint8);
  volume.meta.range = Range{0, 9};
  EXPECT_FALSE(back(volume).range);
}

}  // namespace
}  // namespace vox
