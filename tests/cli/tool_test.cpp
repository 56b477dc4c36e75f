#include "cli/tool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>

#include "cli/tool_process.h"
#include "core/error.h"

namespace vox {
namespace {

TEST(ToolMain, WrongUsageIsOneLineAndStatusTwo) {
  const Ended ended = run_tool({"--repotr=x"}, nothing);
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "vtoy: error: unknown option '--repotr'; did you mean '--report'?\n");
  EXPECT_EQ(ended.out, "");
}

TEST(ToolMain, HelpAndVersionGoToStandardOutput) {
  const Ended help = run_tool({"--help"}, nothing);
  EXPECT_EQ(help.status, 0);
  EXPECT_TRUE(help.out.starts_with("Usage: vtoy"));
  EXPECT_EQ(help.err, "");
  const Ended version = run_tool({"--version"}, nothing);
  EXPECT_EQ(version.status, 0);
  EXPECT_TRUE(version.out.starts_with("vtoy (voxpipe) "));
}

TEST(ToolMain, EveryErrorHasItsStatus) {
  const std::pair<ErrorKind, int> expected[] = {{ErrorKind::failure, 1}, {ErrorKind::upstream, 1},
                                                {ErrorKind::usage, 2},   {ErrorKind::memory, 3},
                                                {ErrorKind::space, 4},   {ErrorKind::damaged, 5}};
  for (const auto& [kind, status] : expected) {
    const Ended ended = run_tool({}, [kind = kind](Context&) { throw Error(kind, "scan.tif: trouble"); });
    EXPECT_EQ(ended.status, status);
    EXPECT_EQ(ended.err, "vtoy: error: scan.tif: trouble\n");
    EXPECT_EQ(ended.out, "");
  }
}

TEST(ToolMain, AReaderThatHasEnoughIsNoError) {
  const Ended ended = run_tool({}, [](Context&) { throw Error(ErrorKind::closed, "pipe"); });
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
}

TEST(ToolMain, ForeignExceptions) {
  EXPECT_EQ(run_tool({}, [](Context&) { throw std::bad_alloc(); }).status, 3);
  EXPECT_EQ(run_tool({}, [](Context&) { throw std::runtime_error("odd"); }).err, "vtoy: error: odd\n");
  EXPECT_EQ(run_tool({}, [](Context&) { throw std::runtime_error("odd"); }).status, 1);
  const auto full = [](Context&) { throw std::system_error(ENOSPC, std::generic_category(), "out.tif"); };
  EXPECT_EQ(run_tool({}, full).status, 4);
}

TEST(ToolMain, FileNamesCannotPlayWithTheTerminal) {
  const Ended ended = run_tool({}, [](Context&) { fail("a\x1b[2J\nb.tif: no"); });
  EXPECT_EQ(ended.err, "vtoy: error: a\\x1b[2J\\nb.tif: no\n");
}

TEST(ToolMain, StatusOneThatIsNoFailure) {
  Setting setting;
  setting.one_means = "they differ";
  EXPECT_EQ(run_tool(
                {}, [](Context& context) { context.set_exit_status(1); }, setting)
                .status,
            1);
  EXPECT_EQ(run_tool(
                {}, [](Context&) { fail("trouble"); }, setting)
                .status,
            2);
}

TEST(ToolMain, ResultsAreWrittenAndChecked) {
  const Work prints = [](Context& context) { context.print("42\n"); };
  EXPECT_EQ(run_tool({}, prints).out, "42\n");
  Setting full;
  full.out_path = "/dev/full";
  const Ended no_space = run_tool({}, prints, full);
  EXPECT_EQ(no_space.status, 4);
  EXPECT_NE(no_space.err.find("standard output"), std::string::npos);
  Setting closed;
  closed.out_closed = true;
  EXPECT_EQ(run_tool({}, prints, closed).status, 1);
  Setting gone;
  gone.reader_gone = true;
  const Ended enough = run_tool({}, prints, gone);
  EXPECT_EQ(enough.status, 0);
  EXPECT_EQ(enough.err, "");
}

TEST(ToolMain, AClosedStandardOutputIsNotTakenByAFile) {
  const std::string path = scratch_path("opened_first");
  Setting closed;
  closed.out_closed = true;
  const auto opens = [&](Context& context) {
    if (::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600) <= STDERR_FILENO) fail("a low descriptor");
    context.print("42\n");
  };
  EXPECT_EQ(run_tool({}, opens, closed).status, 1);
  EXPECT_EQ(text_of(path), "");
}

