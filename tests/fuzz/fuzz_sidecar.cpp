// Random text as a sidecar: one of our errors, or a meta that our own writing gives back unchanged.
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "io/sidecar.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  vox::SidecarFacts facts;
  try {
    facts = vox::parse_sidecar(text, "fuzz");
  } catch (const vox::Error&) {
    return 0;
  }
  if (!facts.has_shape || !facts.has_dtype) return 0;
  if (!(vox::parse_sidecar(vox::meta_to_sidecar(facts.meta), "again").meta == facts.meta)) std::abort();
  return 0;
}
