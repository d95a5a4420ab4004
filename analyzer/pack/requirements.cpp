#include "pack/requirements.h"

#include <utility>

#include "error/try.h"
#include "pack/yaml_map.h"

namespace khover::pack {
namespace {

class RequirementReader {
 public:
  explicit RequirementReader(const YamlSource& source) : source_(source) {}

  Result<std::vector<Requirement>> read() {
    YamlMap map(source_, source_.root);
    map.text("target");
    const yaml::Node* list = map.required("requirements");
    if (list && list->kind != yaml::Node::Kind::sequence)
      map.error(list, "'requirements' must be a list");
    else if (list)
      for (const yaml::Node& item : list->items) read_one(item);
    take(map.finish());
    if (error_) return tl::unexpected(*error_);
    return std::move(found_);
  }

 private:
  void take(const std::vector<Error>& errors) {
    if (!errors.empty() && !error_) error_ = errors.front();
  }

  void read_one(const yaml::Node& node) {
    YamlMap map(source_, node);
    Requirement one;
    one.id = map.text("id");
    const std::string severity = map.text("severity");
    if (const auto known = severity_from(severity))
      one.severity = *known;
    else
      map.error(map.optional("severity"), "'" + severity + "' is not a severity");
    if (const yaml::Node* of = map.optional("for")) {
      YamlMap names(source_, *of);
      for (const auto& [registry, name] : names.entries()) {
        one.registry = registry;
        one.name = name->text;
      }
      take(names.finish());
    }
    one.config = map.text("config", "");
    one.parameter = map.text("parameter", "");
    if (one.config.empty() == one.parameter.empty())
      map.error(&node, "a requirement is about one 'config' or one 'parameter'");
    const std::string is = map.text("is", "");
    if (is == "on" || is == "off")
      one.is = is == "on";
    else if (!is.empty())
      map.error(map.optional("is"), "'" + is + "' is neither on nor off");
    one.absent = map.text("absent", "");
    one.never = map.text("never", "");
    if (!one.parameter.empty() && one.is.has_value() == !one.never.empty())
      map.error(&node, "a parameter has one of 'is' and 'never'");
    if (one.is && one.absent.empty())
      map.error(&node, "'is' needs 'absent': what the kernel does without the parameter");
    one.because = map.text("because");
    one.evidence = map.text("evidence");
    take(map.finish());
    found_.push_back(std::move(one));
  }

  const YamlSource& source_;
  std::vector<Requirement> found_;
  std::optional<Error> error_;
};

}  // namespace

Result<std::vector<Requirement>> read_requirements(yaml::Node root, const std::string& file) {
  const YamlSource source{file, std::move(root)};
  return RequirementReader(source).read();
}

}  // namespace khover::pack
