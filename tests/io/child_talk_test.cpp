#include "io/child_talk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {
namespace {

using Clock = std::chrono::steady_clock;

class ChildTalkTest : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }
};

ProgramCall shell(const std::string& script) { return {find_program("sh"), {"sh", "-c", script}}; }

/// Feeds `text` in pieces.
ChildTalk::Feed feed_of(const std::string& text) {
  auto at = std::make_shared<std::size_t>(0);
  return [&text, at] {
    const auto rest = std::as_bytes(std::span(text)).subspan(*at);
    const auto piece = rest.first(std::min<std::size_t>(rest.size(), 100'000));
    *at += piece.size();
    return piece;
  };
}

std::string all_of(ChildTalk& talk) {
  ByteSource source(talk.answer(), "the answer", std::nullopt);
  std::string text(40 << 20, '\0');
  text.resize(static_cast<std::size_t>(source.read(std::as_writable_bytes(std::span(text)))));
  return text;
}

struct Said {
  std::string out;
  std::string errors;
  int status;
};

Said said(const ProgramCall& call, const std::string& input) {
  ChildTalk talk(call, feed_of(input), [] {});
  const std::string out = all_of(talk);
  const int status = *talk.finish();
  return {out, talk.errors(), status};
}

/// Neither gone nor a zombie that somebody else must wait for.
bool runs(const std::string& id) {
  std::ifstream file("/proc/" + trimmed(id) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t end = text.rfind(") ");
  return end != std::string::npos && text[end + 2] != 'Z';
}

/// Descriptors that a program started by us would get.
int inherited_descriptors() {
  int count = 0;
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ++count;
  }
  return count;
}

TEST_F(ChildTalkTest, MoreThanPipesHoldGoesBothWaysAtOnce) {
  std::string text(5'000'000, 'x');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 >> 3);
  const Said got = said({find_program("cat"), {"cat"}}, text);
  EXPECT_TRUE(got.out == text);
  EXPECT_EQ(0, got.status);
}

TEST_F(ChildTalkTest, WhoAnswersBeforeReadingOrNeverReadsIsNotInTheWay) {
  const std::string text(4'000'000, 'x');
  const Said late = said(shell("head -c 3000000 /dev/zero; cat"), text);
  EXPECT_EQ(7'000'000U, late.out.size());
  const Said never = said(shell("exec <&-; head -c 3000000 /dev/zero"), text);
  EXPECT_EQ(3'000'000U, never.out.size());
  EXPECT_EQ(0, never.status);
}

TEST_F(ChildTalkTest, StandardErrorIsReadAndItsEndKept) {
  const Said got = said(shell("yes noise | head -n 500000 >&2; echo last >&2; cat; exit 3"), "in");
  EXPECT_EQ("in", got.out);
  EXPECT_EQ(3, WEXITSTATUS(got.status));
  EXPECT_LE(got.errors.size(), 4096U);
  EXPECT_TRUE(got.errors.ends_with("noise\nlast\n"));
}

TEST_F(ChildTalkTest, TheEndIsFoundAlsoWhenSomebodyElseKeepsThePipes) {
  const auto start = Clock::now();
  ChildTalk talk(
      shell("sleep 7.25 <&- >&- & echo $!"), [] { return std::span<const std::byte>(); }, [] {});
  const std::string id = all_of(talk);
  EXPECT_EQ(0, *talk.finish());
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
  EXPECT_TRUE(runs(id));
  ::kill(std::stoi(id), SIGKILL);
}

TEST_F(ChildTalkTest, PatienceEnds) {
  ChildTalk talk(
      shell("exec cat /dev/zero"), [] { return std::span<const std::byte>(); }, [] {});
  EXPECT_EQ(std::nullopt, talk.finish(std::chrono::milliseconds(100)));
}

TEST_F(ChildTalkTest, ACheckThatThrowsEndsTheTalkAndTheWholeGroup) {
  const auto start = Clock::now();
  std::string id;
  bool enough = false;
  {
    ChildTalk talk(
        shell("sleep 31.25 & echo $!; wait"), [] { return std::span<const std::byte>(); },
        [&] {
          if (enough) fail("enough");
        });
    ByteSource source(talk.answer(), "the answer", std::nullopt);
    for (char c = 0; c != '\n'; id += c) source.read(std::as_writable_bytes(std::span(&c, 1)));
    EXPECT_TRUE(runs(id)) << id;
    enough = true;
    EXPECT_THROW(source.peek(1), Error);
  }
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
  EXPECT_FALSE(runs(id));
}

TEST_F(ChildTalkTest, WhoDoesNotHearIsKilled) {
  const auto start = Clock::now();
  {
    ChildTalk talk(
        shell("trap '' TERM; echo ready; while :; do sleep 0.05; done"),
        [] { return std::span<const std::byte>(); }, [] {});
    ByteSource source(talk.answer(), "the answer", std::nullopt);
    EXPECT_EQ(5U, source.peek(5).size());
  }
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(-1, ::waitpid(-1, nullptr, WNOHANG));  // no zombie
  EXPECT_EQ(ECHILD, errno);
}

TEST_F(ChildTalkTest, TheProgramStartsAfresh) {
  ::setenv("VOX_TEST_KEPT", "kept", 1);
  ::setenv("VOX_TEST_GONE", "gone", 1);
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  ProgramCall call = shell(
      "echo $VOX_TEST_KEPT,$VOX_TEST_NEW,${VOX_TEST_GONE-none},"
      "$(ls /proc/self/fd | wc -l),$(grep SigBlk /proc/self/status | cut -f2); kill -PIPE $$; echo alive");
  call.environment = {"VOX_TEST_NEW=a b", "VOX_TEST_GONE"};
  const ChildTalk other(
      shell("exec sleep 5"), [] { return std::span<const std::byte>(); }, [] {});
  const Said got = said(call, "");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // ls has the folder open, too.
  EXPECT_EQ("kept,a b,none," + std::to_string(inherited_descriptors() + 1) + ",0000000000000000\n", got.out);
  EXPECT_EQ("killed by SIGPIPE", end_in_words(got.status));
}

TEST_F(ChildTalkTest, EndsInWords) {
  EXPECT_EQ("exit status 7", end_in_words(said(shell("exit 7"), "").status));
  EXPECT_EQ("killed by SIGKILL", end_in_words(said(shell("kill -9 $$"), "").status));
}

TEST_F(ChildTalkTest, ProgramsAreFoundAsAShellDoes) {
  EXPECT_EQ("/bin/sh", find_program("/bin/sh"));
  EXPECT_TRUE(find_program("sh").ends_with("/sh"));
  for (const char* name : {"no-such-program-here", "", "/bin", "/no/such", "/etc/passwd"}) {
    try {
      find_program(name);
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_EQ(ErrorKind::usage, error.kind()) << name;
    }
  }
}

}  // namespace
}  // namespace vox
