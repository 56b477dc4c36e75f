#include "io/slices.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/error.h"
#include "io/libtiff_file.h"
#include "io/slices_names.h"
#include "io/tiff.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

/// An empty folder for one test.
std::string fresh_folder(const std::string& name) {
  const std::string folder = test_path("slices/" + name);
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

/// A slice of 2 x 3 voxels that all have the value `value`.
void write_slice(const std::string& path, int value, const LibtiffSpec& spec = {{1, 2, 3}, DType::uint8}) {
  write_libtiff(path, spec,
                std::vector<std::byte>(static_cast<std::size_t>(voxels(spec.shape) * size_of(spec.dtype)),
                                       static_cast<std::byte>(value)));
}

std::vector<int> values_of(SlabSource& source) {
  std::vector<std::byte> all(static_cast<std::size_t>(source.meta().bytes()));
  source.read(whole(source.meta().shape), all.data());
  std::vector<int> values;
  for (std::size_t at = 0; at < all.size(); at += static_cast<std::size_t>(source.meta().plane_bytes()))
    values.push_back(std::to_integer<int>(all[at]));
  return values;
}

template <class Action>
std::string error_of(ErrorKind kind, Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(kind), static_cast<int>(error.kind())) << error.what();
    return error.what();
  }
  return {};
}

TEST(SliceNames, NaturalOrder) {
  const std::vector<std::string> ordered = {
      "a01b", "a1b", "a1c", "a2", "a10", "a010x", "a11", "a100000000000000000000", "a100000000000000000001",
      "b"};
  for (std::size_t i = 0; i < ordered.size(); ++i)
    for (std::size_t j = 0; j < ordered.size(); ++j)
      EXPECT_EQ(i < j, natural_less(ordered[i], ordered[j])) << i << j;
}

TEST(SliceNames, NumbersMustCount) {
  const auto damaged = [](const std::vector<std::string>& paths, bool any_step = false) {
    return error_of(ErrorKind::damaged, [&] { check_numbering(paths, any_step); });
  };
  EXPECT_EQ("", damaged({"s_08.tif", "s_09.tif", "s_10.tif"}));
  EXPECT_EQ("", damaged({"a.tif"}));
  EXPECT_EQ("s_4.tif: slice 3 is missing between s_2.tif and this one",
            damaged({"s_1.tif", "s_2.tif", "s_4.tif"}));
  EXPECT_EQ("s_9.tif: slices 3 to 8 are missing between s_2.tif and this one",
            damaged({"s_1.tif", "s_2.tif", "s_9.tif"}));
  EXPECT_NE(std::string::npos, damaged({"s_1.tif", "s_01.tif"}).find("s_01.tif: has the same number"));
  EXPECT_NE(std::string::npos,
            damaged({"dark.tif", "s_1.tif", "s_2.tif"}).find("dark.tif: its name does not belong"));
}

TEST(SliceNames, EveryNthOnlyWhenFilesWereChosen) {
  const std::vector<std::string> tens = {"s_10.tif", "s_20.tif", "s_30.tif"};
  check_numbering(tens, true);
  EXPECT_THROW(check_numbering(tens, false), Error);
  EXPECT_THROW(check_numbering({"s_10.tif", "s_20.tif", "s_40.tif"}, true), Error);
  EXPECT_THROW(check_numbering({"s_10.tif", "s_20.tif"}, true), Error);
}

TEST(SliceNames, OfSeveralNumbersOneMustCount) {
  check_numbering({"20261121_1200_001.tif", "20261121_1203_002.tif", "20261121_1209_003.tif"}, false);
  EXPECT_NE("", error_of(ErrorKind::usage, [] {
              check_numbering({"z0_c0.tif", "z0_c1.tif", "z1_c0.tif", "z1_c1.tif"}, false);
            }));
}

