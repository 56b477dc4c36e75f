#include "cli/part_task.h"

#include <gtest/gtest.h>

#include <map>

#include "core/error.h"

namespace vox {
namespace {

PartChoice parsed(const std::string& text, const std::map<std::string, std::string>& variables = {}) {
  return parse_part(text, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(PartTask, PartsOfAnyNumberOfPlanesFollowEachOther) {
  for (const std::int64_t count : {1, 2, 7, 64, 1000})
    for (const std::int64_t unit : {1, 3, 64, 2000})
      for (const std::int64_t parts : {1, 2, 3, 7, 50}) {
        std::int64_t end = 0;
        for (std::int64_t part = 1; part <= parts; ++part) {
          const Interval planes = planes_of_part(count, unit, {part, parts});
          EXPECT_EQ(end, planes.begin);
          EXPECT_TRUE(planes.begin % unit == 0 || planes.begin == count);
          EXPECT_LE(planes.size(), ((count - 1) / unit / parts + 1) * unit);
          end = planes.end;
        }
        EXPECT_EQ(count, end);
      }
}

TEST(PartTask, HugeVolumesAndManyPartsDoNotOverflow) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 60;
  EXPECT_EQ(kHuge, planes_of_part(kHuge, 1, {1000000, 1000000}).end);
  EXPECT_EQ((Interval{kHuge / 2, kHuge}), planes_of_part(kHuge, 1, {2, 2}));
}

TEST(PartTask, LaunchersNumberTheirProcesses) {
  EXPECT_EQ(3, parsed("3/8").part);
  const PartChoice array = parsed("auto", {{"SLURM_ARRAY_TASK_ID", "14"},
                                           {"SLURM_ARRAY_TASK_MIN", "10"},
                                           {"SLURM_ARRAY_TASK_STEP", "2"},
                                           {"SLURM_ARRAY_TASK_COUNT", "5"},
                                           {"SLURM_PROCID", "0"},
                                           {"SLURM_NTASKS", "1"}});
  EXPECT_EQ(3, array.part);
  EXPECT_EQ(5, array.parts);
  EXPECT_EQ(4, parsed("auto", {{"SLURM_PROCID", "3"}, {"SLURM_NTASKS", "4"}}).part);
  // mpirun within a job: its ranks count, not the one task of the job.
  EXPECT_EQ(2, parsed("auto", {{"SLURM_PROCID", "0"},
                               {"SLURM_NTASKS", "1"},
                               {"OMPI_COMM_WORLD_RANK", "1"},
                               {"OMPI_COMM_WORLD_SIZE", "2"}})
                   .part);
  EXPECT_EQ(2, parsed("auto", {{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}}).parts);
  EXPECT_THROW(parsed("auto"), Error);
  EXPECT_THROW(parsed("auto", {{"PMI_RANK", "2"}, {"PMI_SIZE", "2"}}), Error);
  // Some tasks of an array that was submitted again are no parts of as many.
  EXPECT_THROW(
      parsed("auto",
             {{"SLURM_ARRAY_TASK_ID", "9"}, {"SLURM_ARRAY_TASK_MIN", "3"}, {"SLURM_ARRAY_TASK_COUNT", "2"}}),
      Error);
}

TEST(PartTask, OtherWordsAreRefused) {
  for (const char* text : {"", "1", "/", "0/2", "3/2", "1/0", "1/2/3", "a/2", "-1/2", "1 / 2"})
    EXPECT_THROW(parsed(text), Error) << text;
}

}  // namespace
}  // namespace vox
