#include "yaml/packed.h"

namespace khover::yaml {
namespace {

constexpr int kMaxDepth = 32;

void put(std::string& out, uint64_t value) {  // seven bits a byte, least first
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void put(std::string& out, const std::string& text) {
  put(out, text.size());
  out += text;
}

void put(std::string& out, const Node& node) {
  put(out, static_cast<uint64_t>(node.kind) * 2 + (node.quoted ? 1 : 0));
  put(out, node.line);
  put(out, node.column);
  if (node.kind == Node::Kind::scalar) {
    put(out, node.text);
    put(out, node.text_line);
    put(out, node.text_column);
    put(out, node.indent);
  }
  put(out, node.items.size());
  for (size_t i = 0; i < node.items.size(); ++i) {
    if (node.kind == Node::Kind::map) put(out, node.keys[i]);
    put(out, node.items[i]);
  }
}

class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : bytes_(bytes) {}

  bool node(Node& node, int depth = 0) {
    if (depth > kMaxDepth) return false;
    const uint64_t kind = number();
    if (kind > 7) return false;
    node.kind = static_cast<Node::Kind>(kind / 2);
    node.quoted = kind % 2 != 0;
    node.line = static_cast<uint32_t>(number());
    node.column = static_cast<uint32_t>(number());
    if (node.kind == Node::Kind::scalar) {
      node.text = text();
      node.text_line = static_cast<uint32_t>(number());
      node.text_column = static_cast<uint32_t>(number());
      node.indent = static_cast<uint32_t>(number());
    }
    const uint64_t count = number();
    if (count > bytes_.size()) return false;  // each item takes a byte at least
    node.items.resize(count);
    for (Node& item : node.items) {
      if (node.kind == Node::Kind::map) node.keys.push_back(text());
      if (!sound_ || !this->node(item, depth + 1)) return false;
    }
    return sound_;
  }
  bool at_end() const { return bytes_.empty(); }

 private:
  uint64_t number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) break;
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    sound_ = false;
    return 0;
  }
  std::string text() {
    const uint64_t length = number();
    if (length > bytes_.size()) {
      sound_ = false;
      return {};
    }
    std::string text(bytes_.substr(0, length));
    bytes_.remove_prefix(length);
    return text;
  }

  std::string_view bytes_;
  bool sound_ = true;
};

}  // namespace

std::string pack(const Node& root) {
  std::string out;
  put(out, root);
  return out;
}

Result<Node> unpack(std::string_view bytes, const std::string& name) {
  Node root;
  PackedReader reader(bytes);
  if (!reader.node(root) || !reader.at_end())
    return fail(name, "is not a packed YAML tree", "build khover again");
  return root;
}

}  // namespace khover::yaml