TEST(SlicesSource, TakesAFolderAGlobOrAListInNaturalOrder) {
  const std::string folder = fresh_folder("order");
  for (int i = 8; i < 12; ++i) write_slice(folder + "/s_" + std::to_string(i) + ".tif", i);
  std::ofstream(folder + "/notes.txt") << "not a slice";
  write_slice(folder + "/.s_12.tif", 12);
  const std::vector<int> expected = {8, 9, 10, 11};
  EXPECT_EQ(expected, values_of(*open_slices(folder, {})));
  EXPECT_EQ(expected, values_of(*open_slices(folder + "/", {})));
  EXPECT_EQ(expected, values_of(*open_slices(folder + "/s_*.tif", {})));
  EXPECT_EQ((std::vector<int>{10, 11}), values_of(*open_slices(folder + "/s_1?.tif", {})));
  std::ofstream(folder + "/list.txt") << "s_11.tif\r\n\n" << folder << "/s_9.tif\ns_10.tif\n";
  EXPECT_EQ((std::vector<int>{9, 10, 11}), values_of(*open_slices("@" + folder + "/list.txt", {})));
  const auto source = open_slices(folder, {});
  EXPECT_EQ((Extent3{4, 2, 3}), source->meta().shape);
  EXPECT_EQ("TIFF slices", source->info().format);
}

TEST(SlicesSource, SaysWhichFileIsMissingOrOdd) {
  const std::string folder = fresh_folder("odd");
  for (int i = 0; i < 5; ++i) write_slice(folder + "/s_" + std::to_string(i) + ".tif", i);
  OpenOptions options;
  options.threads = 3;
  const auto message = [&] { return error_of(ErrorKind::damaged, [&] { open_slices(folder, options); }); };
  EXPECT_EQ("", message());
  write_slice(folder + "/s_2.tif", 2, {{1, 2, 4}, DType::uint8});
  EXPECT_NE(std::string::npos, message().find("s_2.tif: is 4 x 2 uint8"));
  write_slice(folder + "/s_2.tif", 2, {{1, 2, 3}, DType::int8});
  EXPECT_NE(std::string::npos, message().find("s_2.tif: is 3 x 2 int8"));
  write_slice(folder + "/s_2.tif", 2, {{2, 2, 3}, DType::uint8});
  EXPECT_NE(std::string::npos, message().find("s_2.tif: holds 2 pages"));
  write_file(folder + "/s_2.tif", {'I', 'I', '*', 0, 1, 2});
  EXPECT_NE(std::string::npos, message().find("s_2.tif: "));
  write_file(folder + "/s_3.tif", {});
  EXPECT_NE(std::string::npos, message().find("s_2.tif: "));  // the first counts
  fs::remove(folder + "/s_2.tif");
  EXPECT_NE(std::string::npos, message().find("s_3.tif: slice 2 is missing"));
}

TEST(SlicesSource, NothingThereIsAUsageError) {
  const std::string folder = fresh_folder("empty");
  EXPECT_NE("", error_of(ErrorKind::usage, [&] { open_slices(folder, {}); }));
  EXPECT_NE("", error_of(ErrorKind::usage, [&] { open_slices(folder + "/*.tif", {}); }));
  write_file(folder + "/list.txt", {'\n'});
  EXPECT_NE("", error_of(ErrorKind::usage, [&] { open_slices("@" + folder + "/list.txt", {}); }));
}

TEST(SlicesSource, FilesMayDifferInCompressionAndByteOrder) {
  const std::string folder = fresh_folder("mixed");
  LibtiffSpec spec{{1, 20, 30}, DType::uint16};
  const auto all = some_voxels(3 * 600, DType::uint16);
  for (std::ptrdiff_t z = 0; z < 3; ++z) {
    spec.compression = z == 1 ? COMPRESSION_LZW : COMPRESSION_NONE;
    spec.mode = z == 2 ? "wb" : "wl8";
    spec.tile = z == 0 ? 16 : 0;
    write_libtiff(folder + "/s" + std::to_string(z) + ".tiff", spec,
                  {all.begin() + z * 1200, all.begin() + (z + 1) * 1200});
  }
  const auto source = open_slices(folder, {});
  std::vector<std::byte> got(all.size());
  source->read(whole(source->meta().shape), got.data());
  EXPECT_TRUE(all == got);
}

CreateOptions options_of(const std::string& codec, bool force) {
  CreateOptions options;
  options.force = force;
  options.compression = Compression{codec, {}};
  return options;
}

