#include "io/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "core/cancel.h"
#include "core/error.h"
#include "core/numbers.h"

namespace vox {
namespace {

constexpr int kPipeBytes = 1 << 20;
constexpr int kGraceMilliseconds = 1000;

struct Pipe {
  PipeEnd read;
  PipeEnd write;
};

Pipe make_pipe(const std::string& program) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail_system(program, errno);
  ::fcntl(ends[0], F_SETPIPE_SZ, kPipeBytes);  // refused beyond the user's limit: no harm
  return {PipeEnd(ends[0]), PipeEnd(ends[1])};
}

void never_block(const PipeEnd& end) {
  ::fcntl(end.get(), F_SETFL, ::fcntl(end.get(), F_GETFL) | O_NONBLOCK);
}

bool is_file(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

bool is_program(const std::string& path) { return is_file(path) && ::access(path.c_str(), X_OK) == 0; }

std::string name_in(const std::string& variable) { return variable.substr(0, variable.find('=')); }

/// Our environment with the changes of a call.
std::vector<std::string> changed_environment(const std::vector<std::string>& changes) {
  std::vector<std::string> all;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    bool changed = false;
    for (const std::string& change : changes) changed = changed || name_in(change) == name_in(*variable);
    if (!changed) all.emplace_back(*variable);
  }
  for (const std::string& change : changes)
    if (change.find('=') != std::string::npos) all.push_back(change);
  return all;
}

/// As exec wants them; they live as long as `words`.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Nobody is deaf to signals but those that who started us wished ignored (nohup), and a closed pipe ends it.
struct Attributes {
  explicit Attributes(bool own_group) {
    ::posix_spawnattr_init(&value);
    sigset_t set;
    sigemptyset(&set);
    ::posix_spawnattr_setsigmask(&value, &set);
    for (const int signal : {SIGPIPE, SIGXFSZ}) sigaddset(&set, signal);
    ::posix_spawnattr_setsigdefault(&value, &set);
    ::posix_spawnattr_setpgroup(&value, 0);
    const int flags =
        POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (own_group ? POSIX_SPAWN_SETPGROUP : 0);
    ::posix_spawnattr_setflags(&value, static_cast<short>(flags));
  }
  ~Attributes() { ::posix_spawnattr_destroy(&value); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  posix_spawnattr_t value;
};

struct Actions {
  Actions(int in, int out, int err) {
    ::posix_spawn_file_actions_init(&value);
    ::posix_spawn_file_actions_adddup2(&value, in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&value, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&value, err, STDERR_FILENO);
  }
  ~Actions() { ::posix_spawn_file_actions_destroy(&value); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;

  posix_spawn_file_actions_t value;
};

/// Who started us with SIGCHLD ignored would make the kernel throw the statuses away.
void keep_statuses() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    if (::sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
      std::signal(SIGCHLD, SIG_DFL);
  });
}

/// `actions` with the standard streams; none: they are ours.
pid_t spawn(const ProgramCall& call, const Attributes& attributes,
            const posix_spawn_file_actions_t* actions) {
  keep_statuses();
  std::vector<std::string> words = call.words;
  std::vector<std::string> environment = changed_environment(call.environment);
  pid_t id = 0;
  const int failed = ::posix_spawn(&id, call.path.c_str(), actions, &attributes.value,
                                   pointers_to(words).data(), pointers_to(environment).data());
  if (failed != 0) fail_system("command '" + words.front() + "'", failed);
  return id;
}

}  // namespace

pid_t start_program(const ProgramCall& call) { return spawn(call, Attributes(false), nullptr); }

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (is_program(name)) return name;
    fail_usage("command '" + name + "': " +
               (is_file(name) ? "is not executable; chmod +x makes it so" : "there is no such program"));
  }
  const char* folders = std::getenv("PATH");
  for (const std::string& folder : split(folders == nullptr ? "/usr/bin:/bin" : folders, ':')) {
    std::string path = (folder.empty() ? "." : folder) + "/" + name;
    if (!name.empty() && is_program(path)) return path;
  }
  fail_usage("command '" + name + "' is not found in the folders of PATH; install it, or write its path");
}

std::string end_in_words(int status) {
  if (WIFSIGNALED(status)) return "killed by " + signal_name(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

ErrorKind kind_of_end(int status) {
  if (WIFEXITED(status))
    for (const ErrorKind kind : {ErrorKind::usage, ErrorKind::memory, ErrorKind::space, ErrorKind::damaged})
      if (Error(kind, {}).exit_status(0) == WEXITSTATUS(status)) return kind;
  return ErrorKind::failure;
}

PipeEnd::PipeEnd(PipeEnd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

PipeEnd& PipeEnd::operator=(PipeEnd&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

void PipeEnd::close() {
  if (open()) ::close(std::exchange(descriptor_, -1));
}

ChildProcess::ChildProcess(const ProgramCall& call) {
  const std::string& name = call.words.front();
  Pipe in = make_pipe(name);
  Pipe out = make_pipe(name);
  Pipe err = make_pipe(name);
  const Actions actions(in.read.get(), out.write.get(), err.write.get());
  id_ = spawn(call, Attributes(true), &actions.value);
  for (PipeEnd* end : {&in.write, &out.read, &err.read}) never_block(*end);
  input = std::move(in.write);
  output = std::move(out.read);
  errors = std::move(err.read);
}

ChildProcess::~ChildProcess() {
  if (status()) return;
  ::kill(-id_, SIGTERM);
  ::kill(-id_, SIGCONT);  // who is stopped hears nothing
  input.close();
  output.close();
  errors.close();
  if (group_ends_within(kGraceMilliseconds)) return;
  ::kill(-id_, SIGKILL);
  while (!status_ && ::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool ChildProcess::group_ends_within(int milliseconds) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  // The number of a group is not given to others while anybody is in it.
  while (!status() || ::kill(-id_, 0) == 0) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

std::optional<int> ChildProcess::status() {
  int status = 0;
  if (!status_ && ::waitpid(id_, &status, WNOHANG) == id_) status_ = status;
  return status_;
}

}  // namespace vox
