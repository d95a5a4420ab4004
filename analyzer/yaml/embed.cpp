// Build tool: YAML files → a C++ file that holds their packed trees.
// embed OUT.cpp ROOT FILE…   (FILE is named relative to ROOT)
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "yaml/packed.h"

namespace {

std::string escaped(const std::string& bytes) {
  static const char* digits = "01234567";
  std::string text = "\"";
  size_t in_line = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += '\\';
    text += digits[byte >> 6];
    text += digits[byte >> 3 & 7];
    text += digits[byte & 7];
    if (++in_line % 32 == 0) text += "\"\n    \"";
  }
  return text + "\"";
}

int run(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: embed OUT.cpp ROOT FILE...\n";
    return 2;
  }
  std::ostringstream out;
  out << "#include \"pack/embedded_rules.h\"\n\nnamespace khover::pack {\n\n"
      << "const std::vector<EmbeddedFile>& embedded_rules() {\n  static const std::vector<EmbeddedFile> "
         "files = {\n";
  for (int i = 3; i < argc; ++i) {
    std::ifstream stream(argv[i]);
    std::stringstream text;
    text << stream.rdbuf();
    const std::string name = std::filesystem::relative(argv[i], argv[2]).generic_string();
    auto tree = khover::yaml::read(text.str(), "rules/" + name);
    if (!stream || !tree) {
      std::cerr << (tree ? std::string(argv[i]) + ": cannot be read" : khover::sentence(tree.error()))
                << "\n";
      return 1;
    }
    const std::string bytes = khover::yaml::pack(*tree);
    out << "    {\"" << name << "\", {" << escaped(bytes) << ", " << bytes.size() << "}},\n";
  }
  out << "  };\n  return files;\n}\n\n}  // namespace khover::pack\n";
  std::ofstream(argv[1]) << out.str();
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
