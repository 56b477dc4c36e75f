// Where a volume lies and what its voxels mean, through every pair of formats: with the sidecars all of it,
// without them what the table of formats says.
#include "io/formats.h"
#include "io/sidecar.h"
#include "support/format_case.h"

namespace vox {
namespace {

using test::Volume;
namespace fs = std::filesystem;

/// A format by the ending of its names; "/" is a folder of slices.
struct Target {
  std::string ending;
  MetaPlaces meta;
};

std::vector<Target> targets() {
  std::vector<Target> all{{"/", slices_meta()}};
  for (const Format& format : formats())
    for (const std::string_view extension : format.extensions)
      if (extension == format.extensions.front() || extension == ".nhdr" || extension == ".mhd")
        all.push_back({std::string(extension), format.meta});
  return all;
}

/// A turn about all three axes, and a mirror.
constexpr std::array<double, 9> kTurned = {0.6, 0.64, 0.48, 0.8, -0.48, -0.36, 0, 0.6, -0.8};

VolumeMeta all_known() {
  VolumeMeta meta;
  meta.spacing = Vector3{2, 0.65, 0.5};
  meta.unit = "micrometer";
  meta.origin = Vector3{10, -20, 30.5};
  meta.direction = kTurned;
  meta.kind = Kind::labels;
  meta.value_map = ValueMap{0.25, -3};
  meta.history = {{"vphantom", "0.1.0", {"noise", "-"}, {}}};
  meta.extra["operator"] = "\"me\"";
  return meta;
}

/// Metas of which some parts are not known, or in units that few formats have.
std::vector<VolumeMeta> partly_known() {
  std::vector<VolumeMeta> all;
  const auto add = [&](auto&& change) {
    VolumeMeta meta;
    change(meta);
    all.push_back(meta);
  };
  add([](VolumeMeta&) {});
  add([](VolumeMeta& meta) { meta = all_known(), meta.direction.reset(), meta.kind = Kind::intensity; });
  add([](VolumeMeta& meta) { meta = all_known(), meta.unit.reset(), meta.kind = Kind::mask; });
  add([](VolumeMeta& meta) { meta.spacing = Vector3{2, 0.65, 0.5}; });
  add([](VolumeMeta& meta) { meta.spacing = Vector3{2, 0.65, 0.5}, meta.unit = "nanometer"; });
  add([](VolumeMeta& meta) { meta.spacing = Vector3{2, 0.65, 0.5}, meta.unit = "a \"cubit\\"; });
  add([](VolumeMeta& meta) { meta.spacing = Vector3{2, 1, 1}, meta.unit = "\x1b[31mum\nspacing=7"; });
  add([](VolumeMeta& meta) { meta.spacing = Vector3{1e-10, 1e-10, 1e-10}, meta.unit = "meter"; });
  add([](VolumeMeta& meta) { meta.origin = Vector3{10, -20, 30.5}, meta.unit = "millimeter"; });
  add([](VolumeMeta& meta) { meta.origin = Vector3{10, -20, 30.5}; });
  add([](VolumeMeta& meta) { meta.direction = kTurned, meta.kind = Kind::labels; });
  add([](VolumeMeta& meta) { meta.unit = "micrometer", meta.direction = kTurned; });
  add([](VolumeMeta& meta) { meta.unit = "micrometer", meta.kind = Kind::mask; });
  return all;
}

void keep_fields(const MetaFields& held, VolumeMeta& meta) {
  if (!held.spacing) meta.spacing.reset();
  if (!held.unit) meta.unit.reset();
  if (!held.origin) meta.origin.reset();
  if (!held.direction) meta.direction.reset();
  if (!held.value_map) meta.value_map.reset();
}

/// What the format keeps of `meta` without a sidecar.
VolumeMeta kept_alone(const Target& target, VolumeMeta meta) {
  if (target.meta.inside || target.meta.fields == nullptr) return meta;
  keep_fields(target.meta.fields(meta), meta);
  meta.kind = Kind::intensity;
  meta.history.clear();
  meta.extra.clear();
  return meta;
}

template <std::size_t N>
void expect_near(const std::optional<std::array<double, N>>& expected,
                 const std::optional<std::array<double, N>>& got, double rounding, const std::string& what) {
  ASSERT_EQ(expected.has_value(), got.has_value()) << what;
  for (std::size_t i = 0; expected && i < N; ++i)
    EXPECT_NEAR((*expected)[i], (*got)[i], rounding * (1 + std::abs((*expected)[i]))) << what << " " << i;
}

std::optional<std::array<double, 2>> pair_of(const std::optional<ValueMap>& map) {
  if (!map) return {};
  return std::array{map->slope, map->intercept};
}

void expect_same_fields(const VolumeMeta& expected, const VolumeMeta& got, double rounding) {
  expect_near(expected.spacing, got.spacing, rounding, "spacing");
  expect_near(expected.origin, got.origin, rounding, "origin");
  expect_near(expected.direction, got.direction, rounding, "direction");
  expect_near(pair_of(expected.value_map), pair_of(got.value_map), rounding, "value map");
  EXPECT_EQ(expected.unit, got.unit);
}

void expect_same(const VolumeMeta& expected, const VolumeMeta& got) {
  constexpr double kRoundedTwice = 1e-14;
  expect_same_fields(expected, got, kRoundedTwice);
  EXPECT_EQ(expected.kind, got.kind);
  EXPECT_EQ(expected.history, got.history);
  EXPECT_EQ(expected.extra, got.extra);
  EXPECT_EQ(expected.range, got.range);
}

class EveryPair : public test::FormatCase, public testing::WithParamInterface<Target> {
 protected:
  /// In memory where the system has such a folder: nothing here is about disks.
  void SetUp() override {
    FormatCase::SetUp();
    if (::access("/dev/shm", W_OK) != 0) return;
    fs::remove_all(folder_);
    folder_ = "/dev/shm/voxpipe-geometry-" + std::to_string(::getpid());
    fs::create_directories(folder_);
  }

