#include "io/json_view.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json_text.h"

namespace vox {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 64;

const Json& json_of(const void* node) { return *static_cast<const Json*>(node); }

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): the parser's objects end without exceptions
struct JsonDocument::Tree {
  Json root;
};

JsonDocument::JsonDocument(std::string_view text, const std::string& where)
    : tree_(std::make_unique<Tree>()) {
  bool too_deep = false;
  const auto limit_depth = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest) too_deep = true;
    return !too_deep;
  };
  tree_->root = Json::parse(text, limit_depth, false);
  if (too_deep || !tree_->root.is_object())
    fail_damaged(where + ": is not a JSON object that voxpipe can read; it is damaged or cut short");
}

JsonDocument::~JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;

JsonView JsonDocument::root() const { return JsonView(&tree_->root); }

JsonView::operator bool() const { return node_ != nullptr && !json_of(node_).is_null(); }
bool JsonView::is_object() const { return node_ != nullptr && json_of(node_).is_object(); }
bool JsonView::is_array() const { return node_ != nullptr && json_of(node_).is_array(); }

JsonView JsonView::operator[](std::string_view key) const {
  if (!is_object()) return {};
  const auto found = json_of(node_).find(std::string(key));
  return found == json_of(node_).end() ? JsonView() : JsonView(&*found);
}

std::size_t JsonView::size() const { return is_array() || is_object() ? json_of(node_).size() : 0; }

JsonView JsonView::at(std::size_t index) const {
  if (!is_array() || index >= size()) return {};
  return JsonView(&json_of(node_)[index]);
}

std::optional<std::string> JsonView::text() const {
  if (node_ == nullptr || !json_of(node_).is_string()) return {};
  return json_of(node_).get<std::string>();
}

std::optional<double> JsonView::number() const {
  if (node_ == nullptr || !json_of(node_).is_number()) return {};
  return json_of(node_).get<double>();
}

std::optional<bool> JsonView::boolean() const {
  if (node_ == nullptr || !json_of(node_).is_boolean()) return {};
  return json_of(node_).get<bool>();
}

std::optional<std::int64_t> JsonView::whole() const {
  const std::optional<double> value = number();
  if (!value || *value != std::floor(*value) || std::abs(*value) >= 0x1p63) return {};
  return json_of(node_).is_number_float() ? static_cast<std::int64_t>(*value)
                                          : json_of(node_).get<std::int64_t>();
}

std::optional<std::uint64_t> JsonView::unsigned_whole() const {
  const std::optional<double> value = number();
  if (!value || *value != std::floor(*value) || *value < 0) return {};
  if (json_of(node_).is_number_unsigned()) return json_of(node_).get<std::uint64_t>();
  if (*value >= 0x1p64) return {};
  return static_cast<std::uint64_t>(*value);
}

std::string JsonView::dump() const {
  if (node_ == nullptr) return "null";
  return escape_controls(json_of(node_).dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace vox
