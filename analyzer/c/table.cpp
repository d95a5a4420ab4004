#include "c/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "abi/versions.h"
#include "yaml/tree.h"

namespace khover::c {
namespace {

using yaml::Node;

class Reader {
 public:
  explicit Reader(std::string name) : name_(std::move(name)) {}

  Result<Table> read(const Node& root) {
    Table table;
    each(root, [&](const std::string& key, const Node& node) {
      if (key == "headers") {
        table.headers = list(node);
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
      const std::map<std::string, std::optional<unsigned>*> arguments = {
          {"frees", &one.frees},
          {"address", &one.address},
          {"physical_of", &one.physical_of},
          {"stores_pointer", &one.stores_pointer},
          {"overwrites", &one.overwrites},
          {"bounds_string", &one.bounds_string},
          {"page_count", &one.page_count},
          {"gives_address", &one.gives_address},
          {"moves", &one.moves},
          {"links", &one.links},
          {"aligned", &one.aligned},
          {"claims", &one.claims},
          {"sets_count", &one.sets_count},
          {"drops_count", &one.drops_count}};
      const std::map<std::string, bool*> truths = {{"must_use", &one.must_use}, {"retrieves", &one.retrieves},
                                                   {"passes", &one.passes},     {"logarithm", &one.logarithm},
                                                   {"slab", &one.slab},         {"property", &one.property}};
      if (const auto argument = arguments.find(key); argument != arguments.end()) {
        *argument->second = number(node, node.text);
      } else if (const auto flag = truths.find(key); flag != truths.end()) {
        *flag->second = truth(node);
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

bool Table::is_member(const std::string& role, std::string_view name) const {
  const auto globs = members.find(role);
  return globs != members.end() &&
         std::any_of(globs->second.begin(), globs->second.end(),
                     [&](const std::string& glob) { return abi::matches_glob(glob, name); });
}

Result<Table> read_table(const std::string& yaml, const std::string& name) {
  Result<Node> root = yaml::read(yaml, name);
  if (!root) return tl::unexpected(root.error());
  return Reader(name).read(*root);
}

}  // namespace khover::c