  /// False when the format has no such voxels.
  bool try_write(const std::string& name, const Volume& volume) const {
    try {
      write(name, volume);
      return true;
    } catch (const Error& error) {
      EXPECT_NE(std::string::npos, std::string(error.what()).find(dtype_name(volume.meta.dtype)))
          << error.what();
      EXPECT_EQ(0u, std::string(error.what()).find(path(name) + ": ")) << error.what();
      return false;
    }
  }

  void lose_sidecar(const Target& target, const std::string& name) const {
    if (target.meta.fields != nullptr) fs::remove(sidecar_path(path(name)));
  }

  /// A volume with `meta` in the first format, from there in each other, from there in raw.
  void walk(const Volume& volume, bool sidecars) const {
    const std::string first = "first" + GetParam().ending;
    if (!try_write(first, volume)) return;
    if (!sidecars) lose_sidecar(GetParam(), first);
    VolumeMeta expected = sidecars ? volume.meta : kept_alone(GetParam(), volume.meta);
    Volume copy = volume;
    copy.meta = meta(first);
    EXPECT_EQ(volume.bytes, read(first));
    expect_same(expected, copy.meta);
    for (const Target& target : targets()) {
      SCOPED_TRACE("by way of " + target.ending);
      const std::string second = "second" + target.ending;
      if (!try_write(second, copy)) continue;
      if (!sidecars) lose_sidecar(target, second);
      Volume last = copy;
      last.meta = meta(second);
      last.bytes = read(second);
      write("last.raw", last);
      EXPECT_EQ(volume.bytes, read("last.raw"));
      expect_same(sidecars ? expected : kept_alone(target, expected), meta("last.raw"));
      fs::remove_all(path("second" + target.ending));
      fs::remove(sidecar_path(path(second)));
    }
  }

  static Volume sample(const VolumeMeta& meta, DType dtype) {
    Volume volume = test::random_volume({3, 4, 5}, dtype, 9);
    const Extent3 shape = volume.meta.shape;
    volume.meta = meta;
    volume.meta.shape = shape;
    volume.meta.dtype = dtype;
    return volume;
  }

