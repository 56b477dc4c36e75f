#include "io/tiff_ome.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "core/error.h"
#include "core/json_text.h"
#include "core/numbers.h"
#include "core/unit_ratio.h"
#include "core/units.h"
#include "io/embedded_meta.h"
#include "io/xml_reader.h"

namespace vox {
namespace {

constexpr std::array<std::string_view, 6> kOrders = {"ZCT", "ZTC", "CZT", "CTZ", "TZC", "TCZ"};
/// Entries of planes that are gone through at most: more than there are planes in any file.
constexpr std::int64_t kMostSteps = 1 << 26;

/// An attribute of a length with its unit.
struct Measure {
  double value = 0;
  std::string unit;  ///< a long name; empty: none that is a length
};

std::int64_t size_along(const OmeFacts& facts, char dimension) {
  return dimension == 'Z' ? facts.slices : dimension == 'C' ? facts.channels : facts.frames;
}

/// Walks through the document and collects the facts of its first image.
class OmeParser {
 public:
  OmeParser(std::string_view xml, const OmeContext& context)
      : context_(context), where_(context.path + ": its OME-XML"), xml_(xml, where_) {}

  std::optional<OmeFacts> parse() {
    for (XmlEvent event = xml_.next(); event != XmlEvent::finish; event = xml_.next()) {
      if (event == XmlEvent::start) start();
      if (event == XmlEvent::end) end();
      if (event == XmlEvent::text && (in_annotation_ || in_file_name_)) text_ += xml_.text();
    }
    if (images_ == 0) return {};
    if (images_ > 1)
      fail_usage(context_.path + ": holds " + std::to_string(images_) +
                 " images; write the one you want to a file of its own first (bfconvert -series N)");
    if (!described_planes_) add_planes(0, planes_there(), 0);
    return std::move(facts_);
  }

 private:
  void start() {
    const std::string_view name = xml_.name();
    if (name == "OME") file_id_ = xml_.attribute("UUID").value_or("");
    if (name == "BinaryOnly")
      fail_usage(context_.path + ": is described in another file" +
                 quoted(xml_.attribute("MetadataFile").value_or("")) +
                 "; write all of it to one file first (bfconvert)");
    if (name == "Pixels" && ++images_ == 1) start_pixels();
    if (images_ == 1 && name == "TiffData") start_tiff_data();
    if (images_ == 1 && name == "Plane") read_plane();
    if (name == "UUID" && in_tiff_data_) start_file_name();
    if (name == "CommentAnnotation") ours_ = xml_.attribute("Namespace") == kOmeNamespace;
    if (name == "Value" && ours_) {
      in_annotation_ = true;
      text_.clear();
    }
  }

  void end() {
    const std::string_view name = xml_.name();
    if (name == "UUID" && in_file_name_) end_file_name();
    if (name == "TiffData" && in_tiff_data_) end_tiff_data();
    if (name == "Value" && in_annotation_) {
      facts_.annotation = text_;
      in_annotation_ = false;
    }
    if (name == "CommentAnnotation") ours_ = false;
  }

  static std::string quoted(const std::string& file) { return file.empty() ? "" : ", " + json_text(file); }

  /// A whole number that is not negative; `missing` when the attribute is not there.
  std::int64_t number(const char* attribute, std::int64_t missing) const {
    const std::optional<std::string> text = xml_.attribute(attribute);
    std::int64_t value = 0;
    if (!text) return missing;
    if (!try_parse(trimmed(*text), value) || value < 0)
      fail_damaged(where_ + ": " + attribute + " is " + json_text(*text) + "; expected a whole number");
    return value;
  }

  std::int64_t size(const char* attribute) const {
    const std::int64_t value = number(attribute, 1);
    if (value == 0) fail_damaged(where_ + ": " + attribute + " is 0");
    return value;
  }

  /// A length. Units that the schema does not name are none; an attribute that is not there is `missing`.
  std::optional<Measure> measure(const std::string& attribute, const char* missing) const {
    Measure measure;
    const std::optional<std::string> text = xml_.attribute(attribute);
    if (!text || !try_parse(trimmed(*text), measure.value) || !std::isfinite(measure.value)) return {};
    measure.unit = unit_long_name(trimmed(xml_.attribute(attribute + "Unit").value_or(missing)));
    return measure;
  }