TEST(ToolMain, ReportHasExactlyItsKeys) {
  const std::string path = scratch_path("report.json");
  ::unlink(path.c_str());
  const auto works = [](Context& context) {
    context.progress().bytes_in = 100;
    context.progress().bytes_out = 50;
    context.tally() += Tally{1, 2, 3, 4, 5};
  };
  const Ended ended = run_tool({"--report", path}, works);
  EXPECT_EQ(ended.status, 0) << ended.err;
  const std::string report = text_of(path);
  const std::string rest = report.substr(report.find("\"bytes_in\""));
  EXPECT_TRUE(report.starts_with("{\"seconds\": ")) << report;
  EXPECT_TRUE(rest.starts_with("\"bytes_in\": 100, \"bytes_out\": 50, \"peak_memory\": ")) << rest;
  EXPECT_TRUE(rest.ends_with(
      "\"clipped_low\": 1, \"clipped_high\": 2, \"nan\": 5, \"rounded\": 4, \"saturated\": 3}\n"))
      << rest;
  ::unlink(path.c_str());
  EXPECT_NE(run_tool({"--report", path}, [](Context&) { fail("trouble"); }).status, 0);
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST(ToolMain, AReportThatCannotBeWrittenIsToldBeforeAnyWork) {
  const Ended ended =
      run_tool({"--report", "/no/such/folder/r.json"}, [](Context& context) { context.print("worked"); });
  EXPECT_NE(ended.status, 0);
  EXPECT_EQ(ended.out, "");
  EXPECT_NE(ended.err.find("/no/such/folder"), std::string::npos);
}

TEST(ToolMain, ExplainPrintsThePlanAndNothingElse) {
  const Work works = [](Context& context) { context.print("a result"); };
  const Ended text = run_tool({"--explain", "-j", "3", "--memory=64M"}, works);
  EXPECT_EQ(text.status, 0);
  EXPECT_EQ(text.out, "no pass over the voxels\nallowed: 3 threads, 64.0 MiB\n");
  const Ended json = run_tool({"--explain", "--json", "-j", "3", "--memory=64M"}, works);
  EXPECT_TRUE(json.out.starts_with(
      "{\"passes\": [], \"peak_memory\": 0, \"threads\": 3, \"memory\": 67108864, \"tmpdir\": "))
      << json.out;
}

TEST(ToolMain, VerboseEndsWithTimeAndMemory) {
  const Ended ended = run_tool({"-v"}, [](Context& context) { context.progress().bytes_in = 3 << 20; });
  EXPECT_NE(ended.err.find(" s, 3.0 MiB in, 0 bytes out, peak memory "), std::string::npos) << ended.err;
}

TEST(ToolMain, VectorLevelsAreChecked) {
  Setting setting;
  setting.simd = "baseline";
  EXPECT_EQ(run_tool({}, nothing, setting).status, 0);
  setting.simd = "mmx";
  const Ended ended = run_tool({}, nothing, setting);
  EXPECT_EQ(ended.status, 2);
  EXPECT_NE(ended.err.find("VOXPIPE_SIMD"), std::string::npos) << ended.err;
}

TEST(ToolMain, TheReaderOfAStreamThatNeverBeganLearnsWhy) {
  Setting setting;
  setting.with_output = true;
  const Work fails = [](Context&) { fail("scan.tif: No such file or directory"); };
  const Ended piped = run_tool({"scan.tif"}, fails, setting);
  EXPECT_EQ(piped.status, 1);
  EXPECT_NE(piped.out.find("vtoy: scan.tif: No such file or directory"), std::string::npos);
  EXPECT_EQ(run_tool({"scan.tif", "out.tif"}, fails, setting).out, "");
  EXPECT_EQ(run_tool({"scan.tif", "--bogus"}, fails, setting).out, "");
}

}  // namespace
}  // namespace vox
