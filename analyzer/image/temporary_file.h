// Temporary files that no one else sees: what is decompressed or rearranged lands here.
#pragma once

namespace khover::image {

// An open, unlinked file in $TMPDIR, else /tmp; in memory when neither can be written. -1 and errno on
// failure.
int unlinked_file();

}  // namespace khover::image
