// The table of kernels: what there is, with its parameters declared as data.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "core/params.h"
#include "ops/kernel.h"

namespace vox {

/// The parameters of a kernel on their way from a user's words to the kernel.
class KernelSpec {
 public:
  virtual ~KernelSpec() = default;
  /// Declares the parameters; their values go into this spec, which must live as long as `params`.
  virtual void declare(Params& params) = 0;
  /// The kernel for a volume. Throws usage errors for parameters that do not fit it.
  virtual std::unique_ptr<Kernel> build(const VolumeMeta& input) const = 0;

 protected:
  KernelSpec() = default;
  KernelSpec(const KernelSpec&) = default;
  KernelSpec& operator=(const KernelSpec&) = default;
};

struct KernelEntry {
  std::string_view name;                       ///< as a user writes it: "clamp"
  std::string_view family;                     ///< the folder: "intensity"
  std::string_view summary;                    ///< a sentence without a final period
  std::unique_ptr<KernelSpec> (*make_spec)();  ///< with defaults that fit every volume
};

/// All kernels. Tests run every one over shapes, types, threads and memory.
std::span<const KernelEntry* const> kernels();

}  // namespace vox
