#include "extract/compile_flags.h"

namespace khover::extract {
namespace {

std::string source_arch(Arch arch) { return arch == Arch::x86_64 ? "x86" : "arm64"; }

}  // namespace

std::vector<std::string> kernel_flags(const KernelTree& tree, const std::string& forced_include) {
  const std::string arch = source_arch(tree.arch);
  std::vector<std::string> flags = {"-nostdinc",       "-D__KERNEL__",  "-std=gnu11",
                                    "-fms-extensions", "-fshort-wchar", "-funsigned-char",
                                    "-fno-common",     "-fno-PIE",      "-fno-pic"};
  if (tree.arch == Arch::x86_64) {
    for (const char* flag : {"-m64", "-mcmodel=kernel", "-mno-red-zone", "-mno-sse", "-mno-mmx", "-mno-sse2",
                             "-mno-3dnow", "-mno-avx", "-mno-80387"}) {
      flags.push_back(flag);
    }
  } else {
    flags.push_back("-mgeneral-regs-only");
    flags.push_back("-DKASAN_SHADOW_SCALE_SHIFT=");
  }
  // What the kernel's Makefiles add for tracing and branch protection: headers ask for it by #error.
  const auto configured = [&](const char* option) { return tree.configuration.contains(option); };
  if (configured("CONFIG_FUNCTION_TRACER")) {
    flags.push_back(tree.arch == Arch::x86_64 ? "-DCC_USING_FENTRY" : "-DCC_USING_PATCHABLE_FUNCTION_ENTRY");
  }
  if (configured("CONFIG_X86_KERNEL_IBT")) flags.push_back("-fcf-protection=branch");
  // The order of the kernel's LINUXINCLUDE, with the generated headers of each level after the source's.
  const auto include = [&](const std::string& directory) { flags.push_back("-I" + directory); };
  include(tree.source + "/arch/" + arch + "/include");
  include(tree.generated + "/arch/" + arch + "/include/generated");
  include(tree.source + "/include");
  if (tree.generated != tree.source) include(tree.generated + "/include");
  include(tree.source + "/arch/" + arch + "/include/uapi");
  include(tree.generated + "/arch/" + arch + "/include/generated/uapi");
  include(tree.source + "/include/uapi");
  include(tree.generated + "/include/generated/uapi");
  const auto force = [&](const std::string& file) {
    flags.push_back("-include");
    flags.push_back(file);
  };
  force(tree.source + "/include/linux/compiler-version.h");
  force(tree.source + "/include/linux/kconfig.h");
  if (!forced_include.empty()) force(forced_include);
  force(tree.source + "/include/linux/compiler_types.h");
  return flags;
}

std::vector<std::string> plain_flags(const std::string& forced_include) {
  std::vector<std::string> flags = {"-std=gnu11", "-ffreestanding"};
  if (!forced_include.empty()) {
    flags.push_back("-include");
    flags.push_back(forced_include);
  }
  return flags;
}

std::vector<std::string> include_flags(const std::vector<std::string>& directories) {
  std::vector<std::string> flags;
  for (const std::string& directory : directories) flags.push_back("-I" + directory);
  return flags;
}

std::string clang_target(Arch arch) {
  return arch == Arch::x86_64 ? "--target=x86_64-linux-gnu" : "--target=aarch64-linux-gnu";
}

}  // namespace khover::extract
