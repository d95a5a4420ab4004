#include "pack/plan_reader.h"

namespace khover::pack {
namespace {

using plans::Shape;

// Reads what each member of a plan is written as.
class Written : public plans::NoKeys {
 public:
  // `node`: the container's value; `keys`: where its keys are.
  Written(PackText& text, YamlMap& keys, const yaml::Node& node, SetDefinition& set)
      : text_(text), keys_(keys), node_(node), set_(set) {}

  void value(const char* key, plans::Value& one) { one.written = text_.required_expression(keys_, key); }
  void constant(const char* key, plans::Value& one) { value(key, one); }
  void optional(const char* key, plans::Value& one) { one.written = text_.expression(keys_, key); }
  void flag(const char* key, bool& one) { one = keys_.flag(key); }
  void record(const char* key) { set_.record = name(key); }
  void record_or_element(const char* phrase) {
    set_.record = text_.text(keys_, "record", "");
    set_.element = text_.text(keys_, "element", "");
    if (set_.record.empty() == set_.element.empty())
      keys_.error(&node_, std::string(phrase) + " either 'record' or 'element'");
  }
  void field(const char* key, plans::OwnColumn& one) { one.written = name(key); }
  void column(const char* key, plans::OwnColumn& one) { one.written = name(key); }
  void set(const char* key, plans::OtherSet& one) { one.written = name(key); }
  void column_of(const char* key, plans::OtherColumn& one, const plans::OtherSet&) {
    one.written = name(key);
  }

 private:
  std::string name(const std::string& key) {
    return key == plans::kItself ? text_.expand(&node_, node_.text) : text_.text(keys_, key);
  }

  PackText& text_;
  YamlMap& keys_;
  const yaml::Node& node_;
  SetDefinition& set_;
};

// Whether the set has this container.
template <typename Plan>
bool read_one(PackText& text, YamlMap& map, SetDefinition& set) {
  const yaml::Node* node = map.optional(Plan::kKey);
  if (!node) return false;
  Plan plan;
  if (Plan::kShape == Shape::map) {
    YamlMap of(text.source(), *node);
    Written written(text, of, *node, set);
    plan.keys(written);
    text.take(of.finish());
  } else {
    if (Plan::kShape == Shape::flag && !map.flag(Plan::kKey))
      map.error(node, std::string("'") + Plan::kKey + "' must be true");
    Written written(text, map, *node, set);
    plan.keys(written);
  }
  set.plan = std::move(plan);
  return true;
}

template <typename... Plans>
void read_any(PackText& text, YamlMap& map, SetDefinition& set, const std::variant<Plans...>*) {
  if ((0 + ... + (read_one<Plans>(text, map, set) ? 1 : 0)) == 1) return;
  std::vector<std::string> keys = {Plans::kKey...};
  std::string list = keys.back();
  for (size_t i = keys.size() - 1; i-- > 0;) list = keys[i] + (i + 2 == keys.size() ? " or " : ", ") + list;
  map.error(nullptr, "set '" + set.name + "' must have exactly one container", list);
}

}  // namespace

void read_plan(PackText& text, YamlMap& map, SetDefinition& set) {
  read_any(text, map, set, static_cast<const Plan*>(nullptr));
}

}  // namespace khover::pack
