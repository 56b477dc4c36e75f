#include "cli/resources.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>

namespace vox {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kGiB = std::int64_t{1} << 30;

using Texts = std::map<std::string, std::string>;

SystemView made_up(Texts files, Texts variables = {}, int threads = 16, std::int64_t memory = 64 * kGiB) {
  const auto look_up = [](Texts texts) {
    return [texts](const std::string& key) -> std::optional<std::string> {
      const auto found = texts.find(key);
      if (found == texts.end()) return std::nullopt;
      return found->second;
    };
  };
  return {look_up(std::move(files)), look_up(std::move(variables)), threads, memory};
}

Texts version2(Texts files) {
  files["/proc/self/cgroup"] = "0::/slurm/job_7/step_0\n";
  files["/proc/self/mountinfo"] =
      "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
  return files;
}

Texts version1(Texts files) {
  files["/proc/self/cgroup"] = "4:memory:/jobs/7\n2:cpu,cpuacct:/jobs/7\n0::/\n";
  files["/proc/self/mountinfo"] =
      "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
      "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n";
  return files;
}

TEST(Resources, TheMachineAloneDecidesWithoutControlGroups) {
  EXPECT_EQ(allowed_threads(made_up({})), 16);
  EXPECT_EQ(allowed_memory(made_up({})), 64 * kGiB);
  EXPECT_EQ(default_memory(made_up({})), 2 * kGiB);
  EXPECT_EQ(default_memory(made_up({}, {}, 1, 4 * kGiB)), kGiB);
  EXPECT_EQ(allowed_memory(made_up({}, {}, 1, 0)), std::nullopt);
  EXPECT_EQ(default_memory(made_up({}, {}, 1, 0)), 2 * kGiB);
}

TEST(Resources, Version2QuotaIsRoundedUp) {
  const std::string leaf = "/sys/fs/cgroup/slurm/job_7/step_0";
  EXPECT_EQ(allowed_threads(made_up(version2({{leaf + "/cpu.max", "250000 100000\n"}}))), 3);
  EXPECT_EQ(allowed_threads(made_up(version2({{leaf + "/cpu.max", "200000 100000\n"}}))), 2);
  EXPECT_EQ(allowed_threads(made_up(version2({{leaf + "/cpu.max", "10000 100000\n"}}))), 1);
  EXPECT_EQ(allowed_threads(made_up(version2({{leaf + "/cpu.max", "max 100000\n"}}))), 16);
  EXPECT_EQ(allowed_threads(made_up(version2({{leaf + "/cpu.max", "nonsense"}}))), 16);
}

TEST(Resources, Version2LimitsOfTheGroupsAroundCount) {
  const std::string job = "/sys/fs/cgroup/slurm/job_7";
  const auto files = version2({{job + "/step_0/memory.max", "max\n"}, {job + "/memory.max", "8589934592\n"}});
  EXPECT_EQ(allowed_memory(made_up(files)), 8 * kGiB);
  const auto at_mount =
      version2({{"/sys/fs/cgroup/memory.max", "1073741824\n"}, {job + "/memory.max", "8589934592\n"}});
  EXPECT_EQ(allowed_memory(made_up(at_mount)), kGiB);
  EXPECT_EQ(allowed_threads(made_up(version2({{"/sys/fs/cgroup/slurm/cpu.max", "100000 50000"}}))), 2);
}

TEST(Resources, Version1) {
  const std::string memory = "/sys/fs/cgroup/memory";
  EXPECT_EQ(
      allowed_memory(made_up(version1({{memory + "/jobs/7/memory.limit_in_bytes", "9223372036854771712\n"},
                                       {memory + "/jobs/memory.limit_in_bytes", "4294967296\n"}}))),
      4 * kGiB);
  EXPECT_EQ(allowed_memory(made_up(
                version1({{memory + "/jobs/7/memory.limit_in_bytes", "9223372036854771712\n"}}), {}, 1, 0)),
            std::nullopt);
  const std::string cpu = "/sys/fs/cgroup/cpu,cpuacct/jobs/7";
  EXPECT_EQ(allowed_threads(made_up(version1(
                {{cpu + "/cpu.cfs_quota_us", "150000\n"}, {cpu + "/cpu.cfs_period_us", "100000\n"}}))),
            2);
  EXPECT_EQ(allowed_threads(made_up(
                version1({{cpu + "/cpu.cfs_quota_us", "-1\n"}, {cpu + "/cpu.cfs_period_us", "100000\n"}}))),
            16);
}

TEST(Resources, AContainerSeesItsOwnGroupAsTheMount) {
  Texts files = {{"/proc/self/cgroup", "0::/docker/abc\n"},
                 {"/proc/self/mountinfo", "9 8 0:2 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
                 {"/sys/fs/cgroup/memory.max", "2147483648\n"}};
  EXPECT_EQ(allowed_memory(made_up(files)), 2 * kGiB);
  EXPECT_EQ(default_memory(made_up(files)), kGiB / 2);
}

TEST(Resources, Slurm) {
  EXPECT_EQ(allowed_threads(made_up({}, {{"SLURM_CPUS_PER_TASK", "4"}})), 4);
  EXPECT_EQ(allowed_threads(made_up({}, {{"SLURM_CPUS_PER_TASK", "400"}})), 16);
  EXPECT_EQ(allowed_threads(made_up({}, {{"SLURM_CPUS_PER_TASK", "0"}})), 16);
  EXPECT_EQ(allowed_threads(made_up({}, {{"SLURM_CPUS_PER_TASK", "many"}})), 16);
  EXPECT_EQ(allowed_memory(made_up({}, {{"SLURM_MEM_PER_NODE", "1000"}})), 1000 * kMiB);
  EXPECT_EQ(allowed_memory(made_up({}, {{"SLURM_MEM_PER_NODE", "0"}})), 64 * kGiB);
  EXPECT_EQ(allowed_memory(made_up({}, {{"SLURM_MEM_PER_CPU", "500"}, {"SLURM_CPUS_PER_TASK", "4"}})),
            2000 * kMiB);
  EXPECT_EQ(allowed_memory(made_up({}, {{"SLURM_MEM_PER_NODE", "9223372036854775807"}})), 64 * kGiB);
}

TEST(Resources, ThisMachineHasSomething) {
  const SystemView system = this_system();
  EXPECT_GE(allowed_threads(system), 1);
  EXPECT_LE(allowed_threads(system), ::sysconf(_SC_NPROCESSORS_CONF));
  ASSERT_TRUE(allowed_memory(system).has_value());
  EXPECT_GT(*allowed_memory(system), 16 * kMiB);
  EXPECT_EQ(system.environment("VOXPIPE_SURELY_NOT_SET"), std::nullopt);
}

TEST(Resources, ScratchFolder) {
  const SystemView bare = made_up({});
  const SystemView with_variable = made_up({}, {{"TMPDIR", "/scratch/me"}});
  EXPECT_EQ(scratch_folder("/mine", "/tmp/out.tif", with_variable), "/mine");
  EXPECT_EQ(scratch_folder({}, "/usr/out.tif", with_variable), "/scratch/me");
  EXPECT_EQ(scratch_folder({}, "-", made_up({}, {{"TMPDIR", ""}})), "/tmp");
  EXPECT_EQ(scratch_folder({}, "-", bare), "/tmp");
  EXPECT_EQ(scratch_folder({}, "", bare), "/tmp");
  EXPECT_EQ(scratch_folder({}, "out.tif", bare), ".");
  EXPECT_EQ(scratch_folder({}, "slices/", bare), ".");
  EXPECT_EQ(scratch_folder({}, "/no/such/folder/out.tif", bare), "/tmp");
  const std::string folder = testing::TempDir() + "scratch_folder_test";
  ASSERT_TRUE(::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST);
  EXPECT_EQ(scratch_folder({}, folder + "/out.raw", bare), folder);
  EXPECT_EQ(scratch_folder({}, folder + "/slices/", bare), folder);
}

}  // namespace
}  // namespace vox
