// The first image of a subsystem that no kernel has yet: one of khover's own, with an object to spare, gets
// its name and its record.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "session/analysis.h"

namespace khover::session {

// The name of the object to spare, as corpus/writers/image.h has it.
inline constexpr std::string_view kSpareName = "khover-spare-object-to-be-named";

// `spare`: an image with such an object. `record`: at most a page.
Result<void> write_first_image(const Analysis& spare, const std::string& name,
                               const std::vector<std::byte>& record, const std::string& path);

}  // namespace khover::session
