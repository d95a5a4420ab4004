// What is in memory: a well-formed image of a real kernel, some of whose words are replaced, as it is
// walked and judged. Device trees, the radix tree, blocks, arrays and chains are all met this way.
//
// The input is a list of {u16 which, u8 how, u8 unused, u64 value}: `which` counts among the words of the
// image that are not zero, `how` says whether the value replaces the word, is added to it, or is another
// word's.
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "session/analysis.h"
#include "targets/memory_file.h"
#include "targets/target.h"

namespace {

std::vector<std::byte> seed_image() {
  std::ostringstream text;
  text << std::ifstream(KHOVER_FUZZ_IMAGE, std::ios::binary).rdbuf();
  const std::string content = text.str();
  if (content.empty()) std::abort();
  const auto bytes = std::as_bytes(std::span(content));
  return {bytes.begin(), bytes.end()};
}

std::vector<size_t> words_of(std::span<const std::byte> image) {
  std::vector<size_t> words;
  for (size_t at = 64; at + 8 <= image.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, image.data() + at, 8);
    if (word != 0) words.push_back(at);
  }
  return words;
}

}  // namespace

KHOVER_FUZZ_TARGET(input) {
  using namespace khover;
  static const std::vector<std::byte> sound = seed_image();
  static const std::vector<size_t> words = words_of(sound);
  std::vector<std::byte> image = sound;
  for (size_t changes = 0; input.size() >= 12 && changes < 64; input = input.subspan(12), ++changes) {
    uint16_t which = 0;
    uint64_t value = 0, word = 0;
    std::memcpy(&which, input.data(), 2);
    std::memcpy(&value, input.data() + 4, 8);
    const size_t at = words[which % words.size()];
    std::memcpy(&word, image.data() + at, 8);
    switch (std::to_integer<unsigned>(input[2]) % 3) {
      case 0:
        word = value;
        break;
      case 1:
        word += value;
        break;
      default:
        std::memcpy(&word, image.data() + words[value % words.size()], 8);
    }
    std::memcpy(image.data() + at, &word, 8);
  }
  const fuzz::MemoryFile file(image);
  session::ImageArguments arguments;
  arguments.image = file.path();
  arguments.abi = {KHOVER_FUZZ_ABI};
  const auto analysis = session::analyze(arguments);
}
