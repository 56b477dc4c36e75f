// vview term: a plane in the terminal, and with the keyboard a way through the volume.
#include "vview_term.h"

#include <cstdlib>
#include <memory>

#include "cli/key_terminal.h"
#include "core/error.h"

namespace {

using namespace vox;

void describe(ToolCard& card, TermOptions& options) {
  card.name = "term";
  card.summary = "Show a plane in the terminal, and walk through the volume with the keyboard";
  card.description = {
      "Draws with half blocks in the colours that the terminal has (24 bits where COLORTERM says so, else "
      "256 where TERM does), else with plain characters, as where standard output is no terminal or NO_COLOR "
      "is set. Below stands the histogram of the voxels shown, from the smallest to the largest, on a "
      "logarithmic scale. The size is the terminal's, else COLUMNS and LINES, else 80 x 24. Shades are those "
      "of vview slice.",
      "On a terminal, unless the volume comes through a pipe, keys steer: right and up go to the next plane, "
      "left and down to the one before, page up and down by a tenth, home and end to the ends; x, y and z "
      "choose the axis; + and - make the window narrower and wider, [ and ] shift it down and up by a tenth, "
      "0 takes it from the plane shown; q ends and prints the vclip command for the window."};
  card.memory = "reads and holds the voxels that are shown";
  card.examples = {{"vview term scan.tif", "the middle plane"},
                   {"vclip -p 1,99 scan.tif | vview term -a y -i 25% --full", "from a pipe"}};
  card.positional("INPUT", "the volume", options.input);
  card.common.output = false;
  declare_axis(card.params, "the axis that the plane lies across", options.axis);
  declare_index(card.params, options.index);
  options.shading.declare(card.params);
}

bool can_steer(const TermOptions& options) {
  const char* const kind = std::getenv("TERM");
  const bool moves = kind != nullptr && *kind != '\0' && std::string(kind) != "dumb";
  return options.input != "-" && stdin_is_terminal() && stdout_is_terminal() && moves;
}

/// False when the user has seen enough.
bool obey(const Key& key, TermView& view) {
  const std::int64_t page = std::max<std::int64_t>(1, view.planes() / 10);
  if (key.kind == KeyKind::right || key.kind == KeyKind::up) view.move(1);
  if (key.kind == KeyKind::left || key.kind == KeyKind::down) view.move(-1);
  if (key.kind == KeyKind::page_up) view.move(page);
  if (key.kind == KeyKind::page_down) view.move(-page);
  if (key.kind == KeyKind::home) view.go_to(0);
  if (key.kind == KeyKind::end) view.go_to(view.planes() - 1);
  if (key.kind != KeyKind::character) return true;
  constexpr double kNarrower = 0.8;
  constexpr double kShift = 0.1;
  if (key.character == 'z') view.set_axis(Axis::z);
  if (key.character == 'y') view.set_axis(Axis::y);
  if (key.character == 'x') view.set_axis(Axis::x);
  if (key.character == '+' || key.character == '=') view.scale_window(kNarrower);
  if (key.character == '-') view.scale_window(1 / kNarrower);
  if (key.character == '[') view.shift_window(-kShift);
  if (key.character == ']') view.shift_window(kShift);
  if (key.character == '0') view.reset_window();
  return key.character != 'q';
}

void steer(TermView& view) {
  KeyTerminal terminal;
  bool ended = false;
  bool goes_on = true;
  std::string shown;
  while (goes_on && !ended) {
    const TerminalSize size = terminal_size();
    const std::string text = view.text(size, terminal_colours(), true);
    if (text != shown) terminal.show(text);
    shown = text;
    Key key;
    while (key.kind == KeyKind::none && !ended && size == terminal_size()) key = terminal.read_key(ended);
    goes_on = obey(key, view);
  }
}

void run(const TermOptions& options, Context& context) {
  options.shading.check();
  const bool steered = can_steer(options) && !context.explaining();
  const auto source =
      steered ? context.inputs().open_rereadable(options.input) : context.inputs().open(options.input);
  TermView view(options, *source, context);
  if (!steered) {
    const std::string text = view.text(terminal_size(), terminal_colours(), false);
    return context.print(text);
  }
  steer(view);
  if (view.has_window()) context.print(view.clip_command() + "\n");
}

}  // namespace

void add_term(ToolCard& card) {
  const auto options = std::make_shared<TermOptions>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
