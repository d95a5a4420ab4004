// The options by which every command takes an image.
#pragma once

#include <CLI/CLI.hpp>

#include "session/analysis.h"

namespace khover::cli {

// `arguments` must outlive the parsing.
void add_image_options(CLI::App& app, session::ImageArguments& arguments);

// Who will read the image. `arguments` must outlive the parsing.
void add_target_options(CLI::App& app, session::ImageArguments& arguments);

// What an output may not be (output/inputs.h). For commands that write files.
void name_inputs(const session::ImageArguments& arguments);

}  // namespace khover::cli
