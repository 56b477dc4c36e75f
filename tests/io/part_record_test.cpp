#include "io/part_survey.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "io/checksum.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

class Records : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("voxpipe_records_" + std::to_string(::getpid()));
    fs::create_directories(parts_folder(output()));
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string output() const { return (folder_ / "out.raw").string(); }

  PartRecord record(std::int64_t part, std::int64_t parts) const {
    PartRecord record;
    record.command = {"vclip", "1.0", {"-r", "0,9", "in \"quoted\".raw"}, "", parts};
    record.command.meta.shape = {10, 2, 3};
    record.command.meta.spacing = Vector3{0.1, 1.0 / 3, 2};
    record.command.meta.range = Range{-1.5, 1e300};
    record.command.layout = "raw";
    record.part = part;
    record.planes = {10 * (part - 1) / parts, 10 * part / parts};
    record.pieces = {{"data", record.planes.begin * 6, record.planes.size() * 6}};
    record.range = Range{0.1, 7.5};
    record.tally.clipped_low = 42;
    return record;
  }
  void put(const PartRecord& record) const {
    write_record(record_path(output(), record.part, record.command.parts), record);
  }

  fs::path folder_;
};

TEST_F(Records, ComeBackAsTheyWere) {
  const PartRecord put_in = record(2, 3);
  put(put_in);
  const auto got = read_record(record_path(output(), 2, 3));
  ASSERT_TRUE(got);
  EXPECT_EQ("", difference(put_in.command, got->command));
  EXPECT_EQ(put_in.command.meta, got->command.meta);
  EXPECT_EQ(put_in.planes, got->planes);
  EXPECT_EQ(put_in.range, got->range);
  EXPECT_EQ(put_in.tally, got->tally);
  EXPECT_EQ(1u, got->pieces.size());
}

TEST_F(Records, WhatIsNoRecordIsDamagedInput) {
  EXPECT_FALSE(read_record(record_path(output(), 1, 3)));
  for (const char* text : {"", "[]", "{}", "{\"voxpipe_part\": 1}", "nonsense"}) {
    std::ofstream(record_path(output(), 1, 3)) << text;
    EXPECT_THROW(read_record(record_path(output(), 1, 3)), Error) << text;
    EXPECT_EQ(0, survey_parts(output(), 0).parts);
  }
}

TEST_F(Records, ACopyUnderAnotherNameIsNoOtherPart) {
  put(record(1, 2));
  write_record(record_path(output(), 2, 2), record(1, 2));
  const PartSurvey survey = survey_parts(output(), 0);
  EXPECT_FALSE(survey.complete());
  EXPECT_EQ(std::vector<std::int64_t>{2}, survey.missing);
}

TEST_F(Records, ThoseOfMostPartsCount) {
  put(record(1, 3));
  put(record(2, 3));
  PartRecord other = record(3, 3);
  other.command.args = {"-r", "0,8"};
  put(other);
  const PartSurvey survey = survey_parts(output(), 0);
  EXPECT_EQ(2u, survey.done.size());
  EXPECT_EQ(std::vector<std::int64_t>{3}, survey.stale);
}

TEST_F(Records, ChecksumsFindOtherBytesAndMissingOnes) {
  std::ofstream(parts_folder(output()) + "/data") << std::string(60, 'x');
  std::vector<PartPiece> pieces = record(2, 2).pieces;
  add_checksums(output(), pieces);
  EXPECT_EQ("", damage(output(), pieces));
  std::fstream(parts_folder(output()) + "/data", std::ios::in | std::ios::out).seekp(59) << 'y';
  EXPECT_NE("", damage(output(), pieces));
  fs::resize_file(parts_folder(output()) + "/data", 59);
  EXPECT_NE(std::string::npos, damage(output(), pieces).find("cut short"));
}

TEST(Checksums, OfPiecesMakeThatOfTheWhole) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += static_cast<char>(i * i % 251);
  const auto checksum_of = [&](std::size_t begin, std::size_t end) {
    Crc32c checksum;
    checksum.add(std::as_bytes(std::span(text)).subspan(begin, end - begin));
    return checksum.value();
  };
  for (const std::size_t middle : {0u, 1u, 7u, 4096u, 4999u, 5000u})
    EXPECT_EQ(checksum_of(0, 5000), joined_crc32c(checksum_of(0, middle), checksum_of(middle, 5000),
                                                  static_cast<std::int64_t>(5000 - middle)));
}

TEST_F(Records, ListsAreShort) { EXPECT_EQ("1-3,7,9-10", ranges_text({1, 2, 3, 7, 9, 10})); }

}  // namespace
}  // namespace vox
