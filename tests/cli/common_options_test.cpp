#include "cli/common_options.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/parse.h"
#include "cli/toy_card.h"
#include "core/error.h"

namespace vox {
namespace {

CommonOptions parsed(const std::vector<std::string>& words) {
  ToyTool tool;
  CommonOptions options;
  parse_command_line(tool.card(), words, options);
  return options;
}

std::string message_of(const std::vector<std::string>& words) {
  try {
    parsed(words);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "no error";
}

TEST(CommonOptions, Input) {
  const CommonOptions options = parsed({"--roi=1:2,:,-5:", "--level", "1", "--channel=2", "--time", "0",
                                        "--in-shape", "4,5,6", "--in-dtype", "int16", "--in-byte-order",
                                        "big", "--in-offset", "1K", "--origin=-1,0,2.5", "--kind", "labels"});
  EXPECT_EQ(options.roi, "1:2,:,-5:");
  EXPECT_EQ(options.open.level, 1);
  EXPECT_EQ(options.open.channel, 2);
  EXPECT_EQ(options.open.time, 0);
  EXPECT_EQ(options.open.raw.shape, (Extent3{4, 5, 6}));
  EXPECT_EQ(options.open.raw.dtype, DType::int16);
  EXPECT_TRUE(options.open.raw.big_endian);
  EXPECT_EQ(options.open.raw.offset, 1024);
  EXPECT_EQ(options.origin, (Vector3{-1, 0, 2.5}));
  EXPECT_EQ(options.kind, Kind::labels);
  EXPECT_EQ(parsed({"--roi-world", "0:1,:,:"}).roi_world, "0:1,:,:");
  EXPECT_EQ(parsed({"--in-offset=0"}).open.raw.offset, 0);
  EXPECT_NE(message_of({"--level", "-1"}).find("is negative"), std::string::npos);
  EXPECT_NE(message_of({"--roi=:,:,:", "--roi-world=:,:,:"}).find("exclude each other"), std::string::npos);
}

TEST(CommonOptions, SpacingTakesUnits) {
  EXPECT_EQ(parsed({"--spacing", "2,0.65,0.65"}).spacing, (Vector3{2, 0.65, 0.65}));
  EXPECT_EQ(parsed({"--spacing", "2"}).unit, std::nullopt);
  const CommonOptions micrometres = parsed({"--spacing", "2um,0.5um,500nm"});
  EXPECT_EQ(micrometres.unit, "micrometer");
  EXPECT_EQ((*micrometres.spacing)[0], 2);
  EXPECT_NEAR((*micrometres.spacing)[2], 0.5, 1e-15);
  EXPECT_EQ(parsed({"--spacing=1", "--unit", "mm"}).unit, "millimeter");
  EXPECT_EQ(parsed({"--spacing=1um", "--unit", "micron"}).unit, "micrometer");
  EXPECT_NE(message_of({"--spacing=1um", "--unit=mm"}).find("give one of them"), std::string::npos);
  EXPECT_NE(message_of({"--unit=mm", "--spacing=1um"}).find("give one of them"), std::string::npos);
  EXPECT_NE(message_of({"--spacing=1um,2,2"}).find("in part"), std::string::npos);
  EXPECT_NE(message_of({"--spacing=0"}).find("positive"), std::string::npos);
  EXPECT_NE(message_of({"--spacing=1,-1,1"}).find("positive"), std::string::npos);
  EXPECT_NE(message_of({"--unit=parsec"}).find("not a unit"), std::string::npos);
}

TEST(CommonOptions, OutputAndRun) {
  const CommonOptions options =
      parsed({"-c", "zstd:7", "--predictor", "-f", "--no-history", "-j3", "--memory=2G", "--tmpdir",
              "/scratch", "--explain", "--json", "--report", "r.json", "-v", "--progress=json"});
  ASSERT_TRUE(options.create.compression.has_value());
  EXPECT_EQ(options.create.compression->codec, "zstd");
  EXPECT_EQ(options.create.compression->level, 7);
  EXPECT_TRUE(options.create.predictor);
  EXPECT_TRUE(options.create.force);
  EXPECT_TRUE(options.no_history);
  EXPECT_EQ(options.threads, 3);
  EXPECT_EQ(options.memory, std::int64_t{2} << 30);
  EXPECT_EQ(options.tmpdir, "/scratch");
  EXPECT_TRUE(options.explain);
  EXPECT_TRUE(options.json);
  EXPECT_EQ(options.report, "r.json");
  EXPECT_TRUE(options.verbose);
  EXPECT_EQ(options.progress, ProgressMode::json);
  EXPECT_EQ(parsed({"--progress=never"}).progress, ProgressMode::never);
  EXPECT_EQ(parsed({"--progress=always"}).progress, ProgressMode::always);
  EXPECT_EQ(parsed({"--progress=auto"}).progress, ProgressMode::automatic);
}

TEST(CommonOptions, Parts) {
  EXPECT_FALSE(parsed({"--part=2/3"}).pass.has_value());
  EXPECT_EQ(parsed({"--part=2/3", "--pass", "map"}).pass, PassRole::map);
  EXPECT_EQ(parsed({"--part=2/3", "--pass=reduce"}).pass, PassRole::reduce);
  EXPECT_NE(message_of({"--pass", "both"}).find("reduce"), std::string::npos);
  EXPECT_NE(message_of({"--requeue-exit", "256"}).find("no exit status"), std::string::npos);
}

TEST(CommonOptions, GroupsCanBeLeftOut) {
  const auto names = [](const CommonGroups& groups) {
    Params params;
    CommonOptions options;
    declare_common(params, groups, options);
    std::set<std::string> found;
    for (const Param& param : params.list()) {
      EXPECT_FALSE(param.group.empty());
      EXPECT_TRUE(found.insert(param.name).second) << param.name << " is declared twice";
    }
    return found;
  };
  EXPECT_EQ(names({false, false, false}), (std::set<std::string>{"quiet", "verbose"}));
  EXPECT_TRUE(names({true, false, false}).contains("roi"));
  EXPECT_FALSE(names({true, false, false}).contains("force"));
  EXPECT_TRUE(names({false, true, false}).contains("force"));
  EXPECT_FALSE(names({false, true, false}).contains("threads"));
  EXPECT_TRUE(names({false, false, true}).contains("report"));
}

TEST(CommonOptions, AToolsOwnJsonAlsoServesExplain) {
  Params params;
  CommonOptions options;
  bool own = false;
  params.flag("json", 0, "Print JSON", own);
  declare_common(params, CommonGroups{}, options);
  const auto is_json = [](const Param& param) { return param.name == "json"; };
  EXPECT_EQ(std::count_if(params.list().begin(), params.list().end(), is_json), 1);
  std::find_if(params.list().begin(), params.list().end(), is_json)->set("");
  EXPECT_TRUE(own);
  EXPECT_TRUE(options.json);
}

TEST(CommonOptions, TheEnvironmentFillsGaps) {
  std::map<std::string, std::string> variables = {{"VOXPIPE_THREADS", "3"}, {"VOXPIPE_MEMORY", "64M"}};
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    if (!variables.contains(name)) return std::nullopt;
    return variables[name];
  };
  CommonOptions options;
  apply_environment(environment, options);
  EXPECT_EQ(options.threads, 3);
  EXPECT_EQ(options.memory, 64 << 20);
  CommonOptions given;
  given.threads = 1;
  given.memory = 7;
  apply_environment(environment, given);
  EXPECT_EQ(given.threads, 1);
  EXPECT_EQ(given.memory, 7);
  variables["VOXPIPE_THREADS"] = "several";
  CommonOptions wrong;
  try {
    apply_environment(environment, wrong);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("VOXPIPE_THREADS"), std::string::npos);
  }
}

}  // namespace
}  // namespace vox
