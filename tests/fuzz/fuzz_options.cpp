// Random lines as the words of a command line, and each as a value of every kind.
#include <string>
#include <vector>

#include "cli/parse.h"
#include "cli/toy_card.h"
#include "core/error.h"
#include "core/numbers.h"
#include "core/params.h"
#include "core/roi.h"

namespace vox {
namespace {

template <class Use>
void try_it(Use&& use) {
  try {
    use();
  } catch (const Error&) {
    // One of our errors is a right answer.
  }
}

template <class T>
void parse_as(const std::string& word) {
  try_it([&] {
    T value{};
    parse_value(word, value);
  });
}

void parse_alone(const std::string& word) {
  parse_as<std::int64_t>(word);
  parse_as<std::array<double, 2>>(word);
  parse_as<Vector3>(word);
  parse_as<Extent3>(word);
  parse_as<std::vector<double>>(word);
  parse_as<std::array<Length, 3>>(word);
  parse_as<DType>(word);
  try_it([&] { parse_size(word); });
  VolumeMeta meta;
  meta.shape = {100, 200, 300};
  meta.spacing = Vector3{2, 0.5, 0.5};
  meta.unit = "micrometer";
  try_it([&] { parse_roi(word, meta); });
  try_it([&] { parse_world_roi(word, meta); });
}

}  // namespace
}  // namespace vox

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::string> words =
      vox::split(std::string_view(reinterpret_cast<const char*>(data), size), '\n');
  vox::ToyTool tool;
  const vox::ToolCard card = tool.card();
  vox::CommonOptions options;
  vox::try_it([&] { vox::parse_command_line(card, words, options); });
  for (const std::string& word : words) vox::parse_alone(word);
  return 0;
}
