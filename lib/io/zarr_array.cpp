#include "io/zarr_array.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "core/extent.h"
#include "io/bytes.h"

namespace vox {
namespace {

constexpr std::int64_t kLargestJson = 64 << 20;
constexpr std::size_t kMostAxes = 5;
constexpr std::int64_t kMostChunksPerShard = 1 << 24;
constexpr std::int64_t kLargestChunk = std::int64_t{1} << 40;

double special_number(const std::string& text, const std::string& where) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  fail_damaged(where + ": \"fill_value\" must be a number of the array's type");
}

/// "0x7fc00000": the element's bits.
bool hexadecimal(const std::string& text, std::uint64_t& bits) {
  if (!text.starts_with("0x")) return false;
  const auto [end, problem] = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
  return problem == std::errc{} && end == text.data() + text.size();
}

template <class T>
T fill_of(const JsonView& value, const std::string& where) {
  const std::string wrong = where + ": \"fill_value\" must be a number of the array's type";
  if (!value) return T{};
  if (const auto flag = value.boolean()) return T(*flag ? 1.0 : 0.0);
  if constexpr (is_float_type<T>) {
    if (const auto text = value.text()) {
      std::uint64_t bits = 0;
      if (!hexadecimal(*text, bits)) return T(special_number(*text, where));
      T element;
      std::memcpy(static_cast<void*>(&element), &bits, sizeof element);
      return element;
    }
    const auto number = value.number();
    if (!number) fail_damaged(wrong);
    return T(*number);
  } else if constexpr (std::is_unsigned_v<T>) {
    const auto number = value.unsigned_whole();
    if (!number || *number > std::numeric_limits<T>::max()) fail_damaged(wrong);
    return static_cast<T>(*number);
  } else {
    const auto number = value.whole();
    if (!number || *number > std::numeric_limits<T>::max() || *number < std::numeric_limits<T>::min())
      fail_damaged(wrong);
    return static_cast<T>(*number);
  }
}

std::int64_t product(const std::vector<std::int64_t>& extents, std::int64_t start, const std::string& what) {
  for (const std::int64_t extent : extents) start = checked_product(start, extent, what);
  return start;
}

void check_array(const ZarrArray& array, const std::string& where) {
  const std::size_t axes = array.axes();
  if (axes < 2 || axes > kMostAxes)
    fail_usage(where + ": has " + std::to_string(axes) + " axes; arrays of 2 to 5 are read");
  if (array.outer.size() != axes || array.chunk.size() != axes || array.order.size() != axes)
    fail_damaged(where + ": chunks must have as many axes as the shape, " + std::to_string(axes));
  for (std::size_t i = 0; i < axes; ++i)
    if (array.outer[i] % array.chunk[i] != 0)
      fail_damaged(where + ": shards of " + std::to_string(array.outer[i]) +
                   " are no whole number of chunks of " + std::to_string(array.chunk[i]));
  product(array.shape, size_of(array.dtype), where + ": shape");
  if (product(array.chunk, size_of(array.dtype), where + ": chunk_shape") > kLargestChunk)
    fail_damaged(where + ": a chunk of more than 1 TiB cannot be");
  product(array.outer, size_of(array.dtype), where + ": shard");
  if (array.chunks_per_shard() > kMostChunksPerShard)
    fail_damaged(where + ": more than " + std::to_string(kMostChunksPerShard) +
                 " chunks in a shard cannot be read");
}

}  // namespace

std::int64_t ZarrArray::chunk_bytes() const { return product(chunk, size_of(dtype), folder.name()); }

std::int64_t ZarrArray::chunks_per_shard() const {
  std::int64_t count = 1;
  for (std::size_t i = 0; i < axes(); ++i) count = checked_product(count, outer[i] / chunk[i], folder.name());
  return count;
}

