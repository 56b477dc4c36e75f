#include "ops/render/cairo_canvas.h"

#include <cairo-pdf.h>
#include <cairo.h>

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/utf8.h"

namespace vox {
namespace {

struct SurfaceEnd {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct ContextEnd {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Surface = std::unique_ptr<cairo_surface_t, SurfaceEnd>;

void check(cairo_status_t status) {
  if (status == CAIRO_STATUS_SUCCESS) return;
  const std::string what = std::string("the picture cannot be drawn: ") + cairo_status_to_string(status);
  if (status == CAIRO_STATUS_NO_MEMORY) fail_memory(what);
  fail(what);
}

Surface checked(cairo_surface_t* made) {
  Surface surface(made);
  check(cairo_surface_status(made));
  return surface;
}

/// The memory of `picture`, which must live as long, as Cairo sees it.
Surface surface_of(Picture& picture) {
  return checked(cairo_image_surface_create_for_data(
      reinterpret_cast<unsigned char*>(picture.row(0)), CAIRO_FORMAT_RGB24, static_cast<int>(picture.width()),
      static_cast<int>(picture.height()), static_cast<int>(picture.width() * 4)));
}

std::string drawable(std::string_view words) {
  std::string text;
  for_each_utf8(words, [&](std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    text += first < 0x20 || first == 0x7f ? "?" : std::string(character);
  });
  return text;
}

class CairoCanvas final : public Canvas {
 public:
  CairoCanvas(const PictureOutput& output, double width, double height) : output_(output) {
    if (output.format == PictureFormat::pdf) {
      surface_ = checked(cairo_pdf_surface_create_for_stream(&keep, &kept_, width, height));
      // Without a time, the same picture gives the same bytes.
      cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATE_DATE, "");
    } else {
      picture_.emplace(static_cast<std::int64_t>(std::ceil(width)),
                       static_cast<std::int64_t>(std::ceil(height)), Colour{});
      surface_ = surface_of(*picture_);
    }
    context_.reset(cairo_create(surface_.get()));
    check(cairo_status(context_.get()));
    CairoCanvas::rectangle({0, 0}, width, height, {.fill = Colour{255, 255, 255}});
  }

  void rectangle(PicturePoint corner, double width, double height, const Ink& ink) override {
    cairo_rectangle(context_.get(), corner.x, corner.y, width, height);
    draw(ink);
  }

  void path(const std::vector<PicturePoint>& points, bool closed, const Ink& ink) override {
    cairo_new_path(context_.get());  // words leave a point behind
    for (const PicturePoint& point : points) cairo_line_to(context_.get(), point.x, point.y);
    if (closed) cairo_close_path(context_.get());
    draw(ink);
  }

  void text(PicturePoint at, std::string_view words, const TextStyle& style) override {
    cairo_t* const context = context_.get();
    const std::string text = drawable(words);
    cairo_save(context);
    cairo_select_font_face(context, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(context, style.size);
    cairo_text_extents_t extents{};
    cairo_text_extents(context, text.c_str(), &extents);
    const double shares[] = {0, 0.5, 1};
    cairo_translate(context, at.x, at.y);
    cairo_rotate(context, style.degrees * std::numbers::pi / 180);
    cairo_move_to(context, -extents.x_advance * shares[static_cast<int>(style.anchor)], 0);
    set_colour(style.colour);
    cairo_show_text(context, text.c_str());
    cairo_restore(context);
  }

  void image(const Picture& picture, PicturePoint corner) override {
    // Cairo only reads it: nothing is drawn onto this surface.
    const Surface pixels = surface_of(const_cast<Picture&>(picture));
    cairo_t* const context = context_.get();
    cairo_set_source_surface(context, pixels.get(), corner.x, corner.y);
    cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST);
    cairo_rectangle(context, corner.x, corner.y, static_cast<double>(picture.width()),
                    static_cast<double>(picture.height()));
    cairo_fill(context);
    // The picture is not kept: what was drawn later of it would come from memory that is gone.
    cairo_set_source_rgb(context, 0, 0, 0);
    cairo_surface_flush(surface_.get());
  }

  void finish() override {
    check(cairo_status(context_.get()));
    cairo_surface_finish(surface_.get());
    check(cairo_surface_status(surface_.get()));
    if (picture_)
      output_.encode_png(*picture_, output_.take);
    else
      output_.take(kept_);
  }

 private:
  static cairo_status_t keep(void* kept, const unsigned char* bytes, unsigned int count) {
    auto& all = *static_cast<std::vector<std::byte>*>(kept);
    const auto part = std::as_bytes(std::span(bytes, count));
    all.insert(all.end(), part.begin(), part.end());
    return CAIRO_STATUS_SUCCESS;
  }

  void set_colour(const Colour& colour) {
    cairo_set_source_rgb(context_.get(), colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
  }

  void draw(const Ink& ink) {
    cairo_t* const context = context_.get();
    if (ink.fill) {
      set_colour(*ink.fill);
      cairo_fill_preserve(context);
    }
    if (ink.stroke) {
      const double dashes[] = {4, 3};
      cairo_set_dash(context, dashes, ink.dashed ? 2 : 0, 0);
      cairo_set_line_width(context, ink.width);
      set_colour(*ink.stroke);
      cairo_stroke_preserve(context);
    }
    cairo_new_path(context);
  }

  const PictureOutput& output_;
  std::optional<Picture> picture_;  ///< of a PNG
  std::vector<std::byte> kept_;     ///< of a PDF
  Surface surface_;
  std::unique_ptr<cairo_t, ContextEnd> context_;
};

}  // namespace

std::unique_ptr<Canvas> make_cairo_canvas(const PictureOutput& output, double width, double height) {
  return std::make_unique<CairoCanvas>(output, width, height);
}

double text_width(std::string_view words, double size) {
  const Surface surface = checked(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1));
  const std::unique_ptr<cairo_t, ContextEnd> context(cairo_create(surface.get()));
  cairo_select_font_face(context.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context.get(), size);
  cairo_text_extents_t extents{};
  cairo_text_extents(context.get(), drawable(words).c_str(), &extents);
  return extents.x_advance;
}

}  // namespace vox