VolumeMeta some_meta() {
  VolumeMeta meta;
  meta.shape = {5, 30, 40};
  meta.dtype = DType::uint16;
  meta.spacing = Vector3{3, 0.5, 0.25};
  meta.unit = "micrometer";
  return meta;
}

void put_planes(SlabSink& sink, const std::vector<std::byte>& volume, std::int64_t planes) {
  const VolumeMeta& meta = sink.meta();
  for (std::int64_t z = 0; z < meta.shape.z; z += planes) {
    const std::int64_t end = std::min(z + planes, meta.shape.z);
    std::vector<std::byte> part(volume.begin() + z * meta.plane_bytes(),
                                volume.begin() + end * meta.plane_bytes());
    sink.put({{z, 0, 0}, {end, meta.shape.y, meta.shape.x}}, part);
  }
}

TEST(SlicesSink, WritesWhatItReads) {
  const VolumeMeta meta = some_meta();
  const auto expected = some_voxels(meta.voxel_count(), meta.dtype);
  for (const std::string codec : {"none", "deflate", "lzw", "zstd"}) {
    const std::string folder = fresh_folder("made") + "/scan_" + codec;
    const auto sink = create_slices(folder + "/", meta, options_of(codec, false));
    put_planes(*sink, expected, 2);
    EXPECT_FALSE(fs::exists(folder));
    sink->finish();
    EXPECT_TRUE(fs::exists(folder + "/scan_" + codec + "_0004.tif"));
    EXPECT_TRUE(fs::exists(folder + ".json"));
    fs::remove(folder + ".json");
    const auto source = open_slices(folder, {});
    EXPECT_EQ(meta.shape, source->meta().shape);
    EXPECT_EQ(meta.spacing, source->meta().spacing);
    EXPECT_EQ(meta.unit, source->meta().unit);
    std::vector<std::byte> got(expected.size());
    source->read(whole(meta.shape), got.data());
    EXPECT_TRUE(expected == got) << codec;
    EXPECT_EQ((Extent3{1, 30, 40}), open_tiff(folder + "/scan_" + codec + "_0003.tif", {})->meta().shape);
  }
}

TEST(SlicesSink, UncompressedTakesBoxesInAnyOrder) {
  const VolumeMeta meta = some_meta();
  const auto expected = some_voxels(meta.voxel_count(), meta.dtype);
  const std::string folder = fresh_folder("boxes") + "/out";
  const auto sink = create_slices(folder + "/", meta, options_of("none", false));
  for (std::int64_t y : {20, 0, 10})
    for (std::int64_t x : {20, 0})
      for (std::int64_t z : {2, 0, 4}) {
        const Box3 box{{z, y, x}, {std::min<std::int64_t>(z + 2, 5), y + 10, x + 20}};
        std::vector<std::byte> part;
        for (std::int64_t zz = box.begin.z; zz < box.end.z; ++zz)
          for (std::int64_t yy = y; yy < y + 10; ++yy) {
            const auto row = expected.begin() + ((zz * 30 + yy) * 40 + x) * 2;
            part.insert(part.end(), row, row + 40);
          }
        sink->put(box, part);
      }
  sink->finish();
  const auto source = open_slices(folder, {});
  std::vector<std::byte> got(expected.size());
  source->read(whole(meta.shape), got.data());
  EXPECT_TRUE(expected == got);
}

TEST(SlicesSink, ReplacesOnlyFoldersOfSlicesAndOnlyWhenTold) {
  const VolumeMeta meta = some_meta();
  const auto voxels_of_all = some_voxels(meta.voxel_count(), meta.dtype);
  const std::string parent = fresh_folder("replace");
  const std::string folder = parent + "/out";
  fs::create_directories(folder);
  const auto write = [&](bool force) {
    const auto sink = create_slices(folder + "/", meta, options_of("zstd", force));
    put_planes(*sink, voxels_of_all, 5);
    sink->finish();
  };
  write(false);  // an empty folder may be taken
  EXPECT_NE(std::string::npos, error_of(ErrorKind::usage, [&] { write(false); }).find("--force"));
  write_slice(folder + "/old_9999.tif", 1);
  write(true);
  EXPECT_FALSE(fs::exists(folder + "/old_9999.tif"));
  std::ofstream(folder + "/thesis.doc") << "precious";
  EXPECT_NE(std::string::npos, error_of(ErrorKind::usage, [&] { write(true); }).find("thesis.doc"));
  EXPECT_TRUE(fs::exists(folder + "/thesis.doc"));
  { const auto unfinished = create_slices(parent + "/never/", meta, options_of("none", false)); }
  // The folder and its sidecar; nothing temporary.
  EXPECT_EQ(2, std::distance(fs::directory_iterator(parent), {}));
}

