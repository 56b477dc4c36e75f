// What the files of vproject share.
#pragma once

#include <string>

#include "cli/context.h"
#include "engine/project.h"

struct ProjectOptions {
  std::string axis = "z";
  std::string input = "-";
  std::string output = "-";
};

/// A part of a projection along z: the one that has its plane takes what all have added up, or with --part
/// alone all planes.
void run_project_part(const vox::ProjectSpec& spec, const ProjectOptions& options, vox::SlabSource& source,
                      vox::Context& context);
