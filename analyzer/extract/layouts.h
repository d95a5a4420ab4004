// Records and enumerations of a parsed translation unit. Only to be asked after the whole unit
// is parsed: a trailing __packed is seen after the closing brace.
#pragma once

#include <clang/AST/ASTContext.h>

#include "abi/snapshot.h"
#include "error/error.h"
#include "extract/header_names.h"

namespace khover::extract {

// Fills records and enumerations: what the listed headers define, and whatever their records
// are made of.
Result<void> collect_layouts(clang::ASTContext& context, const HeaderNames& names, abi::Snapshot& snapshot);

}  // namespace khover::extract
