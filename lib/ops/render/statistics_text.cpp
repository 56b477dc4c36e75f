#include "ops/render/statistics_text.h"

#include <cmath>

#include "core/exact_number.h"
#include "core/json_text.h"
#include "core/numbers.h"
#include "ops/render/bar_chart.h"

namespace vox {
namespace {

/// A line of CSV; NaN is an empty field.
class CsvLine {
 public:
  CsvLine& add(double value) { return add(std::isnan(value) ? std::string() : format_number(value)); }
  CsvLine& add(const std::string& text) {
    line_ += (line_.empty() ? "" : ",") + text;
    return *this;
  }
  std::string end() const { return line_ + "\n"; }

 private:
  std::string line_;
};

CsvLine& add_moments(CsvLine& line, const Moments& moments) {
  return line.add(std::to_string(moments.count))
      .add(moments.mean)
      .add(moments.std)
      .add(moments.min)
      .add(moments.max);
}

JsonObject& add_moments(JsonObject& object, const Moments& moments) {
  return object.add("count", moments.count)
      .add("mean", moments.mean)
      .add("std", moments.std)
      .add("min", moments.min)
      .add("max", moments.max);
}

/// The digits that a double lacks, for the extremes of 64-bit integers; NaN as `none`.
std::string exact_text(long double value, const std::string& none) {
  return std::isnan(value) ? none : format_exact(value);
}

std::int64_t infinities(const Summary& summary) {
  return summary.positive_infinity + summary.negative_infinity;
}

/// Digits that matter to people; whole numbers in full.
std::string readable(double value) {
  if (std::isnan(value)) return "-";
  if (value == std::floor(value) && std::abs(value) < 1e15)
    return format_count(static_cast<std::int64_t>(value));
  return format_rounded(value, 7);
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string row_of(const std::string& name, const std::string& value) {
  std::string row = name;
  row.resize(std::max<std::size_t>(row.size() + 1, 14), ' ');
  return row + value + "\n";
}

std::string moments_heading(const std::string& name) {
  std::string line = padded(name, 12);
  for (const char* column : {"count", "mean", "std", "min", "max"}) line += padded(column, 15);
  return "\n" + line + "\n";
}

std::string moments_row(const std::string& name, const Moments& moments) {
  return padded(name, 12) + padded(format_count(moments.count), 15) + padded(readable(moments.mean), 15) +
         padded(readable(moments.std), 15) + padded(readable(moments.min), 15) +
         padded(readable(moments.max), 15) + "\n";
}

std::string axis_name(Axis axis) { return axis == Axis::z ? "z" : axis == Axis::y ? "y" : "x"; }

}  // namespace

std::string statistics_table(const Statistics& statistics, const StatisticsRequest& request,
                             const std::string& title, int width) {
  const Moments& moments = statistics.moments;
  std::string text = row_of("volume", title) + row_of("voxels", format_count(statistics.summary.count));
  if (statistics.summary.nan > 0) text += row_of("NaN", format_count(statistics.summary.nan));
  if (infinities(statistics.summary) > 0)
    text += row_of("infinite", format_count(infinities(statistics.summary)));
  text += row_of("min", readable(statistics.summary.min)) + row_of("max", readable(statistics.summary.max)) +
          row_of("mean", readable(moments.mean)) + row_of("std", readable(moments.std)) +
          row_of("sum", readable(moments.sum)) + row_of("median", readable(statistics.median)) +
          row_of("entropy", readable(statistics.entropy) + " bits") +
          row_of("Otsu", readable(statistics.otsu));
  for (std::size_t i = 0; i < request.percentiles.size(); ++i)
    text += row_of(format_number(request.percentiles[i]) + " %", readable(statistics.percentiles[i]));
  if (statistics.summary.count > 0)
    text += "\n" + bar_chart(statistics.histogram.counts, width) +
            readable(statistics.histogram.edges.front()) + " to " +
            readable(statistics.histogram.edges.back()) + ", counts on a logarithmic scale\n";
  if (request.profile) text += moments_heading(axis_name(*request.profile));
  for (std::size_t i = 0; i < statistics.profile.size(); ++i)
    text += moments_row(std::to_string(i), statistics.profile[i]);
  if (request.labels) text += moments_heading("label");
  for (const LabelMoments& label : statistics.labels)
    text += moments_row(label_text(label.label, *request.labels), label.moments);
  return text;
}

std::string statistics_json(const Statistics& statistics, const StatisticsRequest& request) {
  JsonObject json;
  json.add("count", statistics.summary.count)
      .add_json("min", exact_text(statistics.summary.exact_min, "null"))
      .add_json("max", exact_text(statistics.summary.exact_max, "null"));
  json.add("mean", statistics.moments.mean)
      .add("std", statistics.moments.std)
      .add("sum", statistics.moments.sum);
  json.add("median", statistics.median)
      .add("nan", statistics.summary.nan)
      .add("inf", infinities(statistics.summary))
      .add("entropy", statistics.entropy)
      .add("otsu", statistics.otsu);
  JsonObject percentiles;
  for (std::size_t i = 0; i < request.percentiles.size(); ++i)
    percentiles.add(format_number(request.percentiles[i]), statistics.percentiles[i]);
  json.add("percentiles", percentiles);
  json.add("histogram",
           JsonObject().add("edges", statistics.histogram.edges).add("counts", statistics.histogram.counts));
  if (request.profile) {
    JsonArray profile;
    for (std::size_t i = 0; i < statistics.profile.size(); ++i) {
      JsonObject plane;
      profile.add(add_moments(plane.add("index", i), statistics.profile[i]));
    }
    json.add("profile", profile);
  }
  if (request.labels) {
    JsonArray labels;
    for (const LabelMoments& label : statistics.labels) {
      JsonObject object;
      labels.add(
          add_moments(object.add_json("label", label_text(label.label, *request.labels)), label.moments));
    }
    json.add("labels", labels);
  }
  return json.text() + "\n";
}

std::string statistics_csv(const Statistics& statistics, const StatisticsRequest& request) {
  if (request.profile || request.labels) {
    std::string text = std::string(request.profile ? "index" : "label") + ",count,mean,std,min,max\n";
    for (std::size_t i = 0; i < statistics.profile.size(); ++i) {
      CsvLine line;
      text += add_moments(line.add(std::to_string(i)), statistics.profile[i]).end();
    }
    for (const LabelMoments& label : statistics.labels) {
      CsvLine line;
      text += add_moments(line.add(label_text(label.label, *request.labels)), label.moments).end();
    }
    return text;
  }
  CsvLine heading;
  for (const char* name :
       {"count", "min", "max", "mean", "std", "sum", "median", "nan", "inf", "entropy", "otsu"})
    heading.add(std::string(name));
  CsvLine values;
  values.add(std::to_string(statistics.summary.count))
      .add(exact_text(statistics.summary.exact_min, ""))
      .add(exact_text(statistics.summary.exact_max, ""));
  values.add(statistics.moments.mean)
      .add(statistics.moments.std)
      .add(statistics.moments.sum)
      .add(statistics.median);
  values.add(std::to_string(statistics.summary.nan)).add(std::to_string(infinities(statistics.summary)));
  values.add(statistics.entropy).add(statistics.otsu);
  for (std::size_t i = 0; i < request.percentiles.size(); ++i) {
    heading.add("p" + format_number(request.percentiles[i]));
    values.add(statistics.percentiles[i]);
  }
  return heading.end() + values.end();
}

}  // namespace vox
