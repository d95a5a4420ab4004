#include "cli/khover/image_options.h"

#include "output/inputs.h"

namespace khover::cli {

void add_image_options(CLI::App& app, session::ImageArguments& arguments) {
  app.add_option("image", arguments.image,
                 "ELF core, kdump (compressed, flattened), or raw memory with --raw-base; zstd of any")
      ->required();
  app.add_option("parts", arguments.parts, "further files of a split kdump");
  app.add_option("--fdt", arguments.fdt, "physical address of the root FDT");
  app.add_option("--ram", arguments.ram, "RAM map: START,LENGTH[+START,LENGTH…]");
  app.add_option("--scratch", arguments.scratch, "scratch table: ADDRESS,SIZE");
  app.add_option("--numa", arguments.numa, "NUMA map: START,LENGTH[+…]@NODE, once per node");
  app.add_option("--host", arguments.host, "PCI functions of the host: its /sys, or a copy with its links");
  app.add_option("--phase", arguments.phase, "outgoing, finalized or early");
  app.add_option("--abi", arguments.abi,
                 "ABI snapshot: a shipped one by name, or a file; BASE+ADDITION joins two");
  app.add_option("--rules", arguments.rules, "folder of rule packs to use instead of the built-in ones");
  app.add_option("--add-rules", arguments.add_rules, "folder of rule packs beside the others, once for each")
      ->allow_extra_args(false);
  app.add_option("--raw-base", arguments.raw_base,
                 "the file is a raw copy of memory from this physical address on");
}

void add_target_options(CLI::App& app, session::ImageArguments& arguments) {
  app.add_option(
      "--target", arguments.target.kernel,
      "the next kernel: its vmlinux, bzImage or BTF, an ABI snapshot, or a release khover has one of");
  app.add_option("--known", arguments.target.known,
                 "file:NAME, flb:NAME or subtree:NAME that the next kernel knows, once for each")
      ->allow_extra_args(false);
}

void name_inputs(const session::ImageArguments& arguments) {
  for (const std::string& path : {arguments.image, arguments.host, arguments.rules, arguments.target.kernel})
    output::reads(path);
  for (const std::string& part : arguments.parts) output::reads(part);
  for (const std::string& folder : arguments.add_rules) output::reads(folder);
  for (const std::string& abi : arguments.abi) {
    output::reads(abi);
    for (size_t at = abi.find('+'); at != std::string::npos; at = abi.find('+', at + 1)) {
      output::reads(abi.substr(0, at));
      output::reads(abi.substr(at + 1));
    }
  }
}

}  // namespace khover::cli
