#include "btf/spelling.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace khover::btf {
namespace {

// What gcc calls C's integers, and what a header calls them.
constexpr std::array<std::array<std::string_view, 2>, 6> kIntegers = {
    {{"long unsigned int", "unsigned long"},
     {"long int", "long"},
     {"long long unsigned int", "unsigned long long"},
     {"long long int", "long long"},
     {"short unsigned int", "unsigned short"},
     {"short int", "short"}}};

std::string integer(std::string_view name) {
  for (const auto& [gcc, header] : kIntegers) {
    if (name == gcc) return std::string(header);
  }
  return std::string(name);
}

std::string tagged(const char* keyword, std::string_view name) {
  return fmt::format("{} {}", keyword, name.empty() ? "(unnamed)" : name);
}

std::string spell(const Types& types, uint32_t id, int depth) {
  if (depth == 16) return "…";
  const Type& type = types[id];
  const auto behind = [&] { return spell(types, type.to, depth + 1); };
  switch (type.kind) {
    case Kind::none:
      return "void";
    case Kind::structure:
      return tagged("struct", type.name);
    case Kind::union_:
      return tagged("union", type.name);
    case Kind::enumeration:
    case Kind::enumeration64:
      return tagged("enum", type.name);
    case Kind::pointer: {
      const std::string to = behind();
      return to.ends_with('*') ? to + "*" : to + " *";
    }
    case Kind::const_:
      return "const " + behind();
    case Kind::volatile_:
      return "volatile " + behind();
    case Kind::restrict_:
      return behind() + " restrict";
    case Kind::type_tag:
      return behind();
    case Kind::array: {
      std::string bounds = type.elements == 0 ? "[]" : fmt::format("[{}]", type.elements);
      uint32_t element = type.to;
      for (int i = depth; types[element].kind == Kind::array && i < 16; ++i) {
        bounds += fmt::format("[{}]", types[element].elements);
        element = types[element].to;
      }
      return spell(types, element, depth + 1) + bounds;
    }
    case Kind::integer:
      return integer(type.name);
    case Kind::other:
      return type.name.empty() ? "function" : "struct " + std::string(type.name);  // a forward declaration
    default:
      return std::string(type.name);
  }
}

}  // namespace

std::string spelling(const Types& types, uint32_t id) { return spell(types, id, 0); }

}  // namespace khover::btf
