#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <sstream>
#include <string_view>

#include "yaml/tree.h"

namespace khover::yaml {
namespace {

constexpr size_t max_bytes = 4u << 20;
constexpr size_t max_depth = 16;

// yaml-cpp's way to stop a parse from inside a handler is an exception; none leaves this file.
[[noreturn]] void refuse(const YAML::Mark& mark, const std::string& what) {
  throw YAML::ParserException(mark, what);
}

class TreeBuilder : public YAML::EventHandler {
 public:
  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    accept(make(mark, Node::Kind::null, "", anchor), mark);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark, "aliases are not allowed"); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = make(mark, Node::Kind::scalar, tag == "!" ? "" : tag, anchor);
    node.quoted = tag == "!";
    node.text = value;
    accept(std::move(node), mark);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make(mark, Node::Kind::sequence, tag, anchor), mark);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make(mark, Node::Kind::map, tag, anchor), mark);
  }
  void OnMapEnd() override {
    refuse_duplicate_keys(stack_.back());
    close();
  }

 private:
  struct Open {
    Node node;
    YAML::Mark mark;
    std::vector<YAML::Mark> key_marks;
  };

  static Node make(const YAML::Mark& mark, Node::Kind kind, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) refuse(mark, "anchors are not allowed");
    if (!tag.empty() && tag != "?") refuse(mark, "tags are not allowed");
    Node node;
    node.kind = kind;
    node.line = static_cast<uint32_t>(mark.line + 1);
    node.column = static_cast<uint32_t>(mark.column + 1);
    return node;
  }

  bool expects_key() const {
    if (stack_.empty()) return false;
    const Node& map = stack_.back().node;
    return map.kind == Node::Kind::map && map.keys.size() == map.items.size();
  }

  void open(Node node, const YAML::Mark& mark) {
    if (expects_key()) refuse(mark, "a key must be a plain word");
    if (stack_.size() == max_depth) refuse(mark, fmt::format("nested deeper than {} levels", max_depth));
    stack_.push_back({std::move(node), mark, {}});
  }

  void close() {
    Node node = std::move(stack_.back().node);
    const YAML::Mark mark = stack_.back().mark;
    stack_.pop_back();
    accept(std::move(node), mark);
  }

  void accept(Node node, const YAML::Mark& mark) {
    if (stack_.empty()) {
      root_ = std::move(node);
    } else if (expects_key()) {
      if (node.kind != Node::Kind::scalar) refuse(mark, "a key must be a plain word");
      stack_.back().node.keys.push_back(std::move(node.text));
      stack_.back().key_marks.push_back(mark);
    } else {
      stack_.back().node.items.push_back(std::move(node));
    }
  }

  static void refuse_duplicate_keys(const Open& open) {
    const std::vector<std::string>& keys = open.node.keys;
    std::vector<size_t> order(keys.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return keys[a] != keys[b] ? keys[a] < keys[b] : a < b; });
    for (size_t i = 1; i < order.size(); ++i) {
      if (keys[order[i - 1]] == keys[order[i]]) {
        refuse(open.key_marks[order[i]], fmt::format("duplicate key '{}'", keys[order[i]]));
      }
    }
  }

  Node root_;
  std::vector<Open> stack_;
};

std::vector<std::string_view> lines_of(const std::string& text) {
  std::vector<std::string_view> lines;
  size_t from = 0;
  while (from < text.size()) {
    const size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(std::string_view(text).substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

// yaml-cpp says where a scalar's node begins; its text may begin after a quote or on the next line.
void place_texts(Node& node, const std::vector<std::string_view>& lines) {
  if (node.kind == Node::Kind::scalar && node.line <= lines.size() && node.line > 0) {
    const std::string_view line = lines[node.line - 1];
    const char first = node.column <= line.size() ? line[node.column - 1] : ' ';
    node.text_line = node.line;
    node.text_column = node.column;
    node.indent = 1;
    if (first == '|' || first == '>') {
      const std::string_view next = node.line < lines.size() ? lines[node.line] : std::string_view();
      const size_t blanks = std::min(next.find_first_not_of(' '), next.size());
      ++node.text_line;
      node.text_column = node.indent = static_cast<uint32_t>(blanks) + 1;
    } else if (first == '"' || first == '\'') {
      ++node.text_column;
    }
  }
  for (Node& item : node.items) place_texts(item, lines);
}

}  // namespace

std::string position(const std::string& name, const Node& node) {
  return fmt::format("{}:{}:{}", name, node.line, node.column);
}

Result<Node> read(const std::string& yaml, const std::string& name) {
  if (yaml.size() > max_bytes) {
    return fail(name, fmt::format("larger than {} MiB", max_bytes >> 20), "give a file that khover can use");
  }
  try {
    std::istringstream stream(yaml);
    YAML::Parser parser(stream);
    TreeBuilder builder;
    if (!parser.HandleNextDocument(builder)) return fail(name, "the file is empty");
    Node root = builder.take_root();
    place_texts(root, lines_of(yaml));
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) return fail(name, "more than one YAML document");
    return root;
  } catch (const YAML::Exception& error) {
    const YAML::Mark& mark = error.mark;
    std::string what = error.msg;
    if (!what.empty()) what[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(what[0])));
    return fail(mark.is_null() ? name : fmt::format("{}:{}:{}", name, mark.line + 1, mark.column + 1), what);
  }
}

}  // namespace khover::yaml