  void start_pixels() {
    facts_.width = number("SizeX", 0);
    facts_.height = number("SizeY", 0);
    facts_.slices = size("SizeZ");
    facts_.frames = size("SizeT");
    const std::int64_t channels = size("SizeC");
    if (channels % context_.samples != 0)
      fail_damaged(where_ + ": SizeC is " + std::to_string(channels) + ", but its pixels have " +
                   std::to_string(context_.samples) + " samples");
    facts_.channels = channels / context_.samples;
    const std::string order = xml_.attribute("DimensionOrder").value_or("XYZCT");
    facts_.page_order = order.starts_with("XY") ? order.substr(2) : "";
    if (std::find(kOrders.begin(), kOrders.end(), facts_.page_order) == kOrders.end())
      fail_damaged(where_ + ": DimensionOrder is " + json_text(order) + "; expected XYZCT or another order");
    planes_ = checked_product(checked_product(facts_.slices, facts_.channels, where_), facts_.frames, where_);
    read_spacing();
  }

  void read_spacing() {
    constexpr std::array kAxes = {"PhysicalSizeZ", "PhysicalSizeY", "PhysicalSizeX"};
    std::array<Measure, 3> sizes;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::optional<Measure> found = measure(kAxes[axis], "micrometer");  // the schema's default
      if (!found || found->value <= 0) return;
      sizes[axis] = *found;
    }
    facts_.unit = sizes[2].unit;
    facts_.spacing = in_one_unit(sizes);
    if (!facts_.spacing) facts_.unit.clear();
  }

  /// The three in the unit of the spacing along x; nothing when that cannot be.
  std::optional<Vector3> in_one_unit(const std::array<Measure, 3>& measures) const {
    Vector3 vector{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const Measure& measure = measures[axis];
      const bool same = measure.unit == facts_.unit;
      if (!same && (measure.unit.empty() || facts_.unit.empty())) return {};
      vector[axis] = same ? measure.value : measure.value * unit_ratio(measure.unit, facts_.unit);
    }
    return vector;
  }

  void read_plane() {
    constexpr std::array kAxes = {"PositionZ", "PositionY", "PositionX"};
    const bool first =
        xml_.attribute("TheZ") == "0" && xml_.attribute("TheC") == "0" && xml_.attribute("TheT") == "0";
    if (!first) return;
    std::array<Measure, 3> positions;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::optional<Measure> found = measure(kAxes[axis], "reference frame");
      if (!found) return;
      positions[axis] = *found;
    }
    if (!facts_.spacing) facts_.unit = positions[2].unit;
    facts_.origin = in_one_unit(positions);
  }

  void start_tiff_data() {
    in_tiff_data_ = described_planes_ = true;
    elsewhere_ = false;
    first_directory_ = number("IFD", 0);
    // Without a count: the one plane of the directory that is named, else all there are.
    const std::int64_t count = number("PlaneCount", number("NumPlanes", xml_.attribute("IFD") ? 1 : 0));
    plane_count_ = count == 0 ? planes_there() : count;
    first_plane_ = 0;
    std::int64_t step = 1;
    for (const char dimension : facts_.page_order) {
      const std::int64_t index = number(dimension == 'Z'   ? "FirstZ"
                                        : dimension == 'C' ? "FirstC"
                                                           : "FirstT",
                                        0);
      const std::int64_t length = size_along(facts_, dimension);
      if (index >= length) plane_count_ = 0;  // left by programs that crop: such planes are no longer there
      first_plane_ += std::min(index, length) * step;
      step *= length;
    }
  }

  void end_tiff_data() {
    in_tiff_data_ = false;
    add_planes(first_plane_, plane_count_, elsewhere_ ? -1 : first_directory_);
  }

  void start_file_name() {
    in_file_name_ = true;
    file_name_ = xml_.attribute("FileName").value_or("");
    text_.clear();
  }

  /// Planes are here when their file has this one's identifier or, since files are copied, its name.
  void end_file_name() {
    in_file_name_ = false;
    const bool same_id = !file_id_.empty() && trimmed(text_) == trimmed(file_id_);
    const bool same_name =
        std::filesystem::path(file_name_).filename() == std::filesystem::path(context_.path).filename();
    elsewhere_ = !same_id && !same_name && !file_name_.empty();
    if (elsewhere_ && facts_.other_file.empty()) facts_.other_file = file_name_;
  }

  /// No more planes than there are pages to hold them are in this file.
  std::int64_t planes_there() const { return std::min(planes_, context_.directories); }

