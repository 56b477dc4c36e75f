// The wish to stop, as set by a signal: one flag for the process, since signals are the process's.
#pragma once

namespace vox {

/// Safe in a signal handler and from any thread. The first signal counts.
void request_cancel(int signal);
/// The signal that asked to stop; 0 for none.
int cancel_signal();
/// Throws an error of kind cancelled when a stop was asked for. Long work calls it once per block.
void check_cancelled();
/// For tests: as if no signal had come.
void reset_cancel();

}  // namespace vox