  void replace_in(const std::string& name, const std::string& ours, const std::string& others) const {
    std::string bytes = content(name);
    const std::size_t at = bytes.find(ours);
    ASSERT_NE(std::string::npos, at) << name;
    write_bytes(name, bytes.replace(at, ours.size(), others));
  }
};

TEST_P(EveryPair, KeepsEveryTypeAndAllOfTheMeta) {
  for (const DType dtype : kAllDTypes) {
    SCOPED_TRACE(dtype_name(dtype));
    walk(sample(all_known(), dtype), true);
  }
}

TEST_P(EveryPair, KeepsWithoutSidecarsWhatTheTableSays) {
  for (const DType dtype : kAllDTypes) {
    SCOPED_TRACE(dtype_name(dtype));
    walk(sample(all_known(), dtype), false);
  }
}

TEST_P(EveryPair, InventsNothing) {
  int number = 0;
  for (const VolumeMeta& meta : partly_known()) {
    SCOPED_TRACE("meta " + std::to_string(number++));
    walk(sample(meta, DType::uint16), true);
    walk(sample(meta, DType::uint16), false);
  }
}

/// Our own words in the file made unreadable: what is left is what others see.
TEST_P(EveryPair, SaysToOthersWhatTheTableSays) {
  const std::string name = "others" + GetParam().ending;
  if (!GetParam().meta.inside || GetParam().ending == ".nii.gz") return;
  for (VolumeMeta meta : {all_known(), partly_known()[0], partly_known()[1], partly_known()[4]}) {
    const Volume volume = sample(meta, DType::uint16);
    write(name, volume);
    lose_sidecar(GetParam(), name);
    if (name.ends_with(".nii")) replace_in(name, "{\"voxpipe\":", "{\"another\":");
    if (name.ends_with(".ome.tif")) replace_in(name, "voxpipe/meta", "another/meta");
    if (name.ends_with(".zarr")) replace_in(name + "/zarr.json", "\"voxpipe\": {", "\"another\": {");
    if (name.ends_with(".ozx")) replace_in(name, "\"voxpipe\": {", "\"another\": {");
    if (name.ends_with(".nrrd") || name.ends_with(".nhdr")) replace_in(name, "voxpipe:=", "another:=");
    const bool scaled = name.ends_with(".nii") && meta.unit == "nanometer";
    keep_fields(GetParam().meta.fields(volume.meta), meta);
    VolumeMeta got = this->meta(name);
    if (scaled) meta.unit = "micrometer", meta.spacing = Vector3{2e-3, 0.65e-3, 0.5e-3};
    if (!meta.origin && got.origin == Vector3{0, 0, 0}) got.origin.reset();  // a transform always has one
    expect_same_fields(meta, got, 1e-6);
    EXPECT_TRUE(got.history.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryPair, testing::ValuesIn(targets()), [](const auto& tested) {
  std::string name = tested.param.ending == "/" ? ".slices" : tested.param.ending;
  std::replace(name.begin(), name.end(), '.', '_');
  return name.substr(1);
});

TEST(UnheldMeta, IsSaidWithThePlaceWhereItStands) {
  VolumeMeta meta = all_known();
  meta.dtype = DType::uint16;
  EXPECT_EQ(
      "out.npy: NumPy files hold no spacing, unit, origin, direction, value map; they stand in out.npy.json",
      unheld_meta("out.npy", meta));
  EXPECT_EQ("out.tif: TIFF files hold no direction; it stands in out.tif.json", unheld_meta("out.tif", meta));
  EXPECT_EQ("out/: TIFF files hold no direction; it stands in out.json", unheld_meta("out/", meta));
  EXPECT_EQ("o.nrrd: NRRD files hold no value map; it stands in the header, where only voxpipe looks",
            unheld_meta("o.nrrd", meta));
  EXPECT_EQ("", unheld_meta("out.nii", meta));
  for (const char* path : {"-", "out.raw", "out.raw.gz"}) EXPECT_EQ("", unheld_meta(path, meta));
  meta.value_map.reset();
  EXPECT_EQ("", unheld_meta("out.mha", meta));
  meta.unit = "nanometer";
  EXPECT_EQ("out.mha: MetaImage files hold no unit nanometer; it stands in out.mha.json",
            unheld_meta("out.mha", meta));
}

TEST(UnheldMeta, ValuesThatOthersTakeForGrantedAreNoLoss) {
  VolumeMeta meta;
  meta.origin = Vector3{0, 0, 0};
  meta.direction = kIdentityDirection;
  meta.value_map = ValueMap{};
  meta.kind = Kind::labels;
  EXPECT_EQ("", unheld_meta("out.npy", meta));
  VolumeMeta unit_of_nothing;
  unit_of_nothing.unit = "micrometer";
  EXPECT_EQ("", unheld_meta("out.tif", unit_of_nothing));
}

}  // namespace
}  // namespace vox
