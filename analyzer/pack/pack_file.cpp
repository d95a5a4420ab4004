#include "pack/pack_file.h"

#include <algorithm>
#include <array>

#include "error/try.h"
#include "pack/pack_text.h"
#include "pack/plan_reader.h"
#include "pack/yaml_map.h"

namespace khover::pack {
namespace {

constexpr std::array kSeverities = {"crash", "refuse", "silent", "hygiene"};
constexpr std::array kPhases = {"outgoing", "finalized", "early"};
constexpr std::array kInputs = {"ram", "scratch", "numa", "topology", "target"};

template <typename Enum, size_t N>
std::optional<Enum> from_word(const std::array<const char*, N>& words, const std::string& word) {
  for (size_t i = 0; i < N; ++i) {
    if (word == words[i]) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

using Kind = yaml::Node::Kind;

class PackReader : PackText {
 public:
  PackReader(const YamlSource& source, const TemplateSource& templates)
      : PackText(source), source_(source), templates_(templates) {}

  // Where something is wrong, errors() has it.
  PackFile read() {
    YamlMap map(source_, source_.root);
    pack_.name = map.text("pack");
    pack_.title = map.text("title");
    pack_.at = position_of(source_, source_.root);
    pack_.has = map.texts("has");
    pack_.lacks = map.texts("lacks");
    read_serves(map);
    read_constants(map);
    read_records(map);
    read_includes(map);
    read_body(map);
    read_handled(map);
    read_names(map);
    read_signs(map);
    read_nothing_preserved(map);
    take(map.finish());
    return std::move(pack_);
  }

  PackFile read_template(const std::map<std::string, std::string>& values) {
    YamlMap map(source_, source_.root);
    map.text("template");
    for (const std::string& parameter : map.texts("parameters")) {
      if (values.count(parameter) == 0)
        fail_at(&source_.root, "parameter '" + parameter + "' is not given by the include");
    }
    use_parameters(values);
    if (!errors().empty()) return {};
    read_body(map);
    take(map.finish());
    return std::move(pack_);
  }

  using PackText::errors;

 private:
  void read_serves(YamlMap& map) {
    const yaml::Node* node = map.optional("serves");
    if (!node) return;
    YamlMap serves(source_, *node);
    for (const auto& [registry, names] : serves.entries()) {
      if (names->kind == Kind::scalar) {
        pack_.serves.push_back({registry, names->text, position_of(source_, *names)});
      } else if (names->kind == Kind::sequence) {
        for (const yaml::Node& name : names->items)
          pack_.serves.push_back({registry, name.text, position_of(source_, name)});
      } else {
        serves.error(names, "expected a name or a list of names");
      }
    }
    take(serves.finish());
  }

  void read_constants(YamlMap& map) {
    const yaml::Node* node = map.optional("constants");
    if (!node) return;
    YamlMap constants(source_, *node);
    for (const auto& [name, value] : constants.entries()) {
      YamlMap constant(source_, *value);
      pack_.constants.emplace_back(name, required_expression(constant, "value"));
      constant.text("source");  // a figure without a source is not accepted
      take(constant.finish());
    }
    take(constants.finish());
  }

  void read_records(YamlMap& map) {
    const yaml::Node* node = map.optional("records");
    if (!node) return;
    YamlMap records(source_, *node);
    for (const auto& [name, value] : records.entries()) {
      YamlMap map_of_record(source_, *value);
      OwnRecord record;
      record.name = name;
      record.source = map_of_record.text("source");
      record.size = number(map_of_record.required("size"));
      const yaml::Node* field_map = map_of_record.required("fields");
      if (!field_map) return take(map_of_record.finish());
      YamlMap fields(source_, *field_map);
      for (const auto& [field, place] : fields.entries()) {
        YamlMap map_of_field(source_, *place);
        record.fields.push_back(
            {field, number(map_of_field.required("offset")), number(map_of_field.required("size"))});
        take(map_of_field.finish());
      }
      take(fields.finish());
      take(map_of_record.finish());
      pack_.records.push_back(std::move(record));
    }
    take(records.finish());
  }

  void read_includes(YamlMap& map) {
    const yaml::Node* node = map.optional("include");
    if (!node) return;
    if (node->kind != Kind::sequence) return fail_at(node, "'include' must be a list");
    for (const yaml::Node& item : node->items) {
      YamlMap include(source_, item);
      const std::string name = include.text("template");
      std::map<std::string, std::string> values;
      const yaml::Node* with = include.optional("with");
      if (with) {
        YamlMap parameters(source_, *with);
        for (const auto& [key, value] : parameters.entries()) values[key] = value->text;
        take(parameters.finish());
      }
      const std::vector<Error> wrong = include.finish();
      take(wrong);
      if (!wrong.empty()) continue;
      std::optional<yaml::Node> tree = templates_(name);
      if (!tree) {
        fail_at(&item, "unknown template '" + name + "'", "templates are rules/*/*.template.yaml");
        continue;
      }
      const YamlSource source{"rules/" + name + ".template.yaml", std::move(*tree)};
      PackReader reader(source, templates_);
      PackFile expanded = reader.read_template(values);
      take(reader.errors());
      std::move(expanded.sets.begin(), expanded.sets.end(), std::back_inserter(included_sets_));
      std::move(expanded.rules.begin(), expanded.rules.end(), std::back_inserter(included_rules_));
    }
  }

  void read_body(YamlMap& map) {
    if (const yaml::Node* node = map.optional("sets")) {
      YamlMap sets(source_, *node);
      for (const auto& [name, value] : sets.entries()) read_set(expand(value, name), value);
      take(sets.finish());
    }
    std::move(included_sets_.begin(), included_sets_.end(), std::back_inserter(pack_.sets));
    if (const yaml::Node* node = map.optional("rules")) {
      if (node->kind != Kind::sequence) return fail_at(node, "'rules' must be a list");
      for (const yaml::Node& item : node->items) read_rule(&item);
    }
    std::move(included_rules_.begin(), included_rules_.end(), std::back_inserter(pack_.rules));
  }

  void read_signs(YamlMap& map) {
    const yaml::Node* node = map.optional("signs");
    if (!node) return;
    YamlMap signs(source_, *node);
    for (const auto& [word, value] : signs.entries()) {
      const auto phase = phase_from(word);
      if (!phase)
        signs.error(value, "'" + word + "' is not a phase", "phases are outgoing, finalized and early");
      auto parsed = claim(value);
      if (phase && parsed) pack_.signs.emplace_back(*phase, std::move(*parsed));
    }
    take(signs.finish());
  }

  void read_nothing_preserved(YamlMap& map) {
    const yaml::Node* node = map.optional("nothing-preserved");
    if (!node) return;
    if (auto parsed = claim(node)) pack_.nothing_preserved.push_back(std::move(*parsed));
  }

  void read_set(const std::string& name, const yaml::Node* node) {
    YamlMap map(source_, *node);
    SetDefinition set;
    set.name = name;
    set.at_position = position_of(source_, *node);
    set.singular = text(map, "singular");
    set.label = text(map, "label", set.singular);
    set.parent = text(map, "in", "");
    set.when = expression(map, "when");
    set.bulk = map.flag("bulk");
    set.plural = text(map, "plural", "");
    set.in_path = map.text("in-path", "true") == "true";
    read_called(map, set);
    read_plan(*this, map, set);
    read_properties(map, set);
    if (const yaml::Node* derive = map.optional("derive")) {
      YamlMap columns(source_, *derive);
      for (const auto& [column, value] : columns.entries())
        set.derive.emplace_back(column, expression(value));
      take(columns.finish());
    }
    if (const yaml::Node* allocation = map.optional("allocation")) {
      YamlMap of(source_, *allocation);
      AllocationSyntax syntax{expression(of, "at"), required_expression(of, "size"), expression(of, "when"),
                              preserved_as(of), of.flag("data")};
      take(of.finish());
      // A template serves sets that own their memory and sets that look at memory of others.
      if (syntax.as != PreservedAs::covered) set.allocation = std::move(syntax);
    }
    take(map.finish());
    pack_.sets.push_back(std::move(set));
  }

  void read_called(YamlMap& map, SetDefinition& set) {
    const yaml::Node* node = map.optional("called");
    if (!node) return;
    if (node->kind != Kind::sequence) return fail_at(node, "'called' must be a list");
    for (const yaml::Node& item : node->items) {
      if (item.kind == Kind::scalar) {
        set.called.push_back({expand(&item, item.text), nullptr, position_of(source_, item)});
        continue;
      }
      YamlMap of(source_, item);
      NameSyntax piece{text(of, "text"), required_expression(of, "when"), position_of(source_, item)};
      take(of.finish());
      set.called.push_back(std::move(piece));
    }
  }

  PreservedAs preserved_as(YamlMap& map) {
    const std::string word = text(map, "as");
    if (word.empty() || word == "another's") return PreservedAs::covered;
    if (word == "one key") return PreservedAs::one_key;
    if (word == "natural keys") return PreservedAs::natural_keys;
    if (word == "a folio") return PreservedAs::folio;
    if (word == "unpreserved") return PreservedAs::unpreserved;
    map.error(map.optional("as"), "'" + word + "' does not say how memory is preserved",
              "write 'one key' (kho_alloc_preserve), 'natural keys' (kho_preserve_pages), 'a folio', "
              "'unpreserved' or 'another\'s'");
    return PreservedAs::covered;
  }

  void read_properties(YamlMap& map, SetDefinition& set) {
    const yaml::Node* node = map.optional("properties");
    if (!node) return;
    YamlMap properties(source_, *node);
    for (const auto& [column, value] : properties.entries()) {
      PropertySyntax property;
      property.column = column;
      property.at = position_of(source_, *value);
      YamlMap of(source_, *value);
      property.property = of.text("property");
      const std::string type = of.text("type");
      if (type == "text")
        property.is_text = true;
      else if (type == "u64")
        property.size = 8;
      else if (type == "u32")
        property.size = 4;
      else if (!type.empty())
        of.error(value, "'" + type + "' is not a property type", "write text, u64 or u32");
      take(of.finish());
      set.properties.push_back(std::move(property));
    }
    take(properties.finish());
  }

  void read_rule(const yaml::Node* node) {
    YamlMap map(source_, *node);
    RuleDefinition rule;
    rule.at = position_of(source_, *node);
    rule.id = text(map, "id");
    if (rule.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
      map.error(node, "rule id '" + rule.id + "' is not kebab-case");
    const std::string severity = text(map, "severity");
    if (const auto known = severity_from(severity))
      rule.severity = *known;
    else if (!severity.empty())
      map.error(map.optional("severity"), "'" + severity + "' is not a severity",
                "severities are crash, refuse, silent and hygiene");
    for (const std::string& word : map.texts("phases")) {
      if (const auto phase = phase_from(word))
        rule.phases.push_back(*phase);
      else
        map.error(node, "'" + word + "' is not a phase", "phases are outgoing, finalized and early");
    }
    if (rule.phases.empty()) rule.phases = {Phase::outgoing, Phase::finalized, Phase::early};
    for (const std::string& word : map.texts("inputs")) {
      if (const auto input = from_word<Input>(kInputs, word))
        rule.inputs.push_back(*input);
      else
        map.error(node, "'" + word + "' is not an input",
                  "inputs are ram, scratch, numa, topology and target");
    }
    for (const std::string& id : map.texts("needs")) rule.needs.push_back(expand(node, id));
    for (const std::string& name : map.texts("has")) rule.has.push_back(expand(node, name));
    for (const std::string& name : map.texts("lacks")) rule.lacks.push_back(expand(node, name));
    for (const std::string& id : map.texts("precedes")) rule.precedes.push_back(expand(node, id));
    for (const std::string& id : map.texts("implied-by")) rule.implied_by.push_back(expand(node, id));
    read_gate(map, rule);
    const yaml::Node* claim_node = map.required("claim");
    if (claim_node && claim_node->kind == Kind::scalar) {
      rule.claim_text = expand(claim_node, claim_node->text);
      while (!rule.claim_text.empty() && rule.claim_text.back() == '\n') rule.claim_text.pop_back();
      if (auto parsed = claim(claim_node)) rule.claim = std::move(*parsed);
    }
    rule.because = text(map, "because");
    rule.masks_because = text(map, "masks-because", "");
    rule.evidence = text(map, "evidence");
    rule.advice = text(map, "advice", "");
    take(map.finish());
    pack_.rules.push_back(std::move(rule));
  }

  void read_gate(YamlMap& map, RuleDefinition& rule) {
    std::vector<std::string> words = map.texts("gate");
    for (std::string& word : words) word = expand(&source_.root, word);
    if (words.empty()) return;
    if (words.size() == 1 && words[0] == "record") {
      rule.gate = Gate::record;
    } else if (words.size() == 1 && words[0] == "children") {
      rule.gate = Gate::children;
    } else {
      rule.gate = Gate::sets;
      rule.gate_sets = words;
    }
  }

  void read_handled(YamlMap& map) {
    const yaml::Node* node = map.optional("handled");
    if (!node) return;
    YamlMap handled(source_, *node);
    for (const auto& [set, value] : handled.entries()) {
      YamlMap of(source_, *value);
      pack_.handled.push_back(
          {set, of.text("by"), of.text("name"), of.text("at"), position_of(source_, *value)});
      take(of.finish());
    }
    take(handled.finish());
  }

  void read_names(YamlMap& map) {
    const yaml::Node* node = map.optional("names");
    if (!node) return;
    YamlMap names(source_, *node);
    for (const auto& [set, value] : names.entries())
      pack_.names.push_back({set, value->text, position_of(source_, *value)});
    take(names.finish());
  }

  const YamlSource& source_;
  const TemplateSource& templates_;
  std::vector<SetDefinition> included_sets_;
  std::vector<RuleDefinition> included_rules_;
  PackFile pack_;
};

}  // namespace

const char* to_string(Severity severity) { return kSeverities[static_cast<size_t>(severity)]; }
const char* to_string(Phase phase) { return kPhases[static_cast<size_t>(phase)]; }
const char* to_string(Input input) { return kInputs[static_cast<size_t>(input)]; }
std::optional<Phase> phase_from(const std::string& word) { return from_word<Phase>(kPhases, word); }
std::optional<Severity> severity_from(const std::string& word) {
  return from_word<Severity>(kSeverities, word);
}

Result<PackFile> read_pack(yaml::Node root, const std::string& file, const TemplateSource& templates,
                           std::vector<Error>* all) {
  const YamlSource source{file, std::move(root)};
  PackReader reader(source, templates);
  PackFile pack = reader.read();
  const std::vector<Error>& errors = reader.errors();
  if (errors.empty()) return pack;
  if (all) all->insert(all->end(), errors.begin(), errors.end());
  return tl::unexpected(errors.front());
}

Result<PackFile> read_pack(const std::string& text, const std::string& file,
                           const TemplateSource& templates) {
  return read_pack(TRY(yaml::read(text, file)), file, templates);
}

}  // namespace khover::pack