  void add_planes(std::int64_t first, std::int64_t count, std::int64_t directory) {
    count = std::min(count, planes_ - first);
    if (directory >= 0) count = std::min(count, context_.directories - directory);
    if (count <= 0) return;
    if (!facts_.planes.empty()) {
      OmePlanes& last = facts_.planes.back();
      const bool follows = directory < 0 || last.directory < 0 ? directory < 0 && last.directory < 0
                                                               : last.directory + last.count == directory;
      if (follows && last.first + last.count == first) {
        last.count += count;
        return;
      }
    }
    facts_.planes.push_back({first, count, directory});
  }

  const OmeContext& context_;
  std::string where_;
  XmlReader xml_;
  OmeFacts facts_;
  std::string file_id_;
  std::int64_t images_ = 0;
  std::int64_t planes_ = 0;  ///< of all channels and time points
  bool described_planes_ = false;
  bool in_tiff_data_ = false;
  bool in_file_name_ = false;
  bool elsewhere_ = false;
  bool ours_ = false;
  bool in_annotation_ = false;
  std::string text_;
  std::string file_name_;
  std::int64_t first_directory_ = 0;
  std::int64_t first_plane_ = 0;
  std::int64_t plane_count_ = 0;
};

struct PlaneIndex {
  std::int64_t slice = 0;
  std::int64_t channel = 0;
  std::int64_t frame = 0;
};

PlaneIndex index_of(const OmeFacts& facts, std::int64_t plane) {
  PlaneIndex index;
  for (const char dimension : facts.page_order) {
    const std::int64_t length = size_along(facts, dimension);
    (dimension == 'Z' ? index.slice : dimension == 'C' ? index.channel : index.frame) = plane % length;
    plane /= length;
  }
  return index;
}

[[noreturn]] void fail_elsewhere(const OmeFacts& facts, const OmeContext& context) {
  fail_usage(context.path + ": planes of this volume are in another file, " + json_text(facts.other_file) +
             "; write all of it to one file first (bfconvert)");
}

}  // namespace

std::optional<OmeFacts> parse_ome(const std::string& description, const OmeContext& context) {
  const std::size_t start = description.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (start == std::string::npos || description[start] != '<') return {};
  if (description.find("<OME") == std::string::npos && description.find(":OME") == std::string::npos)
    return {};
  return OmeParser(std::string_view(description).substr(start), context).parse();
}

std::vector<std::int64_t> ome_directories(const OmeFacts& facts, const OmeContext& context,
                                          std::int64_t channel, std::int64_t frame) {
  constexpr std::int64_t kElsewhere = -1;
  constexpr std::int64_t kNowhere = -2;
  const std::string pages = format_count(context.directories) + " pages";
  if (facts.slices > context.directories && facts.other_file.empty())
    fail_damaged(context.path + ": its OME-XML speaks of " + format_count(facts.slices) +
                 " planes, and there are " + pages + ": the file is cut short or described wrongly");
  if (facts.slices > context.directories) fail_elsewhere(facts, context);
  std::vector<std::int64_t> directories(static_cast<std::size_t>(facts.slices), kNowhere);
  std::int64_t steps = 0;
  for (const OmePlanes& planes : facts.planes) {
    steps += planes.count;
    if (steps > kMostSteps) fail_damaged(context.path + ": its OME-XML describes planes again and again");
    for (std::int64_t i = 0; i < planes.count; ++i) {
      const PlaneIndex index = index_of(facts, planes.first + i);
      if (index.channel != channel || index.frame != frame) continue;
      directories[static_cast<std::size_t>(index.slice)] =
          planes.directory < 0 ? kElsewhere : planes.directory + i;
    }
  }
  for (std::size_t z = 0; z < directories.size(); ++z) {
    if (directories[z] == kElsewhere) fail_elsewhere(facts, context);
    if (directories[z] == kNowhere)
      fail_damaged(context.path + ": plane " + std::to_string(z) + " of channel " + std::to_string(channel) +
                   ", time point " + std::to_string(frame) + " has none of the " + pages +
                   ": the file is cut short or its OME-XML wrong");
  }
  return directories;
}

void apply_ome(const OmeFacts& facts, const std::string& path, VolumeMeta& meta) {
  meta.spacing = facts.spacing;
  if (!facts.unit.empty()) meta.unit = facts.unit;
  meta.origin = facts.origin;
  if (!facts.annotation.empty()) apply_embedded_meta(facts.annotation, path + ": its annotation", meta);
}

}  // namespace vox
