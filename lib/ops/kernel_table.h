// The table of kernels: what there is, with its parameters declared as data.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/boundary.h"
#include "core/params.h"
#include "ops/kernel.h"
#include "ops/reducer.h"

namespace vox {

/// Kernels that run one after the other in one pass; a composite filter has several.
using KernelChain = std::vector<std::unique_ptr<Kernel>>;

/// The parameters of a kernel on their way from a user's words to the kernel.
class KernelSpec {
 public:
  virtual ~KernelSpec() = default;
  /// Declares the parameters; their values go into this spec, which must live as long as `params`.
  virtual void declare(Params& params) = 0;
  /// True when `look` must see the volume before `build`.
  virtual bool must_look() const { return false; }
  /// Takes what depends on the volume from passes over it. Without voxels (a pass that was only planned) the
  /// spec must stay usable.
  virtual void look(const VolumeMeta& input, const std::function<void(Reducer&)>& run_pass) {
    static_cast<void>(input);
    static_cast<void>(run_pass);
  }
  /// Takes what `build` must know of the outside of the volume; most filters leave that to the engine.
  virtual void look_outside(const Boundary& boundary) { static_cast<void>(boundary); }
  /// The kernels for a volume; one unless it is a composite. Throws usage errors for parameters that do not
  /// fit. `dtype`: the type asked for. What computes in double precision rounds to it once; the result of
  /// others keeps its own type, and the caller converts.
  virtual KernelChain build(const VolumeMeta& input, std::optional<DType> dtype) const = 0;

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
  std::string_view description = {};           ///< numerics for users: ties, NaN, types
  std::string_view example = {};  ///< options that fit every volume, with what is required: "-r 2"
};

/// A chain of one kernel.
template <class K, class... Args>
KernelChain chain_of(Args&&... args) {
  KernelChain chain;
  chain.push_back(std::make_unique<K>(std::forward<Args>(args)...));
  return chain;
}

/// All kernels. Tests run every one over shapes, types, threads and memory.
std::span<const KernelEntry* const> kernels();

}  // namespace vox
