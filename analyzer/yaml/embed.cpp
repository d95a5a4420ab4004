// Build tool: what the programs carry → a C++ file that holds it.
// embed rules OUT.cpp ROOT FILE…    YAML files as packed trees, named relative to ROOT
// embed images OUT.cpp FILE…        images, compressed with zstd, named without folder and suffix
// embed texts OUT.cpp ROOT FILE…    the files as they are, as one archive compressed with zstd: name,
// newline, size,
//                                   newline, bytes of each
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <vector>

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

constexpr int kHardest = 19;  // of zstd: built once, and carried by every copy

bool read_file(const std::string& path, std::string& bytes) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  bytes = text.str();
  if (!stream) std::cerr << path << ": cannot be read\n";
  return static_cast<bool>(stream);
}

int rules(const std::string& output, const std::string& root, const std::vector<std::string>& files) {
  std::ostringstream out;
  out << "#include \"pack/embedded_rules.h\"\n\nnamespace khover::pack {\n\n"
      << "const std::vector<EmbeddedFile>& embedded_rules() {\n  static const std::vector<EmbeddedFile> "
         "files = {\n";
  for (const std::string& file : files) {
    std::string text;
    if (!read_file(file, text)) return 1;
    const std::string name = std::filesystem::relative(file, root).generic_string();
    const auto tree = khover::yaml::read(text, "rules/" + name);
    if (!tree) {
      std::cerr << khover::sentence(tree.error()) << "\n";
      return 1;
    }
    const std::string bytes = khover::yaml::pack(*tree);
    out << "    {\"" << name << "\", {" << escaped(bytes) << ", " << bytes.size() << "}},\n";
  }
  out << "  };\n  return files;\n}\n\n}  // namespace khover::pack\n";
  std::ofstream(output) << out.str();
  return 0;
}

bool compress(const std::string& plain, const std::string& name, std::string& bytes) {
  bytes.resize(ZSTD_compressBound(plain.size()));
  const size_t size = ZSTD_compress(bytes.data(), bytes.size(), plain.data(), plain.size(), kHardest);
  if (ZSTD_isError(size)) {
    std::cerr << name << ": " << ZSTD_getErrorName(size) << "\n";
    return false;
  }
  bytes.resize(size);
  return true;
}

int texts(const std::string& output, const std::string& root, const std::vector<std::string>& files) {
  std::string archive, bytes;
  for (const std::string& file : files) {
    std::string text;
    if (!read_file(file, text)) return 1;
    archive += std::filesystem::relative(file, root).generic_string() + "\n" + std::to_string(text.size()) +
               "\n" + text;
  }
  if (!compress(archive, output, bytes)) return 1;
  std::ofstream(output) << "#include \"cli/khover/rules_archive.h\"\n\nnamespace khover::cli {\n\n"
                        << "std::string_view rules_archive() {\n  return {" << escaped(bytes) << ", "
                        << bytes.size() << "};\n}\n\n}  // namespace khover::cli\n";
  return 0;
}

int images(const std::string& output, const std::vector<std::string>& files) {
  std::ostringstream out;
  out << "#include \"cli/base_images.h\"\n\nnamespace khover::cli {\n\n"
      << "const std::vector<BaseImage>& base_images() {\n  static const std::vector<BaseImage> images = {\n";
  for (const std::string& file : files) {
    std::string image;
    if (!read_file(file, image)) return 1;
    std::string bytes;
    if (!compress(image, file, bytes)) return 1;
    out << "    {\"" << std::filesystem::path(file).stem().string() << "\", {" << escaped(bytes) << ", "
        << bytes.size() << "}},\n";
  }
  out << "  };\n  return images;\n}\n\n}  // namespace khover::cli\n";
  std::ofstream(output) << out.str();
  return 0;
}

int run(const std::vector<std::string>& words) {
  if (words.size() >= 3 && words[0] == "rules")
    return rules(words[1], words[2], {words.begin() + 3, words.end()});
  if (words.size() >= 2 && words[0] == "images") return images(words[1], {words.begin() + 2, words.end()});
  if (words.size() >= 3 && words[0] == "texts")
    return texts(words[1], words[2], {words.begin() + 3, words.end()});
  std::cerr << "usage: embed rules OUT.cpp ROOT FILE...\n       embed images OUT.cpp FILE...\n       embed "
               "texts OUT.cpp "
               "ROOT FILE...\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) { return run({argv + 1, argv + argc}); }
