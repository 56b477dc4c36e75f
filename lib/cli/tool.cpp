#include "cli/tool.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <new>
#include <span>
#include <system_error>

#include "cli/context.h"
#include "cli/generate.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/part_passes.h"
#include "cli/progress_line.h"
#include "cli/report.h"
#include "cli/resources.h"
#include "cli/signal_watch.h"
#include "cli/terminal.h"
#include "core/cancel.h"
#include "core/error.h"
#include "io/bytes.h"
#include "io/output_file.h"
#include "io/stream.h"
#include "ops/simd.h"

namespace vox {
namespace {

/// A file opened later must not become standard output because that was closed. Using the stand-in fails as
/// it should.
void hold_standard_descriptors() {
  for (int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    if (::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return;
  }
}

void print_text(const std::string& text) {
  if (!text.empty()) ByteSink::standard_output().write(std::as_bytes(std::span(text)));
}

/// A network file system may say only now that the disk is full.
void close_standard_output() {
  if (::close(STDOUT_FILENO) != 0 && errno != EBADF && errno != EINTR) fail_system("standard output", errno);
}

std::string wished_text(const ToolCard& card, const CommandLine& line, CommonOptions& options) {
  switch (line.wish) {
    case CommandLine::Wish::help:
      return help_text(card, *line.command, options_in_scope(card, *line.command, options), terminal_width());
    case CommandLine::Wish::version:
      return version_text(card);
    case CommandLine::Wish::generate:
      if (line.form == "man") return manual_page(card);
      if (line.form == "bash") return bash_completion(card);
      return line.form == "zsh" ? zsh_completion(card) : description_json(card);
    case CommandLine::Wish::run:
      break;
  }
  return {};
}

void apply_settings(CommonOptions& options) {
  const SystemView system = this_system();
  apply_environment(system.environment, options);
  if (const auto level = system.environment("VOXPIPE_SIMD"); level && !level->empty()) select_simd(*level);
  if (options.report) check_output(*options.report, true);
}

/// Progress for as long as it lives.
class ShownProgress {
 public:
  ShownProgress(Context& context, SignalWatch& watch)
      : line_(context.tool(), context.progress(), context.options().progress, context.options().quiet),
        watch_(watch) {
    if (line_.wanted()) watch_.call_often([this] { line_.update(); });
  }
  ~ShownProgress() {
    watch_.call_often({});
    line_.abandon();
  }
  ShownProgress(const ShownProgress&) = delete;
  ShownProgress& operator=(const ShownProgress&) = delete;

  void finish() { line_.finish(); }

 private:
  ProgressLine line_;
  SignalWatch& watch_;
};

RunReport report_since(std::chrono::steady_clock::time_point start, Context& context) {
  RunReport report;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.bytes_in = context.progress().bytes_in;
  report.bytes_out = context.progress().bytes_out;
  report.peak_memory = peak_memory_bytes();
  report.tally = context.tally();
  report.findings = context.findings();
  return report;
}

/// Runs the command and says what must be said when it went well.
int run_command(const ToolCard& command, Context& context, SignalWatch& watch) {
  const auto start = std::chrono::steady_clock::now();
  const CommonOptions& options = context.options();
  {
    ShownProgress progress(context, watch);
    try {
      command.run(context);
    } catch (const PassEnd& end) {
      if (!end.line.empty()) context.say(end.line);
    }
    progress.finish();
  }
  if (context.explaining()) {
    print_text(options.json ? plan_json(context.passes(), context.resources(), context.part_plan())
                            : plan_text(context.passes(), context.resources()));
    return 0;
  }
  print_text(context.printed());
  const RunReport report = report_since(start, context);
  if (options.report) write_report(*options.report, report);
  context.say_verbose(report_line(report));
  return context.exit_status();
}

/// The reader of a stream that will never begin learns why, instead of finding nothing.
void tell_reader(const std::string& reason) {
  if (stdout_is_terminal()) return;
  try {
    send_failure(ByteSink::standard_output(), reason);
  } catch (const Error&) {
    // There is no reader; the failure itself is being reported already.
  }
}

/// Options that only mean something for one of several parts.
void check_parts(const CommonOptions& options) {
  if (options.part) return;
  if (options.pass) fail_usage("--pass is for one of several parts: name it with --part K/N");
  if (options.redo) fail_usage("--redo makes a part again: name it with --part K/N");
  if (options.requeue_exit) fail_usage("--requeue-exit is for one of several parts: name it with --part K/N");
}

std::vector<std::string> inputs_of(const CommandLine& line) {
  std::vector<std::string> inputs;
  for (const NamedFile& file : line.files)
    if (!file.written) inputs.push_back(file.path);
  return inputs;
}

/// A failure that asking runs into does not hide the one that made us ask.
bool finished_by_others(const Context& context) {
  try {
    return context.finished_by_others();
  } catch (const Error&) {
    return false;
  }
}

bool is_cancelled(const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  return known != nullptr && known->kind() == ErrorKind::cancelled;
}

int run_tool(const ToolCard& card, const std::vector<std::string>& arguments, SignalWatch& watch) {
  CommonOptions options;
  const CommandLine line = parse_command_line(card, arguments, options);
  int status = 0;
  if (line.wish == CommandLine::Wish::run) {
    apply_settings(options);
    Context context(card.name, line.history_args, options);
    check_parts(options);
    check_named_files(line.files);
    if (options.part) watch.requeue_with(options.requeue_exit.value_or(143));
    try {
      if (options.part && !context.begin_part(line.output, inputs_of(line))) return 0;
      if (line.makes_volume) context.check_new(line.output);
      status = run_command(*line.command, context, watch);
    } catch (const std::exception& error) {
      if (!is_cancelled(error) && finished_by_others(context)) {
        context.say(line.output + ": was finished by others meanwhile");
        return 0;
      }
      if (line.streams_out && !context.stream_begun() && !context.explaining())
        tell_reader(reason_for_reader(card.name, error));
      throw;
    }
  } else {
    print_text(wished_text(card, line, options));
  }
  close_standard_output();
  return status;
}

int say_error(const ToolCard& card, const std::string& message, int status) {
  write_line(card.name + ": " + error_word() + " " + printable(message));
  return status == 1 && !card.one_means.empty() ? 2 : status;
}

int end_with(const ToolCard& card, const Error& error, const SignalWatch& watch) {
  const int signal = cancel_signal();
  const ErrorKind kind = error.kind();
  // A signal often goes to all tools of a pipe: then the neighbours' ends are no news.
  const bool neighbour =
      kind == ErrorKind::closed || kind == ErrorKind::upstream || kind == ErrorKind::damaged;
  if (signal != 0 && (kind == ErrorKind::cancelled || neighbour)) {
    // Who pressed Ctrl-C knows; a batch job's log should say it.
    if (signal != SIGINT) write_line(card.name + ": stopped by " + signal_name(signal));
    watch.end_process(signal);
  }
  if (kind == ErrorKind::closed) return 0;
  return say_error(card, error.what(), error.exit_status(signal));
}

}  // namespace

int tool_main(int argc, char** argv, const ToolCard& card) {
  hold_standard_descriptors();
  SignalWatch watch;
  try {
    return run_tool(card, {argv + (argc > 0 ? 1 : 0), argv + argc}, watch);
  } catch (const Error& error) {
    return end_with(card, error, watch);
  } catch (const std::bad_alloc&) {
    return say_error(card, "out of memory; allow less with --memory, or run where there is more", 3);
  } catch (const std::system_error& error) {
    const int number = error.code().value();
    return say_error(card, error.what(), number == ENOSPC || number == EDQUOT ? 4 : 1);
  } catch (const std::exception& error) {
    return say_error(card, error.what(), 1);
  }
}

}  // namespace vox
