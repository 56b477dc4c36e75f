#include "engine/generated_source.h"

#include <utility>

namespace vox {

GeneratedSource::GeneratedSource(VolumeMeta meta, SourceInfo info, Fill fill, std::int64_t scratch_bytes)
    : fill_(std::move(fill)), scratch_bytes_(scratch_bytes) {
  meta_ = std::move(meta);
  info_ = std::move(info);
}

void GeneratedSource::read(const Box3& box, std::byte* out) { fill_(dense_block(out, meta_.dtype, box)); }

}  // namespace vox
