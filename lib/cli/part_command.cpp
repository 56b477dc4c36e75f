#include "cli/part_command.h"

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <map>
#include <thread>

#include "core/cancel.h"
#include "core/error.h"
#include "core/history.h"
#include "io/child_talk.h"
#include "io/json_view.h"

namespace vox {
namespace {

constexpr std::size_t kReadBytes = 1 << 16;
constexpr std::chrono::milliseconds kBetweenLooks{20};

std::string trimmed_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

/// What a program prints. Throws what it says when it fails.
std::string output_of(const std::vector<std::string>& words) {
  ChildTalk talk(
      {find_program(words.front()), words}, [] { return std::span<const std::byte>(); },
      [] { check_cancelled(); });
  std::string text;
  std::vector<std::byte> bytes(kReadBytes);
  const auto answer = talk.answer();
  for (ssize_t count = 0; (count = answer->read(bytes.data(), bytes.size())) > 0;)
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count));
  const int status = talk.finish().value_or(0);
  if (status == 0) return text;
  const std::string said = trimmed_end(talk.errors());
  const std::string message = said.empty() ? words.front() + ": " + end_in_words(status) : said;
  throw Error(kind_of_end(status), message);
}

bool has_option(const std::vector<std::string>& words, const std::string& name) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::any_of(words.begin(), end,
                     [&](const std::string& word) { return word == name || word.starts_with(name + "="); });
}

/// Programs that run; those left at the end are asked to stop, and awaited.
class Running {
 public:
  Running() = default;
  ~Running() {
    for (const auto& [id, index] : programs_) ::kill(id, SIGTERM);
    for (const auto& [id, index] : programs_) ::waitpid(id, nullptr, 0);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  std::size_t count() const { return programs_.size(); }
  void add(pid_t id, std::size_t index) { programs_[id] = index; }
  /// Takes those that have ended.
  void collect(std::vector<int>& statuses) {
    for (auto program = programs_.begin(); program != programs_.end();) {
      int status = 0;
      const bool ended = ::waitpid(program->first, &status, WNOHANG) == program->first;
      if (ended) statuses[program->second] = status;
      program = ended ? programs_.erase(program) : std::next(program);
    }
  }

 private:
  std::map<pid_t, std::size_t> programs_;
};

}  // namespace

std::vector<std::string> with_options(const std::vector<std::string>& words,
                                      const std::vector<std::string>& options) {
  std::vector<std::string> all = words;
  all.insert(std::find(all.begin(), all.end(), "--"), options.begin(), options.end());
  return all;
}

namespace {

/// What the command plans for one part. `pass` as of `command_of_part`.
JsonDocument ask_plan(const std::vector<std::string>& words, std::int64_t parts, const std::string& pass) {
  const std::string count = std::to_string(parts);
  // The last part has something to do however few layers there are.
  std::vector<std::string> options{"--part", count + "/" + count, "--explain", "--json"};
  if (!pass.empty()) options.insert(options.end(), {"--pass", pass});
  return JsonDocument(output_of(with_options(words, options)), words.front() + " --explain --json");
}

std::int64_t bytes_of(const JsonDocument& plan) {
  std::int64_t bytes = 0;
  const JsonView passes = plan.root()["passes"];
  for (std::size_t i = 0; i < passes.size(); ++i)
    bytes += passes.at(i)["bytes_in"].whole().value_or(0) + passes.at(i)["bytes_out"].whole().value_or(0);
  return bytes;
}

}  // namespace

PartedCommand ask_command(const std::vector<std::string>& words, std::int64_t parts) {
  if (has_option(words, "--part")) fail_usage("--part: is what vpart adds to the command; leave it out");
  if (has_option(words, "--pass")) fail_usage("--pass: is what vpart adds to the command; leave it out");
  const JsonDocument plan = ask_plan(words, parts, "");
  const JsonView part = plan.root()["part"];
  if (!part) fail_usage(words.front() + ": makes no volume that parts could share");
  PartedCommand command;
  command.words = words;
  command.parts = parts;
  command.output = part["output"].text().value_or("");
  for (std::size_t i = 0; i < part["inputs"].size(); ++i)
    command.inputs.push_back(part["inputs"].at(i).text().value_or(""));
  command.units = part["units"].whole().value_or(0);
  command.first_passes = part["first_passes"].whole().value_or(0);
  command.finish_computes = part["finish_computes"].boolean().value_or(false);
  command.memory = plan.root()["memory"].whole().value_or(0);
  command.threads = static_cast<int>(plan.root()["threads"].whole().value_or(1));
  const bool shared = command.first_passes > 0;
  if (shared) command.bytes_of_first = bytes_of(ask_plan(words, parts, "reduce"));
  command.bytes_of_output = shared ? bytes_of(ask_plan(words, parts, "map")) : bytes_of(plan);
  return command;
}

std::vector<std::string> command_of_part(const PartedCommand& command, const std::string& part,
                                         const std::string& pass) {
  std::vector<std::string> options{"--part", part};
  if (!pass.empty()) options.insert(options.end(), {"--pass", pass});
  if (!has_option(command.words, "--memory"))
    options.insert(options.end(), {"--memory", std::to_string(command.memory)});
  return with_options(command.words, options);
}

std::vector<int> run_commands(const std::vector<std::vector<std::string>>& commands, int at_once,
                              const std::vector<std::string>& environment) {
  std::vector<int> statuses(commands.size(), 0);
  Running running;
  for (std::size_t next = 0; next < commands.size() || running.count() > 0;) {
    check_cancelled();
    while (next < commands.size() && running.count() < static_cast<std::size_t>(at_once)) {
      const std::vector<std::string>& words = commands[next];
      running.add(start_program({find_program(words.front()), words, environment}), next);
      ++next;
    }
    running.collect(statuses);
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return statuses;
}

}  // namespace vox
