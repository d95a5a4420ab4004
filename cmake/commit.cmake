# Writes OUT, a C++ file with the commit of the tree SOURCE. Run at each build; the file changes only with the text.
#   cmake -D SOURCE=… -D OUT=… -P commit.cmake

# `git archive` fills this in, so that a tarball knows its commit without git.
file(STRINGS ${SOURCE}/cmake/commit.txt text REGEX "^[0-9a-f]+$")

if(NOT text AND EXISTS ${SOURCE}/.git)
  # The tree may belong to another user than the one who builds, as in a container.
  set(git git -c safe.directory=${SOURCE} -C ${SOURCE})
  execute_process(COMMAND ${git} rev-parse --short=12 HEAD
    OUTPUT_VARIABLE text OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${git} diff --quiet HEAD RESULT_VARIABLE differs ERROR_QUIET)
  if(text AND differs EQUAL 1)
    string(APPEND text ", modified")
  endif()
endif()

file(CONFIGURE OUTPUT ${OUT} CONTENT [[#include "cli/version.h"

namespace khover::cli {
const char* const kCommit = "@text@";
}  // namespace khover::cli
]] @ONLY)
