// The subcommands of vlabel: each fills a card of its own.
#pragma once

#include <functional>
#include <memory>

#include "cli/tool.h"
#include "cli/volume_pass.h"

void add_components(vox::ToolCard& card);
void add_measure(vox::ToolCard& card);
void add_select(vox::ToolCard& card);
void add_fill_holes(vox::ToolCard& card);
void add_distance(vox::ToolCard& card);
void add_watershed(vox::ToolCard& card);

namespace vox {
class ComponentParts;
}

/// Gives a source of which some planes are read.
using MakePlanes = std::function<std::unique_ptr<vox::SlabSource>(const vox::Interval& planes)>;
/// With --pass map: makes planes of the volume `meta` of what all parts have found. REQUIRES: parts and
/// resources live as long.
vox::VolumePass pass_of_parts(const vox::ComponentParts& parts, const vox::VolumeMeta& meta,
                              const vox::SourceInfo& info, vox::Resources& resources, const MakePlanes& make);
