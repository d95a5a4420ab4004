// The options by which every command takes an image.
#pragma once

#include <CLI/CLI.hpp>

#include "session/analysis.h"

namespace khover::cli {

// `arguments` must outlive the parsing.
void add_image_options(CLI::App& app, session::ImageArguments& arguments);

}  // namespace khover::cli
