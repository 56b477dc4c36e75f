#include <array>

#include "core/error.h"
#include "core/numbers.h"
#include "core/units.h"
#include "core/xml_text.h"
#include "io/embedded_meta.h"
#include "io/tiff_ome.h"

namespace vox {
namespace {

constexpr const char* kRoot =
    "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\" "
    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
    "xsi:schemaLocation=\"http://www.openmicroscopy.org/Schemas/OME/2016-06 "
    "http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd\" Creator=\"voxpipe\">";

std::string ome_type(DType dtype, const std::string& path) {
  if (dtype == DType::float32) return "float";
  if (dtype == DType::float64) return "double";
  std::string name(dtype_name(dtype));
  if (is_float(dtype) || size_of(dtype) == 8)
    fail_usage(path + ": OME-TIFF has no " + name + "; convert to another type (-t " +
               (is_float(dtype) ? "float32" : "float64") + "), or name the output .tif");
  return name;
}

/// As OME spells it; what is no length has a unit of its own, since the default would be micrometres.
std::string ome_unit(const std::optional<std::string>& unit) {
  if (unit == "micrometer") return "\u00b5m";
  if (unit == "angstrom") return "\u00c5";
  return unit && unit_in_metres(*unit) > 0 ? unit_short_name(*unit) : "reference frame";
}

std::string attribute(const std::string& name, const std::string& value) {
  return " " + name + "=\"" + xml_escaped(value) + "\"";
}

/// `name`X, `name`Y and `name`Z with their units.
std::string lengths(const std::string& name, const Vector3& vector, const std::optional<std::string>& unit) {
  constexpr std::array kAxes = {"X", "Y", "Z"};
  std::string text;
  for (std::size_t axis = 0; axis < 3; ++axis)
    text += attribute(name + kAxes[axis], format_number(vector[2 - axis])) +
            attribute(name + kAxes[axis] + "Unit", ome_unit(unit));
  return text;
}

}  // namespace

MetaFields ome_fields(const VolumeMeta& meta) {
  return {.spacing = true, .unit = meta.unit && unit_in_metres(*meta.unit) > 0, .origin = true};
}

std::string ome_description(const VolumeMeta& meta, const std::string& path) {
  const std::string planes = std::to_string(meta.shape.z);
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
  text += std::string(kRoot) + "<Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" DimensionOrder=\"XYZCT\"";
  text += attribute("Type", ome_type(meta.dtype, path)) + attribute("SizeX", std::to_string(meta.shape.x)) +
          attribute("SizeY", std::to_string(meta.shape.y)) + attribute("SizeZ", planes);
  text += " SizeC=\"1\" SizeT=\"1\" BigEndian=\"false\"";
  if (meta.spacing) text += lengths("PhysicalSize", *meta.spacing, meta.unit);
  text += "><Channel ID=\"Channel:0:0\" SamplesPerPixel=\"1\"/>";
  text +=
      "<TiffData IFD=\"0\" FirstZ=\"0\" FirstC=\"0\" FirstT=\"0\"" + attribute("PlaneCount", planes) + "/>";
  if (meta.origin)
    text += "<Plane TheZ=\"0\" TheT=\"0\" TheC=\"0\"" + lengths("Position", *meta.origin, meta.unit) + "/>";
  text += "</Pixels><AnnotationRef ID=\"Annotation:0\"/></Image><StructuredAnnotations>";
  text += "<CommentAnnotation ID=\"Annotation:0\"" + attribute("Namespace", std::string(kOmeNamespace)) +
          "><Value>" + xml_escaped(embedded_meta(meta)) + "</Value></CommentAnnotation>";
  return text + "</StructuredAnnotations></OME>";
}

}  // namespace vox
