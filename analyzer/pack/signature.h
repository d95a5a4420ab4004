// Whether two ABI snapshots mean the same to the packs.
#pragma once

#include <string>

#include "pack/model.h"

namespace khover::pack {

// Everything of a model that decides how an image is read and judged, as text. Models of
// different kernels with equal signatures are one hypothesis.
std::string signature(const Model& model);

}  // namespace khover::pack