std::string ZarrArray::key(const std::vector<std::int64_t>& index) const {
  std::string name = prefixed ? "c" : "";
  for (std::size_t i = 0; i < index.size(); ++i)
    name += (i > 0 || prefixed ? separator : "") + std::to_string(index[i]);
  return name;
}

bool is_zarr_folder(const ZarrFolder& folder) {
  return folder.has("zarr.json") || folder.has(".zarray") || folder.has(".zgroup");
}

JsonDocument read_zarr_json(const ZarrFolder& folder, const std::string& file) {
  const std::string path = folder.name() + "/" + file;
  std::optional<ByteSource> bytes = folder.open(file);
  if (!bytes) fail_damaged(path + ": is missing, the store is not complete");
  if (*bytes->size() > kLargestJson) fail_damaged(path + ": is too large for Zarr metadata");
  std::string text(static_cast<std::size_t>(*bytes->size()), '\0');
  text.resize(static_cast<std::size_t>(bytes->read(std::as_writable_bytes(std::span(text)))));
  return {text, path};
}

std::vector<std::int64_t> zarr_extents(const JsonView& list, const std::string& key, std::int64_t least,
                                       const std::string& where) {
  const auto bad = [&] {
    fail_damaged(where + ": \"" + key + "\" must be a list of whole numbers from " + std::to_string(least) +
                 " on");
  };
  if (!list.is_array() || list.size() > 64) bad();
  std::vector<std::int64_t> extents;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto extent = list.at(i).whole();
    if (!extent || *extent < least || *extent > std::int64_t{1} << 62) bad();
    extents.push_back(*extent);
  }
  return extents;
}

std::string zarr_choice(const JsonView& object, const std::string& key, std::string_view one,
                        std::string_view other, std::string_view unsaid, const std::string& where) {
  const JsonView value = object[key];
  std::string word = value ? value.text().value_or("") : std::string(unsaid);
  if (word != one && word != other)
    fail_damaged(where + ": \"" + key + "\" must be " + std::string(one) + " or " + std::string(other));
  return word;
}

std::vector<std::byte> zarr_fill(const JsonView& value, DType dtype, const std::string& where) {
  return visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const T element = fill_of<T>(value, where);
    const auto bytes = std::as_bytes(std::span(&element, 1));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  });
}

ZarrNode read_zarr_node(const ZarrFolder& folder) {
  const std::string below = folder.name() + "/";
  if (folder.has("zarr.json")) {
    const std::string path = below + "zarr.json";
    JsonDocument document = read_zarr_json(folder, "zarr.json");
    const auto type = document.root()["node_type"].text();
    if (document.root()["zarr_format"].whole() != 3 || (type != "array" && type != "group"))
      fail_damaged(path + ": \"zarr_format\" must be 3 and \"node_type\" array or group");
    const JsonView attributes = document.root()["attributes"];
    JsonDocument own(attributes.is_object() ? attributes.dump() : "{}", path);
    return {type == "array", 3, std::move(own), path};
  }
  const bool is_array = folder.has(".zarray");
  if (!is_array && read_zarr_json(folder, ".zgroup").root()["zarr_format"].whole() != 2)
    fail_damaged(below + ".zgroup: \"zarr_format\" must be 2");
  const std::string path = below + ".zattrs";
  return {is_array, 2, folder.has(".zattrs") ? read_zarr_json(folder, ".zattrs") : JsonDocument("{}", path),
          path};
}

ZarrArray read_zarr_array(const ZarrFolder& folder) {
  const bool newer = folder.has("zarr.json") || !folder.has(".zarray");
  const std::string file = newer ? "zarr.json" : ".zarray";
  const std::string path = folder.name() + "/" + file;
  const JsonDocument document = read_zarr_json(folder, file);
  ZarrArray array = newer ? parse_zarr_v3(document.root(), path) : parse_zarr_v2(document.root(), path);
  array.folder = folder;
  check_array(array, path);
  return array;
}

}  // namespace vox
