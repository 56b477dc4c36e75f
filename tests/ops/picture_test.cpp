#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "core/position.h"
#include "ops/render/figure.h"
#include "ops/render/text_picture.h"

namespace vox {
namespace {

template <class T>
PlaneVoxels plane_of(DType dtype, std::int64_t columns, const std::vector<T>& values) {
  PlaneVoxels plane{dtype, static_cast<std::int64_t>(values.size()) / columns, columns,
                    std::vector<std::byte>(values.size() * sizeof(T))};
  std::memcpy(plane.voxels.data(), values.data(), plane.voxels.size());
  return plane;
}

std::string hex_of(const Colour& colour) {
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", colour.red, colour.green, colour.blue);
  return text;
}

TEST(Colormap, EndsAndMiddlesAreThePublishedOnes) {
  struct Published {
    const char* name;
    const char* first;
    const char* middle;  ///< of entry 128
    const char* last;
  };
  for (const Published& map : {Published{"gray", "#000000", "#808080", "#ffffff"},
                               {"viridis", "#440154", "#21918c", "#fde725"},
                               {"magma", "#000004", "#b73779", "#fcfdbf"},
                               {"inferno", "#000004", "#bc3754", "#fcffa4"},
                               {"turbo", "#30123b", "#a4fc3c", "#7a0403"},
                               {"coolwarm", "#3b4cc0", "#dddcdc", "#b40426"}}) {
    const ColourTable& table = colour_table(map.name);
    EXPECT_EQ(hex_of(table[0]), map.first) << map.name;
    EXPECT_EQ(hex_of(table[128]), map.middle) << map.name;
    EXPECT_EQ(hex_of(table[255]), map.last) << map.name;
  }
}

TEST(Colormap, LabelsAreStableAndNeighboursDiffer) {
  EXPECT_EQ(label_colour(0), Colour());
  EXPECT_EQ(label_colour(7), label_colour(7));
  for (std::uint64_t label = 1; label < 5000; ++label) {
    const Colour a = label_colour(label);
    const Colour b = label_colour(label + 1);
    const int apart = std::abs(a.red - b.red) + std::abs(a.green - b.green) + std::abs(a.blue - b.blue);
    ASSERT_GT(apart, 100) << label;
    ASSERT_GT(std::max({a.red, a.green, a.blue}), 150) << label;
  }
}

TEST(Window, RoundsHalfToEvenAndClamps) {
  const Window window{0, 510};
  EXPECT_EQ(window.shade(1), 0);  // 0.5
  EXPECT_EQ(window.shade(3), 2);  // 1.5
  EXPECT_EQ(window.shade(-1e300), 0);
  EXPECT_EQ(window.shade(std::numeric_limits<double>::infinity()), 255);
  EXPECT_EQ((Window{5, 5}.shade(5)), 0);
  EXPECT_EQ((Window{5, 5}.shade(5.1)), 255);
  EXPECT_EQ((Window{0, 1, 2}.shade(0.5)), 64);
}

TEST(Window, IsOfAllPlanesShownTogether) {
  const std::vector planes{plane_of<std::uint8_t>(DType::uint8, 2, {1, 2, 3, 4}),
                           plane_of<std::uint8_t>(DType::uint8, 2, {5, 6, 7, 9})};
  const Window full = choose_window({.full = true}, planes);
  EXPECT_EQ(full.low, 1);
  EXPECT_EQ(full.high, 9);
  const std::vector mixed{planes[0], plane_of<float>(DType::float32, 2, {-1.5F, NAN, 100, INFINITY})};
  const Window half = choose_window({.percentiles = {0, 50}}, mixed);
  EXPECT_EQ(half.low, -1.5);
  EXPECT_EQ(half.high, 2.5);
  const Window around = choose_symmetric_window({.full = true}, std::span(mixed).subspan(1));
  EXPECT_EQ(around.low, -100);
  EXPECT_EQ(around.high, 100);
}

TEST(Scene, StretchesByWholeRepetition) {
  const SceneSpec spec{{3, 4, 5}, {2, 0.5, 0.5}};
  const Scene scene = grid_scene(spec, Axis::y, {1}, 1);
  EXPECT_EQ(scene.height, 12);
  EXPECT_EQ(scene.width, 5);
  EXPECT_EQ(scene.panels[0].vertical.of_pixel,
            (std::vector<std::int64_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}));
  EXPECT_EQ(scene.panels[0].grid().y, (std::vector<std::int64_t>{1}));
}

TEST(Scene, ReadsOnlyVoxelsThatArePixels) {
  SceneSpec spec{{1, 1'000'000'000'000, 1'000'000'000'000}};
  spec.box = {4, 4};
  const Scene scene = grid_scene(spec, Axis::z, {0}, 1);
  EXPECT_EQ(scene.panels[0].horizontal.voxels,
            (std::vector<std::int64_t>{125'000'000'000, 375'000'000'000, 625'000'000'000, 875'000'000'000}));
  spec.box.reset();
  EXPECT_THROW(grid_scene(spec, Axis::z, {0}, 1), Error);
}

TEST(Scene, OfThreePlanesSharesSides) {
  SceneSpec spec{{4, 6, 8}, {1, 1, 1}, {}, 2};
  const Scene scene = ortho_scene(spec, {1, 2, 3});
  EXPECT_EQ(scene.width, 8 + 2 + 4);
  EXPECT_EQ(scene.height, 6 + 2 + 4);
  ASSERT_EQ(scene.panels.size(), 3u);
  EXPECT_TRUE(scene.panels[1].turned());
  EXPECT_EQ(scene.panels[1].left, 10);
  EXPECT_EQ(scene.panels[2].top, 8);
  EXPECT_EQ(scene.panels[1].grid().x, (std::vector<std::int64_t>{3}));
}

Panel whole_panel(std::int64_t rows, std::int64_t columns) {
  return grid_scene({{1, rows, columns}}, Axis::z, {0}, 1).panels[0];
}

TEST(Painter, OverlayBlendsAndOutlines) {
  const Panel panel = whole_panel(3, 4);
  const std::vector<std::uint16_t> ids{0, 3, 3, 3, 0, 3, 3, 3, 0, 3, 3, 3};
  const PlaneVoxels labels = plane_of(DType::uint16, 4, ids);
  Picture picture(4, 3, {100, 100, 100});
  draw_labels(labels, panel, {.opacity = 0.25, .outlines = true}, picture);
  EXPECT_EQ(picture.at(0, 1), (Colour{100, 100, 100}));
  EXPECT_EQ(picture.at(1, 1), label_colour(3));  // beside 0
  EXPECT_EQ(picture.at(2, 1), blended({100, 100, 100}, label_colour(3), 0.25));
  EXPECT_EQ(picture.at(3, 2), blended({100, 100, 100}, label_colour(3), 0.25));  // the border is no outline
}

TEST(Painter, BlendsHalfToEven) { EXPECT_EQ(blended({0, 1, 2}, {1, 2, 255}, 0.5), (Colour{0, 2, 128})); }

TEST(Painter, LabelsOfEveryTypeHaveOneColour) {
  const Panel panel = whole_panel(1, 2);
  for (const DType dtype : kAllDTypes) {
    PlaneVoxels plane{dtype, 1, 2, std::vector<std::byte>(static_cast<std::size_t>(2 * size_of(dtype)))};
    visit_dtype(dtype, [&]<class T>(Type<T>) { reinterpret_cast<T*>(plane.voxels.data())[1] = T(5.0F); });
    Picture picture(2, 1, {9, 9, 9});
    draw_plane(plane, panel, {.window = {}, .colormap = "labels"}, picture);
    EXPECT_EQ(picture.at(0, 0), Colour());
    EXPECT_EQ(picture.at(1, 0), label_colour(5)) << dtype_name(dtype);
  }
}

TEST(Painter, CheckerboardBeginsWithTheFirst) {
  const Picture board = checkered(Picture(4, 4, {1, 1, 1}), Picture(4, 4, {2, 2, 2}), 2);
  EXPECT_EQ(board.at(1, 1).red, 1);
  EXPECT_EQ(board.at(2, 1).red, 2);
  EXPECT_EQ(board.at(2, 2).red, 1);
}

TEST(Figure, ScaleBarsAreRound) {
  EXPECT_DOUBLE_EQ(round_length(9.9), 5);
  EXPECT_DOUBLE_EQ(round_length(5), 5);
  EXPECT_DOUBLE_EQ(round_length(0.04), 0.02);
  EXPECT_DOUBLE_EQ(round_length(1234), 1000);
}

TEST(Figure, SaysWhatWasAskedFor) {
  const Scene scene = grid_scene({{1, 100, 200}, {1, 0.5, 0.5}}, Axis::z, {0}, 1);
  const Picture picture(200, 100, {0, 0, 0});
  std::string svg;
  draw_figure(picture, scene, {.window = {0, 40}}, {true, true, true, "one <caption>"}, "um",
              {PictureFormat::svg,
               [&](std::span<const std::byte> bytes) {
                 svg.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
               },
               [](const Picture& drawn, const TakeBytes& take) {
                 take(std::vector<std::byte>(static_cast<std::size_t>(drawn.width()) / 100, std::byte{0xff}));
               }});
  for (const char* words :
       {">20 \u00b5m<", ">x<", ">y<", ">40<", "one &lt;caption&gt;", "data:image/png;base64,//8="})
    EXPECT_NE(svg.find(words), std::string::npos) << words;
  EXPECT_NE(svg.find("width=\"40\" height=\"3\""), std::string::npos);  // 20 um are 40 pixels
}

TEST(TextPicture, HalfBlocksNameColoursWhereTheyChange) {
  Picture picture(2, 3, {255, 0, 0});
  picture.row(1)[1] = packed({0, 0, 255});
  EXPECT_EQ(picture_text(picture, TextColours::all),
            "\x1b[38;2;255;0;0m\x1b[48;2;255;0;0m\u2580\x1b[48;2;0;0;255m\u2580\x1b[0m\n"
            "\x1b[38;2;255;0;0m\x1b[49m\u2580\u2580\x1b[0m\n");
  EXPECT_EQ(picture_text(Picture(1, 2, {255, 0, 0}), TextColours::some256),
            "\x1b[38;5;196m\x1b[48;5;196m\u2580\x1b[0m\n");
  EXPECT_EQ(picture_text(Picture(1, 2, {128, 128, 128}), TextColours::some256),
            "\x1b[38;5;244m\x1b[48;5;244m\u2580\x1b[0m\n");
  EXPECT_EQ(picture_text(Picture(2, 1, {255, 255, 255}), TextColours::none), "@@\n");
}

TEST(TextPicture, CountsAsOneLine) {
  const std::vector<std::int64_t> counts{0, 1, 1'000'000};
  EXPECT_EQ(count_line(counts, false), " \u2581\u2588");
  EXPECT_EQ(count_line(counts, true), " .#");
}

TEST(Position, IsAnIndexAShareOrALength) {
  VolumeMeta meta;
  meta.shape = {10, 1, 1};
  meta.spacing = {0.1, 1, 1};
  meta.unit = "millimeter";
  EXPECT_EQ(plane_index("3", meta, 0), 3);
  EXPECT_EQ(plane_index("-2", meta, 0), 8);
  EXPECT_EQ(plane_index("50%", meta, 0), 5);
  EXPECT_EQ(plane_index("100%", meta, 0), 9);
  EXPECT_EQ(plane_index("0.3mm", meta, 0), 3);
  EXPECT_EQ(plane_index("999um", meta, 0), 9);
  for (const char* wrong : {"10", "-11", "1mm", "101%", "-1%", "1.5", "", "%", "nan%", "-1um", "zwei"})
    EXPECT_THROW(plane_index(wrong, meta, 0), Error) << wrong;
}

}  // namespace
}  // namespace vox
