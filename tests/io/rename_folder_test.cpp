#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "core/error.h"
#include "io/output_file.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

class RenameFolder : public testing::Test {
 protected:
  RenameFolder() {
    std::string name = (fs::temp_directory_path() / "voxpipe_rename_XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~RenameFolder() override { fs::remove_all(root_); }

  std::string make(const std::string& name, const std::string& text) {
    fs::create_directory(root_ / name);
    std::ofstream(root_ / name / "file") << text;
    return (root_ / name).string();
  }
  std::string text_of(const std::string& name) {
    std::ifstream file(root_ / name / "file");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::ptrdiff_t entries() { return std::distance(fs::directory_iterator(root_), {}); }

  fs::path root_;
};

TEST_F(RenameFolder, TakesThePlaceOfTheOldOne) {
  const std::string old = make("out", "old");
  rename_folder(make("made", "new"), old, [&] { EXPECT_FALSE(fs::exists(old)); });
  EXPECT_EQ("new", text_of("out"));
  EXPECT_EQ(1, entries());
}

TEST_F(RenameFolder, WhatTheFirstOfTwoMadeStays) {
  const std::string made = make("made", "new");
  rename_folder(made, (root_ / "out").string(), [] {});
  EXPECT_THROW(rename_folder(made, (root_ / "out").string(), [] {}), Error);
  EXPECT_EQ("new", text_of("out"));
  // The first is done between two steps of the second.
  const std::string again = make("made", "newer");
  EXPECT_THROW(rename_folder(again, (root_ / "out").string(), [&] { fs::remove_all(again); }), Error);
  EXPECT_EQ("new", text_of("out"));
  EXPECT_EQ(1, entries());
}

TEST_F(RenameFolder, TheOldOneStaysWhenAStepFails) {
  const std::string old = make("out", "old");
  const std::string made = make("made", "new");
  EXPECT_THROW(rename_folder(made, old, [] { throw std::runtime_error("no space"); }), std::runtime_error);
  EXPECT_EQ("old", text_of("out"));
  EXPECT_EQ("new", text_of("made"));
}

}  // namespace
}  // namespace vox
