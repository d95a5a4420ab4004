// Follows an image from its root by the walk plan of a model.
#pragma once

#include "error/error.h"
#include "walk/world.h"

namespace khover::walk {

// Never fails: what cannot be followed becomes an opening of the set concerned. Each set
// visits each address once, so that work is bounded by the bytes present.
World walk(const pack::Model& model, const image::Memory& memory, const image::Facts& facts);

}  // namespace khover::walk
