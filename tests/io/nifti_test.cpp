#include "io/nifti.h"

#include "io/nifti_file.h"

namespace vox {
namespace {

using Nifti = NiftiFiles;

HandMade small(bool second = false, bool big_endian = false,
               const std::vector<std::int64_t>& dims = {3, 2, 1}) {
  HandMade file(second, big_endian);
  file.dims(dims);
  file.datatype(2);
  std::int64_t count = 1;
  for (const std::int64_t length : dims) count *= length;
  std::vector<char> voxels_in;
  for (std::int64_t i = 0; i < count; ++i) voxels_in.push_back(static_cast<char>(i));
  file.append(voxels_in);
  return file;
}

TEST_F(Nifti, BothVersionsInBothByteOrders) {
  for (const bool second : {false, true})
    for (const bool big_endian : {false, true}) {
      HandMade file(second, big_endian);
      file.dims({2, 1, 3});
      file.datatype(4);
      file.scaling(0.1, -5);
      file.units(2);
      for (std::size_t i = 1; i < 4; ++i) file.pixdim(i, 0.1 * static_cast<double>(i));
      for (int value = 0; value < 6; ++value)
        file.append(big_endian ? std::vector<char>{1, static_cast<char>(value)}
                               : std::vector<char>{static_cast<char>(value), 1});
      const auto source = open(file);
      EXPECT_EQ((Extent3{3, 1, 2}), source->meta().shape);
      EXPECT_EQ(DType::int16, source->meta().dtype);
      EXPECT_EQ((ValueMap{0.1, -5}), source->meta().value_map);
      EXPECT_EQ("millimeter", source->meta().unit);
      EXPECT_EQ((Vector3{0.1 * 3, 0.2, 0.1})[1],
                (*source->meta().spacing)[1]);  // digits of the float, no more
      EXPECT_FALSE(source->meta().origin);
      EXPECT_FALSE(source->meta().direction);
      std::vector<std::int16_t> expected = {256, 257, 258, 259, 260, 261};
      std::vector<std::int16_t> got(6);
      source->read(whole(source->meta().shape), reinterpret_cast<std::byte*>(got.data()));
      EXPECT_EQ(expected, got);
      EXPECT_EQ(second ? "NIfTI-2" : "NIfTI-1", source->info().format);
    }
}

TEST_F(Nifti, ScalingThatIsNone) {
  for (const auto& [slope, inter] :
       std::vector<std::pair<double, double>>{{0, 7}, {1, 0}, {NAN, 1}, {2, INFINITY}, {INFINITY, 0}}) {
    HandMade file = small();
    file.scaling(slope, inter);
    EXPECT_FALSE(open(file)->meta().value_map) << slope << " " << inter;
  }
}

TEST_F(Nifti, SformComesBeforeQformAndBothTurnToTheLeftAndTheBack) {
  for (const bool second : {false, true}) {
    HandMade file = small(second);
    for (std::size_t i = 1; i < 4; ++i) file.pixdim(i, static_cast<double>(i));
    EXPECT_EQ((Vector3{3, 2, 1}), open(file)->meta().spacing);
    file.pixdim(0, 1);
    file.qform({0, 0, 0, 10, 20, 30});
    const VolumeMeta by_qform = open(file)->meta();
    EXPECT_EQ((Vector3{3, 2, 1}), by_qform.spacing);
    EXPECT_EQ((Vector3{30, -20, -10}), by_qform.origin);
    EXPECT_EQ((std::array<double, 9>{1, 0, 0, 0, -1, 0, 0, 0, -1}), by_qform.direction);
    // Axes of the ITK world: x to the left, y to the back.
    file.sform({{{-1, 0, 0, 4}, {0, -2, 0, 5}, {0, 0, 3, 6}}});
    const VolumeMeta by_sform = open(file)->meta();
    EXPECT_EQ((Vector3{3, 2, 1}), by_sform.spacing);
    EXPECT_EQ((Vector3{6, -5, -4}), by_sform.origin);
    EXPECT_FALSE(by_sform.direction);
    // x runs along the world's z, y along x, z along y.
    file.sform({{{0, 2, 0, 0}, {0, 0, 3, 0}, {1, 0, 0, 0}}});
    EXPECT_EQ((std::array<double, 9>{0, 0, 1, -1, 0, 0, 0, -1, 0}), open(file)->meta().direction);
    EXPECT_EQ((Vector3{3, 2, 1}), open(file)->meta().spacing);
    // One that is none leads to the qform.
    file.sform({{{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}});
    EXPECT_EQ(by_qform.origin, open(file)->meta().origin);
    file.sform({{{NAN, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}});
    EXPECT_EQ(by_qform.origin, open(file)->meta().origin);
  }
}

TEST_F(Nifti, MirroredAndHalfTurnedQforms) {
  HandMade file = small();
  for (std::size_t i = 1; i < 4; ++i) file.pixdim(i, 1);
  file.pixdim(0, -1);
  file.qform({0, 0, 1, 0, 0, 0});  // half a turn about z, and z mirrored
  EXPECT_EQ((std::array<double, 9>{-1, 0, 0, 0, 1, 0, 0, 0, 1}), open(file)->meta().direction);
  file.pixdim(0, 0);
  EXPECT_FALSE(open(file)->meta().direction);
  file.qform({0, 0, 7, 0, 0, 0});  // too long: rounding, or nonsense; its direction counts
  EXPECT_FALSE(open(file)->meta().direction);
}

TEST_F(Nifti, SizesOfOneWithoutAUnitAreNotKnown) {
  HandMade file = small();
  for (std::size_t i = 1; i < 4; ++i) file.pixdim(i, 1);
  EXPECT_FALSE(open(file)->meta().spacing);
  file.units(2 + 8);  // seconds between time points
  EXPECT_EQ((Vector3{1, 1, 1}), open(file)->meta().spacing);
  EXPECT_EQ("millimeter", open(file)->meta().unit);
  file.pixdim(2, 0);
  EXPECT_FALSE(open(file)->meta().spacing);
  file.pixdim(2, INFINITY);
  EXPECT_FALSE(open(file)->meta().spacing);
}

TEST_F(Nifti, TimePointsAndChannelsAreChosen) {
  const HandMade file = small(false, false, {2, 1, 2, 3, 2});
  EXPECT_NE(std::string::npos,
            error_of(file, ErrorKind::usage).find("3 time points; choose one with --time"));
  OpenOptions options;
  options.time = 2;
  EXPECT_NE(std::string::npos, error_of(file, ErrorKind::usage, options).find("--channel"));
  options.channel = 1;
  const auto source = open(file, options);
  EXPECT_EQ((Extent3{2, 1, 2}), source->meta().shape);
  EXPECT_EQ(std::byte{20}, all_of(*source).front());
  const auto one = small(false, false, {6});
  EXPECT_EQ((Extent3{1, 1, 6}), open(one)->meta().shape);
}

TEST_F(Nifti, ReadsInOrderWhatHasNoSize) {
  const HandMade file = small(false, false, {4, 3, 2, 2});
  write(file.bytes());
  OpenOptions options;
  options.time = 1;
  const int descriptor = ::open(path_.c_str(), O_RDONLY);
  const auto source = open_nifti(ByteSource(file_device(descriptor, true), "pipe", std::nullopt), options);
  EXPECT_FALSE(source->seekable());
  std::vector<std::byte> last(4);
  source->read({{1, 2, 0}, {2, 3, 4}}, last.data());
  EXPECT_EQ(std::byte{44}, last.front());
}

TEST_F(Nifti, RefusesWithReasons) {
  const auto refused = [&](std::int64_t datatype, ErrorKind kind, const char* part) {
    HandMade file = small();
    file.datatype(datatype);
    const std::string message = error_of(file, kind);
    EXPECT_NE(std::string::npos, message.find(part)) << message;
  };
  refused(128, ErrorKind::usage, "colours (RGB)");
  refused(32, ErrorKind::usage, "complex");
  refused(1536, ErrorKind::usage, "128-bit");
  refused(0, ErrorKind::damaged, "data type is 0");
  HandMade pair = small();
  pair.integer(345, 1, 'i');
  EXPECT_NE(std::string::npos, error_of(pair, ErrorKind::usage).find(".img"));
  HandMade many = small(false, false, {1, 1, 1, 1, 1, 2});
  EXPECT_NE(std::string::npos, error_of(many, ErrorKind::usage).find("6 dimensions"));
}

TEST_F(Nifti, LiesAboutSizesAreDamage) {
  const auto damaged = [&](const HandMade& file, const char* part) {
    const std::string message = error_of(file, ErrorKind::damaged);
    EXPECT_NE(std::string::npos, message.find(part)) << message;
  };
  HandMade file = small();
  file.dims({3, 2, 2});
  damaged(file, "cut short");
  file.dims({-3, 2, 2});
  damaged(file, "dimension 1 is -3 long");
  file.dims({1, 1, 1, 1, 1, 1, 1, 1});
  damaged(file, "has 8 dimensions");
  HandMade big = small(true);
  big.dims({INT64_MAX, INT64_MAX, INT64_MAX});
  damaged(big, "shape");
  big.dims({1 << 20, 1 << 20, 1 << 20, INT64_MAX});
  damaged(big, "its size");
  big = small(true);
  big.voxels_at(INT64_MAX);
  damaged(big, "cut short");
  big.voxels_at(-1);
  damaged(big, "within the header");
  file = small();
  for (const double at : {100.0, 353.5, -1.0, 1e30}) {
    file.real(108, at);
    damaged(file, "within the header");
  }
  file.real(108, NAN);
  damaged(file, "within the header");
  file.real(108, 0);
  EXPECT_EQ("no error", error_of(file, ErrorKind::damaged));
}

TEST_F(Nifti, ExtensionsOfOthersAreSkippedAndDamagedOnesDoNoHarm) {
  const auto with_extension = [&](std::int64_t size, std::int64_t code, const std::string& text) {
    HandMade file(false, false);
    file.dims({1, 1, 1});
    file.datatype(2);
    file.voxels_at(352 + 64);
    file.integer(348, 1, 1);
    std::vector<char> extension(64);
    std::copy(text.begin(), text.end(), extension.begin() + 8);
    file.append(extension);
    file.integer(352, 4, size);
    file.integer(356, 4, code);
    file.append({9});
    return file;
  };
  for (const std::int64_t size : {64, 16, 0, -16, 7, 65, 1 << 30}) {
    EXPECT_EQ(std::byte{9}, all_of(*open(with_extension(size, 4, "<AFNI>")))[0]) << size;
    EXPECT_EQ(std::byte{9}, all_of(*open(with_extension(size, 6, "a comment")))[0]) << size;
  }
  EXPECT_NE(std::string::npos,
            error_of(with_extension(64, 6, "{\"voxpipe\":1, \"shape\":"), ErrorKind::damaged)
                .find("its extension"));
  EXPECT_EQ("\"me\"",
            open(with_extension(64, 6, R"({"voxpipe":1,"shape":[1,1,1],"dtype":"uint8","who":"me"})"))
                ->meta()
                .extra.at("who"));
}

}  // namespace
}  // namespace vox