TEST(SlicesSink, NamesHaveDigitsEnough) {
  VolumeMeta meta;
  meta.shape = {10001, 1, 1};
  const std::string folder = fresh_folder("many") + "/m";
  const auto sink = create_slices(folder + "/", meta, options_of("none", false));
  put_planes(*sink, some_voxels(10001, DType::uint8), 10001);
  sink->finish();
  EXPECT_TRUE(fs::exists(folder + "/m_10000.tif"));
  EXPECT_TRUE(fs::exists(folder + "/m_00000.tif"));
}

std::string ome_of_slice(const std::string& pixels, const std::string& inside) {
  return "<?xml version='1.0'?><OME xmlns='http://www.openmicroscopy.org/Schemas/OME/2016-06'>"
         "<Image ID='Image:0'><Pixels ID='Pixels:0' DimensionOrder='XYZCT' Type='uint8' SizeX='3' SizeY='2' "
         "SizeC='1' SizeT='1' " +
         pixels + ">" + inside + "</Pixels></Image></OME>";
}

VolumeMeta meta_of_ome_slices(const std::string& pixels, const std::string& inside) {
  const std::string folder = fresh_folder("ome");
  for (int i = 0; i < 3; ++i) {
    LibtiffSpec spec{{1, 2, 3}, DType::uint8};
    spec.description = ome_of_slice(pixels, inside);
    write_slice(folder + "/s_" + std::to_string(i) + ".ome.tif", i, spec);
  }
  return open_slices(folder, {})->meta();
}

TEST(SlicesSource, OmeXmlGivesTheSpacing) {
  const std::string sizes =
      "PhysicalSizeX='0.5' PhysicalSizeY='0.65' PhysicalSizeZ='2' PhysicalSizeZUnit='\xc2\xb5m' ";
  const std::string place =
      "<Plane TheZ='0' TheC='0' TheT='0' PositionX='1' PositionY='2' PositionZ='3' "
      "PositionXUnit='mm' PositionYUnit='mm' PositionZUnit='mm'/>";
  const VolumeMeta alone = meta_of_ome_slices(sizes + "SizeZ='1'", "<TiffData/>" + place);
  EXPECT_EQ((Vector3{2, 0.65, 0.5}), alone.spacing);
  EXPECT_EQ("micrometer", alone.unit);
  ASSERT_TRUE(alone.origin);
  EXPECT_DOUBLE_EQ(3000, (*alone.origin)[0]);
  EXPECT_DOUBLE_EQ(1000, (*alone.origin)[2]);
  EXPECT_EQ((Extent3{3, 2, 3}), alone.shape);
  // The set's first plane, and with it the origin, is in another file.
  const VolumeMeta later = meta_of_ome_slices(
      sizes + "SizeZ='9'",
      "<TiffData FirstZ='4' IFD='0' PlaneCount='1'/>"
      "<TiffData FirstZ='0' PlaneCount='1'><UUID FileName='before.ome.tif'>urn:uuid:1</UUID></TiffData>" +
          place);
  EXPECT_EQ((Vector3{2, 0.65, 0.5}), later.spacing);
  EXPECT_FALSE(later.origin);
}

TEST(SlicesSource, OmeXmlThatSaysTooLittleOrNonsenseIsNoError) {
  EXPECT_FALSE(meta_of_ome_slices("SizeZ='1' PhysicalSizeX='0.5' PhysicalSizeY='0.5'", "").spacing);
  EXPECT_FALSE(meta_of_ome_slices("SizeZ='-1' PhysicalSizeX='0.5'", "").spacing);
  EXPECT_FALSE(meta_of_ome_slices("SizeZ='1'><", "").spacing);
}

}  // namespace
}  // namespace vox
