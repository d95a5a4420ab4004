// Gives up what judging an image never needs, so that a bug in a reader is worth less to the image's author:
// other programs, the network, other processes, the kernel's own controls. Files stay as they are for the
// user.
#pragma once

namespace khover::confine {

// For the whole process from now on, and what it starts: no_new_privs, and a seccomp filter under which those
// system calls fail with EPERM. False: this kernel or this build has no such filter; nothing else changed.
bool give_up_privileges();

}  // namespace khover::confine
