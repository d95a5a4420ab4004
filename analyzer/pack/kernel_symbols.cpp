#include "pack/kernel_symbols.h"

#include <charconv>
#include <optional>
#include <utility>

#include "pack/yaml_map.h"

namespace khover::pack {
namespace {

class SymbolReader {
 public:
  explicit SymbolReader(const YamlSource& source) : source_(source) {}

  Result<KernelSymbols> read() {
    YamlMap map(source_, source_.root);
    map.text("symbols");
    for (const yaml::Node* layout : list(map, "layouts")) read_layout(*layout);
    symbols_.code = map.texts("code");
    symbols_.enabled = map.text("enabled", "");
    for (const yaml::Node* root : list(map, "roots")) symbols_.roots.push_back(variable(*root));
    symbols_.log = map.texts("log");
    if (const yaml::Node* scratch = map.required("scratch")) {
      YamlMap of(source_, *scratch);
      for (const yaml::Node* table : list(of, "tables")) symbols_.scratch_tables.push_back(variable(*table));
      symbols_.scratch_count = of.text("count");
      if (const yaml::Node* entry = of.required("entry")) {
        YamlMap of_entry(source_, *entry);
        symbols_.scratch_entry = number(of_entry, "size");
        of_entry.text("source");
        take(of_entry.finish());
      }
      take(of.finish());
    }
    take(map.finish());
    if (error_) return tl::unexpected(*error_);
    return std::move(symbols_);
  }

 private:
  void take(const std::vector<Error>& errors) {
    if (!errors.empty() && !error_) error_ = errors.front();
  }

  std::vector<const yaml::Node*> list(YamlMap& map, const std::string& key) {
    std::vector<const yaml::Node*> items;
    const yaml::Node* node = map.required(key);
    if (!node) return items;
    if (node->kind != yaml::Node::Kind::sequence) map.error(node, "'" + key + "' must be a list");
    for (const yaml::Node& item : node->items) items.push_back(&item);
    return items;
  }

  uint64_t number(YamlMap& map, const std::string& key) {
    const std::string text = map.text(key);
    uint64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size())
      map.error(map.optional(key), "expected a number");
    return value;
  }

  KernelVariable variable(const yaml::Node& node) {
    YamlMap map(source_, node);
    KernelVariable variable;
    variable.symbol = map.text("symbol");
    variable.field = map.text("field", "");
    const std::string as = map.text("as");
    if (as == "pointer")
      variable.as = Reference::pointer;
    else if (as == "page")
      variable.as = Reference::page;
    else if (as != "physical")
      map.error(map.optional("as"), "'" + as + "' is not a kind of address",
                "write physical, pointer or page");
    const std::string holds = map.text("holds", "outgoing");
    variable.received = holds == "received";
    if (!variable.received && holds != "outgoing")
      map.error(map.optional("holds"), "'" + holds + "' is not a kind of tree", "write outgoing or received");
    take(map.finish());
    return variable;
  }

  void read_layout(const yaml::Node& node) {
    YamlMap map(source_, node);
    KernelLayout layout;
    layout.record = map.text("record");
    map.text("source");  // a layout without a source is not accepted
    if (const yaml::Node* fields = map.required("fields")) {
      YamlMap places(source_, *fields);
      for (const auto& [name, place] : places.entries()) {
        YamlMap of(source_, *place);
        layout.fields[name] = {number(of, "offset"), number(of, "size")};
        take(of.finish());
      }
      take(places.finish());
    }
    take(map.finish());
    symbols_.layouts.push_back(std::move(layout));
  }

  const YamlSource& source_;
  KernelSymbols symbols_;
  std::optional<Error> error_;
};

}  // namespace

Result<KernelSymbols> read_kernel_symbols(yaml::Node root, const std::string& file) {
  const YamlSource source{file, std::move(root)};
  return SymbolReader(source).read();
}

}  // namespace khover::pack
