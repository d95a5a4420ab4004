#include "c/flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace khover::c {
namespace {

namespace fs = std::filesystem;

// Lines of a Makefile, continued ones joined.
std::vector<std::string> joined_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  std::string whole;
  for (std::string line; std::getline(stream, line);) {
    const bool goes_on = line.ends_with('\\');
    if (goes_on) line.pop_back();
    whole += line + " ";
    if (goes_on) continue;
    lines.push_back(std::move(whole));
    whole.clear();
  }
  if (!whole.empty()) lines.push_back(std::move(whole));
  return lines;
}

std::vector<std::string> split_command(const std::string& command) {
  std::vector<std::string> words;
  std::string word;
  bool any = false;
  char quote = 0;
  for (size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else if (c == '\\' && quote == '"' && i + 1 < command.size()) {
        word += command[++i];
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      any = true;
    } else if (c == '\\' && i + 1 < command.size()) {
      word += command[++i];
      any = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (any) words.push_back(std::move(word));
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(std::move(word));
  return words;
}

std::vector<std::string> reading_flags(const std::vector<std::string>& arguments, const fs::path& directory) {
  static const std::set<std::string> with_path = {"-I", "-include", "-isystem", "-iquote", "-idirafter"};
  static const std::set<std::string> known_f = {
      "-fms-extensions", "-fshort-wchar",    "-funsigned-char", "-fsigned-char",
      "-fno-common",     "-fno-PIE",         "-fno-pic",        "-fcf-protection=branch",
      "-fshort-enums",   "-fno-short-enums", "-fno-builtin",    "-ffreestanding"};
  static const std::set<std::string> known_m = {
      "-m64",      "-m32",     "-mcmodel=kernel", "-mno-red-zone", "-mno-sse",        "-mno-mmx",
      "-mno-sse2", "-mno-avx", "-mno-80387",      "-mno-3dnow",    "-mlittle-endian", "-mgeneral-regs-only"};
  std::vector<std::string> flags;
  const auto absolute = [&](const std::string& path) {
    return fs::path(path).is_absolute() ? path : (directory / path).lexically_normal().string();
  };
  for (size_t i = 1; i < arguments.size(); ++i) {
    const std::string& one = arguments[i];
    bool taken = false;
    for (const std::string& option : with_path) {
      if (one == option && i + 1 < arguments.size()) {
        flags.push_back(option);
        flags.push_back(absolute(arguments[++i]));
        taken = true;
        break;
      }
      if (option == "-I" && one.starts_with("-I") && one.size() > 2) {
        flags.push_back("-I" + absolute(one.substr(2)));
        taken = true;
        break;
      }
    }
    if (taken) continue;
    if ((one == "-D" || one == "-U") && i + 1 < arguments.size()) {
      flags.push_back(one + arguments[++i]);
    } else if (((one.starts_with("-D") || one.starts_with("-U")) && one.size() > 2) ||
               one.starts_with("-std=") || one == "-nostdinc" || known_f.contains(one) ||
               known_m.contains(one) || one.starts_with("--target=")) {
      flags.push_back(one);
    }
  }
  return flags;
}

}  // namespace

std::vector<std::string> options_of(const std::string& makefile, const std::string& file) {
  std::set<std::string> objects = {fs::path(file).stem().string() + ".o"};
  std::set<std::string> options;
  const std::vector<std::string> lines = joined_lines(makefile);
  // An object may be part of another: one round more for each level.
  for (int round = 0; round < 3; ++round) {
    for (const std::string& line : lines) {
      std::istringstream words(line);
      std::string target, sign;
      words >> target >> sign;
      if (sign != "+=" && sign != ":=" && sign != "=") continue;
      bool mine = false;
      for (std::string word; words >> word;) mine = mine || objects.contains(word);
      if (!mine) continue;
      const size_t open = target.find("-$(CONFIG_");
      if (open != std::string::npos && target.ends_with(')')) {
        options.insert(target.substr(open + 3, target.size() - open - 4) + "=y");
      }
      for (const char* suffix : {"-y", "-objs"}) {
        if (target.ends_with(suffix))
          objects.insert(target.substr(0, target.size() - std::string(suffix).size()) + ".o");
      }
      if (open != std::string::npos) objects.insert(target.substr(0, open) + ".o");
    }
  }
  return {options.begin(), options.end()};
}

Result<std::map<std::string, std::vector<std::string>>> read_compile_commands(const std::string& json,
                                                                              const std::string& name) {
  const nlohmann::json root = nlohmann::json::parse(json, nullptr, false);
  if (!root.is_array())
    return fail(name, "is not a compilation database",
                "make it again with the kernel's make compile_commands.json");
  std::map<std::string, std::vector<std::string>> commands;
  for (const auto& entry : root) {
    if (!entry.is_object() || !entry.contains("file") || !entry["file"].is_string()) continue;
    const std::string directory = entry.contains("directory") && entry["directory"].is_string()
                                      ? entry["directory"].get<std::string>()
                                      : ".";
    std::vector<std::string> arguments;
    if (entry.contains("arguments") && entry["arguments"].is_array()) {
      for (const auto& one : entry["arguments"]) {
        if (one.is_string()) arguments.push_back(one.get<std::string>());
      }
    } else if (entry.contains("command") && entry["command"].is_string()) {
      arguments = split_command(entry["command"].get<std::string>());
    }
    const std::string file =
        (fs::path(directory) / entry["file"].get<std::string>()).lexically_normal().string();
    commands[file] = reading_flags(arguments, directory);
  }
  return commands;
}

std::vector<std::string> module_flags(const std::string& file) {
  std::string stem = fs::path(file).stem().string();
  for (char& c : stem) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word) c = '_';
  }
  return {fmt::format("-DKBUILD_BASENAME=\"{}\"", stem), fmt::format("-DKBUILD_MODNAME=\"{}\"", stem),
          fmt::format("-DKBUILD_MODFILE=\"{}\"", stem), fmt::format("-D__KBUILD_MODNAME=kmod_{}", stem)};
}

}  // namespace khover::c
