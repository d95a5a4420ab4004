// Finding the root FDT by its content, in memory that may be hostile.
#include <gtest/gtest.h>
#include <libfdt.h>

#include <algorithm>

#include "image/image.h"
#include "image_elf_builder.h"

namespace khover::image {
namespace {

std::string fdt(const std::string& compatible, size_t filler = 0) {
  std::string blob(8192 + filler, '\0');
  const int size = static_cast<int>(blob.size());
  fdt_create(blob.data(), size);
  fdt_finish_reservemap(blob.data());
  fdt_begin_node(blob.data(), "");
  fdt_property_string(blob.data(), "compatible", compatible.c_str());
  if (filler) fdt_property(blob.data(), "filler", std::string(filler, 'f').data(), static_cast<int>(filler));
  fdt_end_node(blob.data());
  fdt_finish(blob.data());
  blob.resize(fdt_totalsize(blob.data()));
  return blob;
}

std::string page(std::string content) {
  content.resize((content.size() + 4095) / 4096 * 4096, '\0');
  return content;
}

class RootScan : public testing::Test {
 protected:
  std::vector<std::pair<uint64_t, std::string>> scan(const ElfBuilder& core) {
    const Result<Image> image = image::open(folder_.write(core.bytes()), {});
    std::vector<std::pair<uint64_t, std::string>> found;
    if (!image) {
      ADD_FAILURE() << sentence(image.error());
      return found;
    }
    for (const RootCandidate& root : scan_roots(*image->memory))
      found.emplace_back(root.phys, root.compatible);
    return found;
  }

  using Found = std::vector<std::pair<uint64_t, std::string>>;
  TemporaryFolder folder_;
};

TEST_F(RootScan, FindsPageAlignedRootsInOrder) {
  ElfBuilder core;
  core.load(0x9000, page(fdt("kho-v1")));
  core.load(0x1000,
            page(fdt("kho-v4")) + page(fdt("memblock-v1")) + page(fdt("kho-test-v1")) + page(fdt("kho-v")));
  core.load(0x20800, fdt("kho-v4"));  // not at the beginning of a page
  EXPECT_EQ(scan(core), (Found{{0x1000, "kho-v4"}, {0x9000, "kho-v1"}}));
}

TEST_F(RootScan, FindsARootThatIsDividedBetweenSegmentsAndOneThatStartsMidway) {
  const std::string big = page(fdt("kho-v4", 5000));
  ElfBuilder core;
  core.load(0x2000, big.substr(4096));
  core.load(0x1000, big.substr(0, 4096));
  core.load(0x7801, std::string(0x7ff, 'x') + fdt("kho-v3"));
  EXPECT_EQ(scan(core), (Found{{0x1000, "kho-v4"}, {0x8000, "kho-v3"}}));
}

TEST_F(RootScan, ARootThatReachesIntoAHoleIsNone) {
  const std::string whole = fdt("kho-v4");
  for (size_t size = 1; size <= whole.size(); ++size) {
    ElfBuilder core;
    core.load(0x1000, whole.substr(0, size));
    ASSERT_EQ(scan(core).size(), size == whole.size() ? 1u : 0u) << size;
  }
}

TEST_F(RootScan, SurvivesEveryDamagedByte) {
  const std::string good = fdt("kho-v4");
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char value : {'\0', '\x7f', '\xff', '\x01'}) {
      std::string bad = good;
      bad[at] = value;
      ElfBuilder core;
      core.load(0x1000, bad);
      ASSERT_LE(scan(core).size(), 1u);
    }
  }
}

TEST_F(RootScan, TheLastPageOfTheAddressSpaceEndsTheScan) {
  ElfBuilder core;
  core.load(~uint64_t{0} - 0x1fff, page(fdt("kho-v4")) + page(fdt("kho-v4")));
  EXPECT_EQ(scan(core).size(), 2u);
}

}  // namespace
}  // namespace khover::image
