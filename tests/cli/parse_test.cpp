#include "cli/parse.h"

#include <gtest/gtest.h>

#include <limits>

#include "cli/toy_card.h"
#include "core/error.h"

namespace vox {
namespace {

using Words = std::vector<std::string>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// One parsed command line of the toy tool.
struct Parsed {
  ToyTool tool;
  CommonOptions common;
  CommandLine line;

  explicit Parsed(const Words& words) { line = parse_command_line(tool.card(), words, common); }
};

std::string message_of(const ToolCard& card, const Words& words) {
  CommonOptions common;
  try {
    parse_command_line(card, words, common);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_EQ(error.exit_status(0), 2);
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos);
    return message;
  }
  return "no error";
}

std::string message_of(const Words& words) {
  ToyTool tool;
  return message_of(tool.card(), words);
}

std::string family_message(const Words& words) {
  ToyFamily family;
  return message_of(family.card(), words);
}

TEST(Parse, NothingGivenMeansTheDefaults) {
  const Parsed parsed({});
  EXPECT_EQ(parsed.line.wish, CommandLine::Wish::run);
  EXPECT_EQ(parsed.tool.input, "-");
  EXPECT_EQ(parsed.tool.output, "-");
  EXPECT_FALSE(parsed.tool.range.has_value());
  EXPECT_EQ(parsed.line.history_args, (Words{"-", "-"}));
}

TEST(Parse, EverySpellingOfAValue) {
  const std::array<double, 2> expected = {1, 99};
  for (const Words& words : {Words{"-r", "1,99"},
                             {"-r1,99"},
                             {"-r=1,99"},
                             {"--range", "1,99"},
                             {"--range=1,99"},
                             {"in", "-r", "1,99", "out"},
                             {"in", "out", "--range=1,99"},
                             {"-akr1,99"}}) {
    const Parsed parsed(words);
    EXPECT_EQ(parsed.tool.range, expected) << words.front();
  }
}

TEST(Parse, NegativeNumbersAreValues) {
  const auto range_of = [](const Words& words) { return Parsed(words).tool.range.value(); };
  EXPECT_EQ(range_of({"-r", "-5,10"}), (std::array<double, 2>{-5, 10}));
  EXPECT_EQ(range_of({"-r", "-.5,3"}), (std::array<double, 2>{-0.5, 3}));
  EXPECT_EQ(range_of({"-r", "-inf,0"}), (std::array<double, 2>{-kInfinity, 0}));
  EXPECT_EQ(range_of({"-r", "-Inf,-1e3"}), (std::array<double, 2>{-kInfinity, -1000}));
  EXPECT_EQ(range_of({"--range", "-5,-1"}), (std::array<double, 2>{-5, -1}));
  EXPECT_EQ(range_of({"--range=-5,10"}), (std::array<double, 2>{-5, 10}));
  EXPECT_EQ(range_of({"-r-5,10"}), (std::array<double, 2>{-5, 10}));
  EXPECT_EQ(Parsed({"-s", "-inf"}).tool.sigma, -kInfinity);
}

TEST(Parse, TheLastOfRepeatedOptionsCounts) {
  EXPECT_EQ(Parsed({"-r", "1,2", "--range=3,4"}).tool.range, (std::array<double, 2>{3, 4}));
}

TEST(Parse, DashAndWhatIsBehindTwoDashesIsPositional) {
  const Parsed dashes({"-", "-"});
  EXPECT_EQ(dashes.tool.input, "-");
  EXPECT_EQ(dashes.tool.output, "-");
  const Parsed behind({"-a", "--", "-r", "--keep"});
  EXPECT_EQ(behind.tool.input, "-r");
  EXPECT_EQ(behind.tool.output, "--keep");
  EXPECT_FALSE(behind.tool.keep);
  EXPECT_EQ(behind.line.history_args, (Words{"-a", "--", "-r", "--keep"}));
}

TEST(Parse, ACommandStandsBehindTwoDashes) {
  const auto parsed = [](const Words& words, Words& command) {
    ToyTool tool;
    CommonOptions common;
    ToolCard card = tool.card();
    card.command_words("the command", command);
    return parse_command_line(card, words, common);
  };
  Words command;
  const CommandLine all = parsed({"-r", "1,2", "in", "out.tif", "--", "sort", "-r", "--", "-h"}, command);
  EXPECT_EQ(command, (Words{"sort", "-r", "--", "-h"}));
  EXPECT_FALSE(all.streams_out);
  EXPECT_EQ(all.history_args, (Words{"-r", "1,2", "in", "out.tif", "--", "sort", "-r", "--", "-h"}));
  const CommandLine piped = parsed({"-j", "3", "--", "cat", "-"}, command);
  EXPECT_EQ(command, (Words{"cat", "-"}));
  EXPECT_TRUE(piped.streams_out);
  EXPECT_EQ(piped.history_args, (Words{"-", "-", "--", "cat", "-"}));
  for (const Words& words : {Words{"in", "out"}, {"in", "out", "--"}, {"in", "out", "cat", "--", "cat"}})
    EXPECT_THROW(parsed(words, command), Error);
}

TEST(Parse, AnOptionalValueNeverTakesTheNextWord) {
  const Parsed alone({"-i", "in", "out"});
  EXPECT_EQ(alone.tool.isotropic, "smallest");
  EXPECT_EQ(alone.tool.input, "in");
  EXPECT_EQ(Parsed({"--isotropic=1um"}).tool.isotropic, "1um");
  EXPECT_EQ(Parsed({"-i1um"}).tool.isotropic, "1um");
}

TEST(Parse, HistoryKeepsWhatChangesVoxelsAsTyped) {
  const auto history = [](const Words& words) { return Parsed(words).line.history_args; };
  EXPECT_EQ(history({"-j", "4", "-r", "-5,10", "--memory=1G", "in.tif", "-f", "out.tif"}),
            (Words{"-r", "-5,10", "in.tif", "out.tif"}));
  EXPECT_EQ(history({"-j4", "--threads=3", "--threads", "2", "--range=1,2", "-"}),
            (Words{"--range=1,2", "-", "-"}));
  EXPECT_EQ(history({"-kr1,2", "in"}), (Words{"-r1,2", "in", "-"}));
  EXPECT_EQ(history({"-akfj3", "in"}), (Words{"-a", "in", "-"}));
  EXPECT_EQ(history({"-kfr", "1,2"}), (Words{"-r", "1,2", "-", "-"}));
  EXPECT_EQ(history({"-afar", "1,2"}), (Words{"-aar", "1,2", "-", "-"}));
  EXPECT_EQ(history({"-a", "-a"}), (Words{"-a", "-a", "-", "-"}));
  EXPECT_EQ(history({"--tmpdir", "/x", "-q", "--progress", "never", "--report=r.json", "-c", "zstd:3",
                     "--explain"}),
            (Words{"-", "-"}));
  EXPECT_EQ(history({"--roi", "-3:,:,:", "--spacing=2"}),
            (Words{"--roi", "-3:,:,:", "--spacing=2", "-", "-"}));
}

TEST(Parse, UnknownOptions) {
  EXPECT_EQ(message_of({"--percentile", "1,99"}),
            "unknown option '--percentile'; did you mean '--percentiles'?");
  EXPECT_EQ(message_of({"--ragne=1,2"}), "unknown option '--ragne'; did you mean '--range'?");
  EXPECT_EQ(message_of({"-range", "1,2"}), "unknown option '-range'; did you mean '--range'?");
  EXPECT_EQ(message_of({"--quantum"}), "unknown option '--quantum'; see 'vtoy --help'");
  EXPECT_EQ(message_of({"-z"}), "unknown option '-z'; see 'vtoy --help'");
  EXPECT_EQ(message_of({"-5"}), "unknown option '-5'; see 'vtoy --help'");
  EXPECT_EQ(message_of({"-az"}), "unknown option '-z'; see 'vtoy --help'");
}

TEST(Parse, ValuesMissingOrUnwanted) {
  EXPECT_EQ(message_of({"-r"}), "option '-r' needs a value LO,HI; see 'vtoy --help'");
  EXPECT_EQ(message_of({"--range", "--approx"}),
            "option '--range' needs a value LO,HI but '--approx' follows; a value that begins with a dash is "
            "written "
            "--range=VALUE");
  EXPECT_EQ(message_of({"--approx=yes"}), "option '--approx' takes no value; see 'vtoy --help'");
  EXPECT_EQ(message_of({"-a=yes"}), "option '-a' takes no value; see 'vtoy --help'");
}

TEST(Parse, WrongValues) {
  EXPECT_EQ(message_of({"-r", "5"}), "option '-r': '5' is not a pair of numbers LO,HI; see 'vtoy --help'");
  EXPECT_EQ(message_of({"-t", "uint12"}),
            "option '-t': 'uint12' is not one of uint8, uint16; did you mean 'uint16'?");
  EXPECT_EQ(message_of({"--progress=daily"}),
            "option '--progress': 'daily' is not one of auto, always, never, json; choose one");
  EXPECT_EQ(message_of({"--memory", "lots"}),
            "option '--memory': 'lots' is not a size; write for example 64M or 2G");
  EXPECT_EQ(message_of({"-j", "0"}), "option '-j': '0' is not a number of threads; write 1 or more");
}

TEST(Parse, OptionsThatExcludeEachOther) {
  EXPECT_EQ(message_of({"-p", "1,99", "-r", "0,9"}),
            "options '--percentiles' and '--range' exclude each other; give only one of them");
  EXPECT_EQ(message_of({"-r", "0,9", "-p1,99"}),
            "options '--range' and '--percentiles' exclude each other; give only one of them");
  EXPECT_EQ(message_of({"-q", "-v"}),
            "options '--quiet' and '--verbose' exclude each other; give only one of them");
}

TEST(Parse, Positionals) {
  EXPECT_EQ(message_of({"a", "b", "c"}), "unexpected argument 'c' behind INPUT OUTPUT; see 'vtoy --help'");
  EXPECT_EQ(family_message({"measure"}), "argument LABELS is missing; see 'vfamily measure --help'");
}

TEST(Parse, KnowsWhetherVoxelsGoToStandardOutput) {
  EXPECT_TRUE(Parsed({}).line.streams_out);
  EXPECT_TRUE(Parsed({"in"}).line.streams_out);
  EXPECT_TRUE(Parsed({"in", "-"}).line.streams_out);
  EXPECT_FALSE(Parsed({"-", "out"}).line.streams_out);
  ToyFamily family;
  CommonOptions common;
  EXPECT_FALSE(parse_command_line(family.card(), {"measure", "labels"}, common).streams_out);
}

TEST(Parse, Wishes) {
  EXPECT_EQ(Parsed({"-h"}).line.wish, CommandLine::Wish::help);
  EXPECT_EQ(Parsed({"a", "b", "--help", "--bogus"}).line.wish, CommandLine::Wish::help);
  EXPECT_EQ(Parsed({"--version"}).line.wish, CommandLine::Wish::version);
  const Parsed man({"--generate", "man"});
  EXPECT_EQ(man.line.wish, CommandLine::Wish::generate);
  EXPECT_EQ(man.line.form, "man");
  EXPECT_EQ(message_of({"--generate=pdf"}),
            "option '--generate': 'pdf' is not one of man, bash, zsh, json; choose one");
}

TEST(Parse, Subcommands) {
  ToyFamily family;
  CommonOptions common;
  const ToolCard card = family.card();
  const CommandLine line = parse_command_line(
      card, {"-j", "2", "-x", "minmax", "-t", "-4", "in", "--memory", "64M", "out"}, common);
  EXPECT_EQ(line.command->name, "minmax");
  EXPECT_EQ(family.factor, -4);
  EXPECT_TRUE(family.shared);
  EXPECT_EQ(common.threads, 2);
  EXPECT_EQ(common.memory, 64 << 20);
  EXPECT_EQ(family.input, "in");
  EXPECT_EQ(family.output, "out");
  EXPECT_EQ(line.history_args, (Words{"-x", "minmax", "-t", "-4", "in", "out"}));
  const CommandLine other = parse_command_line(card, {"measure", "-x", "-t", "file", "labels"}, common);
  EXPECT_EQ(other.command->name, "measure");
  EXPECT_EQ(family.kernel, "file");
  EXPECT_EQ(family.labels, "labels");
}

TEST(Parse, SubcommandsMissingOrWrong) {
  EXPECT_EQ(family_message({}), "which subcommand? One of minmax, measure; see 'vfamily --help'");
  EXPECT_EQ(family_message({"-j", "2"}), "which subcommand? One of minmax, measure; see 'vfamily --help'");
  EXPECT_EQ(family_message({"minmx"}), "unknown subcommand 'minmx'; did you mean 'minmax'?");
  EXPECT_EQ(family_message({"scan.tif"}), "unknown subcommand 'scan.tif'; known: minmax, measure");
  EXPECT_EQ(family_message({"-t", "3", "minmax"}),
            "unknown option '-t'; options of a subcommand stand behind its name; see 'vfamily --help'");
  EXPECT_EQ(family_message({"measure", "--force", "labels"}),
            "unknown option '--force'; see 'vfamily measure --help'");
}

TEST(Parse, WishesOfSubcommands) {
  ToyFamily family;
  CommonOptions common;
  const ToolCard card = family.card();
  const CommandLine whole = parse_command_line(card, {"--help"}, common);
  EXPECT_EQ(whole.wish, CommandLine::Wish::help);
  EXPECT_EQ(whole.command, &card);
  const CommandLine one = parse_command_line(card, {"minmax", "-h"}, common);
  EXPECT_EQ(one.wish, CommandLine::Wish::help);
  EXPECT_EQ(one.command->name, "minmax");
}

}  // namespace
}  // namespace vox
