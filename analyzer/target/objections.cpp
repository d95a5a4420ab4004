#include "target/objections.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "target/command_line.h"

namespace khover::target {
namespace {

using pack::Requirement;

std::string noun(const std::string& registry) { return registry == "flb" ? "FLB" : registry; }

bool matters(const Requirement& one, const std::vector<HandedOver>& names) {
  if (one.registry.empty()) return true;
  return std::any_of(names.begin(), names.end(), [&](const HandedOver& name) {
    if (name.registry != one.registry) return false;
    const auto version = pack::version_of(name.name);
    return name.name == one.name || (version && version->stem == one.name);
  });
}

Objection objection(const Requirement& one, std::string what) {
  return {one.id, one.severity, true, std::move(what), one.because, ""};
}

// Whether the boolean parameter is on; nothing: it cannot be said.
std::optional<bool> setting(const Target& target, const Requirement& one,
                            const std::optional<std::string>& command_line) {
  if (command_line) {
    if (const auto value = CommandLine(*command_line).boolean(one.parameter)) return value;
    if (one.absent == "on" || one.absent == "off") return one.absent == "on";
  }
  if (one.absent == "on" || one.absent == "off" || !command_line || !target.config()) return std::nullopt;
  return target.config()->enabled(one.absent);
}

std::optional<Objection> to_boolean(const Target& target, const Requirement& one,
                                    const std::optional<std::string>& command_line) {
  const std::optional<bool> is = setting(target, one, command_line);
  const std::string wanted = one.parameter + (*one.is ? "=on" : "=off");
  if (is == one.is) return std::nullopt;
  if (is) return objection(one, "the target is booted without " + wanted);
  Objection open = objection(one, command_line ? "the target may be booted without " + wanted
                                               : "the command line of the target is not given");
  open.decided = false;
  open.remedy = command_line ? "add " + wanted + " to it" : "give it with --cmdline";
  return open;
}

std::optional<Objection> to_word(const Requirement& one, const std::optional<std::string>& command_line) {
  if (!command_line) {
    Objection open = objection(one, "the command line of the target is not given");
    open.decided = false;
    open.remedy = "give it with --cmdline";
    return open;
  }
  for (const std::string& value : CommandLine(*command_line).values(one.parameter)) {
    std::istringstream words(value);
    for (std::string word; std::getline(words, word, ',');) {
      if (word == one.never)
        return objection(one, "the target is booted with " + one.parameter + "=" + one.never);
    }
  }
  return std::nullopt;
}

// Where a field of the image's record is elsewhere in the target's; empty: nowhere.
std::string difference(const abi::Record& image, const abi::Record& target) {
  if (image.size != target.size)
    return fmt::format("{} bytes in the image, {} in the target", image.size, target.size);
  for (const abi::Field& field : image.fields) {
    if (field.name.empty()) continue;
    const auto other = std::find_if(target.fields.begin(), target.fields.end(),
                                    [&](const abi::Field& one) { return one.name == field.name; });
    if (other == target.fields.end()) return fmt::format("the target has no field '{}'", field.name);
    if (field.offset != other->offset || field.bit_offset != other->bit_offset)
      return fmt::format("field '{}' is at byte {} in the image, at {} in the target", field.name,
                         field.offset, other->offset);
    if (field.size != other->size)
      return fmt::format("field '{}' has {} bytes in the image, {} in the target", field.name, field.size,
                         other->size);
  }
  return "";
}

// Version numbers of the headers that declare the records.
void add_versions(const abi::Snapshot& image, const abi::Snapshot& target, const std::set<std::string>& files,
                  std::vector<Objection>& found) {
  for (const auto& [name, constant] : image.constants) {
    if (!constant.integer || !name.ends_with("_VERSION") || files.count(constant.file) == 0) continue;
    const auto other = target.integer(name);
    if (!other || *other == *constant.integer) continue;
    found.push_back({"target-version-number", pack::Severity::refuse, true,
                     fmt::format("{} is {} in the image, {} in the target", name,
                                 static_cast<int64_t>(*constant.integer), static_cast<int64_t>(*other)),
                     "the target refuses the other number, or reads records of another version", ""});
  }
}

}  // namespace

std::vector<Objection> object_to_names(const Target& target, const std::vector<HandedOver>& names) {
  using Answer = pack::TargetNames::Answer;
  std::vector<Objection> found;
  for (const HandedOver& one : names) {
    const Answer answer = target.knows(one.registry, one.name);
    if (answer == Answer::yes || answer == Answer::packs) continue;
    const bool no = answer == Answer::no;
    Objection objection;
    objection.id = "target-unknown-name";
    objection.decided = no;
    objection.what = fmt::format(
        "{} {} '{}' ({}{})", no ? "the target does not know" : "it cannot be said whether the target knows",
        noun(one.registry), one.name, one.path,
        one.count > 1 ? fmt::format(" and {} more", one.count - 1) : "");
    objection.because = one.registry == "file"
                            ? "a kernel without a handler for a file fails every open of /dev/liveupdate"
                            : "what is handed over under a name that no code of the target looks up is lost";
    if (one.registry == "file") objection.severity = pack::Severity::refuse;
    if (one.registry == "subtree" && one.has_pack) objection.severity = pack::Severity::hygiene;
    if (!no)
      objection.remedy = fmt::format("if it does, state it with --known {}:{}", one.registry, one.name);
    found.push_back(std::move(objection));
  }
  return found;
}

std::vector<Objection> object_to_settings(const Target& target, const std::vector<HandedOver>& names,
                                          const std::vector<Requirement>& requirements,
                                          const std::optional<std::string>& command_line) {
  std::vector<Objection> found;
  for (const Requirement& one : requirements) {
    if (!matters(one, names)) continue;
    std::optional<Objection> objects;
    if (!one.config.empty()) {
      // Without a configuration the strings of the kernel say what it has.
      if (target.config() && !target.config()->enabled(one.config))
        objects = objection(one, "the target is built without CONFIG_" + one.config);
    } else {
      objects = one.is ? to_boolean(target, one, command_line) : to_word(one, command_line);
    }
    if (objects) found.push_back(std::move(*objects));
  }
  return found;
}

std::vector<Objection> object_to_layouts(const Target& target, const abi::Snapshot& image,
                                         const std::vector<std::string>& records) {
  std::vector<Objection> found;
  if (!target.layouts()) return found;
  std::set<std::string> files;
  for (const std::string& name : records) {
    const auto mine = image.records.find(name);
    const auto theirs = target.layouts()->records.find(name);
    if (mine != image.records.end()) files.insert(mine->second.file);
    if (mine == image.records.end() || theirs == target.layouts()->records.end()) continue;
    const std::string differs = difference(mine->second, theirs->second);
    if (differs.empty()) continue;
    found.push_back({"target-layout", pack::Severity::crash, true,
                     fmt::format("'{}' is laid out differently: {}", name, differs),
                     "the target reads other bytes of the record than the image means", ""});
  }
  files.erase("");
  add_versions(image, *target.layouts(), files, found);
  return found;
}

}  // namespace khover::target
