#include "c/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "abi/versions.h"
#include "error/try.h"
#include "yaml/tree.h"

namespace khover::c {
namespace {

using yaml::Node;

const std::map<std::string, Role>& roles() {
  static const std::map<std::string, Role> names = {
#define KHOVER_ROLE(name) {#name, Role::name},
#define KHOVER_TRAIT(name)
#include "c/table_keys.inc"
#undef KHOVER_ROLE
#undef KHOVER_TRAIT
  };
  return names;
}

const std::map<std::string, Trait>& traits() {
  static const std::map<std::string, Trait> names = {
#define KHOVER_ROLE(name)
#define KHOVER_TRAIT(name) {#name, Trait::name},
#include "c/table_keys.inc"
#undef KHOVER_ROLE
#undef KHOVER_TRAIT
  };
  return names;
}

class TableReader {
 public:
  explicit TableReader(std::string name) : name_(std::move(name)) {}

  Result<Table> read(const Node& root) {
    Table table;
    each(root, [&](const std::string& key, const Node& node) {
      if (key == "headers") {
        table.headers = list(node);
      } else if (key == "records") {
        table.records = list(node);
      } else if (key == "configuration") {
        table.configuration = list(node);
      } else if (key == "iterations") {
        table.iterations = list(node);
      } else if (key == "fatal") {
        const std::vector<std::string> names = list(node);
        table.fatal = {names.begin(), names.end()};
      } else if (key == "error_pointers") {
        each(node, [&](const std::string& kind, const Node& names) {
          const std::vector<std::string> all = list(names);
          const std::map<std::string, std::set<std::string>*> kinds = {{"questions", &table.error_questions},
                                                                       {"values", &table.error_values},
                                                                       {"makers", &table.error_makers}};
          const auto found = kinds.find(kind);
          if (found == kinds.end()) return complain(names, fmt::format("unknown key '{}'", kind));
          *found->second = {all.begin(), all.end()};
        });
      } else if (key == "words") {
        each(node, [&](const std::string& kernel, const Node& words) {
          const std::vector<std::string> names = list(words);
          table.words[kernel_of(kernel, words)] = {names.begin(), names.end()};
        });
      } else if (key == "operations") {
        each(node, [&](const std::string& record, const Node& operations) {
          each(operations, [&](const std::string& kernel, const Node& members) {
            const std::vector<std::string> names = list(members);
            Operations& one = table.operations[record];
            (kernel_of(kernel, members) == Kernel::outgoing ? one.outgoing : one.incoming) = {names.begin(),
                                                                                              names.end()};
          });
        });
      } else if (key == "members") {
        each(node, [&](const std::string& role, const Node& globs) { table.members[role] = list(globs); });
      } else if (key == "functions") {
        each(node, [&](const std::string& name, const Node& entry) { table.functions[name] = api(entry); });
      } else {
        complain(node, fmt::format("unknown key '{}'", key));
      }
    });
    if (error_) return tl::unexpected(*error_);
    return table;
  }

 private:
  void complain(const Node& node, std::string what) {
    if (!error_) error_ = Error{yaml::position(name_, node), std::move(what), "see docs/review/README.md"};
  }

  template <typename Look>
  void each(const Node& node, Look look) {
    if (node.kind != Node::Kind::map) return complain(node, "a map is expected here");
    for (size_t i = 0; i < node.keys.size(); ++i) look(node.keys[i], node.items[i]);
  }

  std::vector<std::string> list(const Node& node) {
    std::vector<std::string> texts;
    if (node.kind != Node::Kind::sequence) complain(node, "a list is expected here");
    for (const Node& item : node.items) texts.push_back(item.text);
    return texts;
  }

  unsigned number(const Node& node, std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > 32) {
      complain(node, "the number of an argument is expected here, from 0");
    }
    return value;
  }

  Kernel kernel_of(std::string_view text, const Node& node) {
    if (text == "outgoing") return Kernel::outgoing;
    if (text == "incoming") return Kernel::incoming;
    complain(node, fmt::format("'{}' is neither outgoing nor incoming", text));
    return Kernel::unknown;
  }

  Failure failure_of(const Node& node) {
    if (node.text == "error-pointer") return Failure::error_pointer;
    if (node.text == "null" || node.kind == Node::Kind::null) return Failure::null;
    if (node.text == "nonzero") return Failure::nonzero;
    if (node.text == "negative") return Failure::negative;
    complain(node, fmt::format("'{}' is none of error-pointer, null, nonzero, negative", node.text));
    return Failure::none;
  }

  bool truth(const Node& node) {
    if (node.text != "true" && node.text != "false") complain(node, "true or false is expected here");
    return node.text == "true";
  }

  Api api(const Node& entry) {
    Api one;
    each(entry, [&](const std::string& key, const Node& node) {
      if (const auto role = roles().find(key); role != roles().end()) {
        one.arguments[role->second] = number(node, node.text);
      } else if (const auto trait = traits().find(key); trait != traits().end()) {
        if (truth(node)) one.traits.insert(trait->second);
      } else if (key == "kernel") {
        one.kernel = kernel_of(node.text, node);
      } else if (key == "failure") {
        one.failure = failure_of(node);
      } else if (key == "undo") {
        one.undo = list(node);
      } else if (key == "strings") {
        for (const std::string& text : list(node)) one.strings.push_back(number(node, text));
      } else if (key == "sink") {
        each(node, [&](const std::string& position, const Node& what) {
          one.sinks[number(what, position)] = what.text;
        });
      } else {
        complain(node, fmt::format("unknown key '{}'", key));
      }
    });
    return one;
  }

  std::string name_;
  std::optional<Error> error_;
};

}  // namespace

const Api* Table::function(std::string_view name) const {
  const auto found = functions.find(std::string(name));
  return found == functions.end() ? nullptr : &found->second;
}

bool Table::is_abi_header(std::string_view file) const {
  return std::any_of(headers.begin(), headers.end(), [&](const std::string& one) {
    return one.ends_with('/') ? file.starts_with(one) : file == one;
  });
}

bool Table::is_record(std::string_view name) const {
  return std::any_of(records.begin(), records.end(),
                     [&](const std::string& glob) { return abi::matches_glob(glob, name); });
}

bool Table::is_member(const std::string& role, std::string_view name) const {
  const auto globs = members.find(role);
  return globs != members.end() &&
         std::any_of(globs->second.begin(), globs->second.end(),
                     [&](const std::string& glob) { return abi::matches_glob(glob, name); });
}

Result<Table> read_table(const std::string& yaml, const std::string& name) {
  const Node root = TRY(yaml::read(yaml, name));
  return TableReader(name).read(root);
}

}  // namespace khover::c
