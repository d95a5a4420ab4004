// Small headers with known answers, and bad ones: a snapshot is whole or it is not made.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "extract/extract.h"

namespace khover::extract {
namespace {

namespace fs = std::filesystem;

class Headers : public testing::Test {
 protected:
  void SetUp() override {
    const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = fs::temp_directory_path() / ("khover-headers-" + std::to_string(getpid()) + "-" + test);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  Result<Extraction> extract_text(const std::string& text, std::vector<std::string> overrides = {}) {
    Request request;
    request.headers = {write("a.h", text)};
    request.overrides = std::move(overrides);
    return extract(request);
  }

  // The error of a request that must not yield a snapshot.
  static std::string refusal(const Request& request) {
    const Result<Extraction> extraction = extract(request);
    return extraction ? "it made a snapshot" : sentence(extraction.error());
  }

  fs::path folder_;
};

TEST_F(Headers, PackedBitFieldsTakeSingleBytes) {
  const Result<Extraction> extraction = extract_text(
      "struct s { unsigned char tag; unsigned long long pfn : 52; unsigned long long flags : 12; int after : "
      "3;\n"
      "           unsigned short last; } __attribute__((packed));");
  ASSERT_TRUE(extraction) << sentence(extraction.error());
  const abi::Record& record = extraction->snapshot.records.at("s");
  EXPECT_TRUE(record.packed);
  EXPECT_EQ(record.size, 12u);
  ASSERT_EQ(record.fields.size(), 5u);
  EXPECT_EQ(record.fields[1].offset, 1u);
  EXPECT_EQ(record.fields[1].bit_width, 52u);
  EXPECT_EQ(record.fields[2].offset, 7u);
  EXPECT_EQ(record.fields[2].bit_offset, 4u);
  EXPECT_EQ(record.fields[2].size, 2u);
  EXPECT_EQ(record.fields[3].offset, 9u);
  EXPECT_TRUE(record.fields[3].is_signed);
  EXPECT_EQ(record.fields[4].offset, 10u);
}

TEST_F(Headers, NamelessTypesAreNamedAfterTheirPlace) {
  const Result<Extraction> extraction = extract_text(
      "struct s { union { int a; struct { int b, c; }; } ; struct { union { long d; void *e; }; } f[2]; };");
  ASSERT_TRUE(extraction) << sentence(extraction.error());
  const auto& records = extraction->snapshot.records;
  EXPECT_EQ(records.at("s").fields.at(0).record, "s.@0");
  EXPECT_EQ(records.at("s.@0").fields.at(1).record, "s.@0.@0");
  EXPECT_EQ(records.at("s.@0.@0").fields.at(1).offset, 4u);
  EXPECT_EQ(records.at("s").fields.at(1).record, "s.f");
  EXPECT_EQ(records.at("s").fields.at(1).dimensions, std::vector<uint64_t>{2});
  EXPECT_EQ(records.at("s.f.@0").fields.at(1).kind, abi::TypeKind::pointer);
  for (const auto& [name, record] : records) {
    for (const abi::Field& field : record.fields)
      EXPECT_EQ(field.type.find('/'), std::string::npos) << field.type;
  }
}

TEST_F(Headers, RecordsOfOtherHeadersAreTakenAlongMacrosAreNot) {
  write("inner.h", "#define INNER 1\nstruct inner { int a; };\nstruct unused { int b; };\n");
  const Result<Extraction> extraction =
      extract_text("#include \"inner.h\"\n#define OUTER (INNER + 1)\nstruct outer { struct inner in; };");
  ASSERT_TRUE(extraction) << sentence(extraction.error());
  const abi::Snapshot& snapshot = extraction->snapshot;
  EXPECT_TRUE(snapshot.records.contains("inner"));
  EXPECT_FALSE(snapshot.records.contains("unused"));
  EXPECT_EQ(snapshot.integer("OUTER"), 2);
  EXPECT_EQ(snapshot.integer("INNER"), std::nullopt);
}

TEST_F(Headers, ConfigurationChangesLayouts) {
  const std::string text =
      "struct s { int a;\n#ifdef CONFIG_MORE\nlong b;\n#endif\n#ifdef CONFIG_LESS_MODULE\nchar "
      "m;\n#endif\n};";
  const auto size = [&](std::vector<std::string> overrides) {
    const Result<Extraction> extraction = extract_text(text, std::move(overrides));
    return extraction ? extraction->snapshot.records.at("s").size : 0;
  };
  EXPECT_EQ(size({}), 4u);
  EXPECT_EQ(size({"CONFIG_MORE"}), 16u);
  EXPECT_EQ(size({"CONFIG_MORE=y", "CONFIG_MORE=n"}), 4u);
  EXPECT_EQ(size({"CONFIG_LESS=m"}), 8u);
}

TEST_F(Headers, DocumentationIsHashedAndItsVersionsAreNamed) {
  const std::string text =
      "/**\n * DOC: about\n *\n * compatible = \"thing-v3\", not a-v or gpl v2 or x-v4y\n */\n"
      "/* thing-v9 is an ordinary comment */\n"
      "/**\n * struct s - Says thing-v4.\n * @a: first\n */\nstruct s { int a; };\n#define V \"thing-v5\"\n";
  const Result<Extraction> first = extract_text(text);
  ASSERT_TRUE(first) << sentence(first.error());
  const std::vector<abi::DocumentedVersion> expected = {{"thing-v3", "a.h", 4}, {"thing-v4", "a.h", 8}};
  EXPECT_EQ(first->snapshot.documented_versions, expected);
  const abi::Record& record = first->snapshot.records.at("s");
  EXPECT_EQ(record.doc_versions, std::vector<std::string>{"thing-v4"});

  std::string reflowed = text;
  reflowed.replace(reflowed.find("s - Says"), 8, "s\n * - Says");
  const Result<Extraction> second = extract_text(reflowed);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->snapshot.records.at("s").doc_hash, record.doc_hash);

  std::string changed = text;
  changed.replace(changed.find("first"), 5, "other");
  const Result<Extraction> third = extract_text(changed);
  ASSERT_TRUE(third);
  EXPECT_NE(third->snapshot.records.at("s").doc_hash, record.doc_hash);
}

TEST_F(Headers, PageSizeWithoutAKernelIsAMacro) {
  Request request;
  request.headers = {write("a.h", "struct s { char page[PAGE_SIZE]; };\n")};
  request.page_size = 16384;
  request.arch = "arm64";
  const Result<Extraction> extraction = extract(request);
  ASSERT_TRUE(extraction) << sentence(extraction.error());
  EXPECT_EQ(extraction->snapshot.records.at("s").size, 16384u);
  EXPECT_EQ(extraction->snapshot.source.page_size, 16384u);
  EXPECT_EQ(extraction->snapshot.source.arch, "arm64");
  EXPECT_TRUE(extraction->snapshot.source.configuration.empty());
}

TEST_F(Headers, FreestandingHeadersOfTheCompilerAreFound) {
  const Result<Extraction> extraction = extract_text("#include <stdint.h>\nstruct s { uint64_t a; };");
  ASSERT_TRUE(extraction) << sentence(extraction.error());
  EXPECT_EQ(extraction->snapshot.records.at("s").size, 8u);
}

TEST_F(Headers, NamesAreRelativeToTheIncludeFolder) {
  write("include/deep/a.h", "struct s { int a; };");
  Request request;
  request.include_directories = {(folder_ / "include").string()};
  request.headers = {"deep/a.h"};
  const Result<Extraction> extraction = extract(request);
  ASSERT_TRUE(extraction) << sentence(extraction.error());
  EXPECT_EQ(extraction->snapshot.source.headers, std::vector<std::string>{"deep/a.h"});
  EXPECT_EQ(extraction->snapshot.records.at("s").file, "deep/a.h");
}

TEST_F(Headers, BadHeadersMakeNoSnapshot) {
  const auto refuse = [&](const std::string& text) {
    Request request;
    request.headers = {write("a.h", text)};
    return refusal(request);
  };
  EXPECT_EQ(refuse("struct good { int a; };\nstruct bad { int a; }\nint b;"),
            "the headers do not parse, 1 error:\n"
            "  a.h:2:22: expected ';' after struct\n"
            "no snapshot was written; correct the headers, or change the configuration with -D");
  EXPECT_NE(refuse("struct s { struct missing m; };").find("a.h:1:27: field has incomplete type"),
            std::string::npos);
  EXPECT_NE(refuse("#include \"nowhere.h\"\nstruct s { int a; };").find("'nowhere.h' file not found"),
            std::string::npos);
  EXPECT_NE(refuse("#include \"a.h\"\n").find("#include nested too deeply"), std::string::npos);
  EXPECT_NE(refuse("#error not for you\nstruct s { int a; };").find("not for you"), std::string::npos);
  EXPECT_NE(refuse("struct s { int a; };\nstruct t {").find("do not parse"), std::string::npos);
  EXPECT_NE(refuse("struct s { int a[-1]; };").find("negative"), std::string::npos);
  EXPECT_NE(
      refuse("struct s { int v __attribute__((vector_size(16))); };").find("cannot have a field of type"),
      std::string::npos);
  for (const char* nothing :
       {"", "\n", "/* nothing */", "#ifdef CONFIG_OFF\nstruct s { int a; };\n#endif\n"}) {
    EXPECT_NE(refuse(nothing).find("define no record, enumeration or constant"), std::string::npos)
        << nothing;
  }
  EXPECT_NE(refuse(std::string("\0\1\2\3", 4)).find("do not parse"), std::string::npos);
  EXPECT_NE(
      refuse("typedef struct { int a; } s; struct s { long b; };").find("two records have the name 's'"),
      std::string::npos);
}

TEST_F(Headers, OnlyTheFirstErrorsAreTold) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "nonsense" + std::to_string(i) + " x;\n";
  Request request;
  request.headers = {write("a.h", text)};
  const std::string message = refusal(request);
  EXPECT_NE(message.find("100 errors"), std::string::npos) << message;
  EXPECT_NE(message.find("nonsense19'"), std::string::npos) << message;
  EXPECT_EQ(message.find("nonsense20'"), std::string::npos) << message;
}

TEST_F(Headers, HugeAndHostileMacrosDoNotCostTheOthers) {
  std::string sum = "1", parentheses(20000, '(');
  for (int i = 0; i < 5000; ++i) sum += " + 1";
  std::string billion = "#define B0 1\n";
  for (int i = 1; i <= 30; ++i) {
    billion += "#define B" + std::to_string(i) + " B" + std::to_string(i - 1) + "\n";
  }
  const Result<Extraction> extraction =
      extract_text("#define FIRST 1\n#define SUM " + sum + "\n#define DEEP " + parentheses + "1" +
                   std::string(20000, ')') + "\n#define OPEN " + parentheses + "\n" + billion +
                   "#define SELF SELF\n#define LAST 2\nstruct s { int a; };\n");
  ASSERT_TRUE(extraction) << sentence(extraction.error());
  EXPECT_EQ(extraction->snapshot.integer("FIRST"), 1);
  EXPECT_EQ(extraction->snapshot.integer("SUM"), 5001);
  EXPECT_EQ(extraction->snapshot.integer("B30"), 1);
  EXPECT_EQ(extraction->snapshot.integer("LAST"), 2);
  EXPECT_EQ(extraction->snapshot.integer("DEEP"), std::nullopt);
  EXPECT_EQ(extraction->notes.size(), 3u);
}

TEST_F(Headers, RequestsThatMakeNoSense) {
  const std::string header = write("a.h", "struct s { int a; };");
  Request nothing;
  EXPECT_NE(refusal(nothing).find("no headers"), std::string::npos);
  Request missing;
  missing.headers = {"nowhere.h"};
  EXPECT_EQ(refusal(missing).substr(0, 24), "nowhere.h: no such heade");
  Request arch;
  arch.headers = {header};
  arch.arch = "vax";
  EXPECT_EQ(refusal(arch), "unknown architecture 'vax'; use x86_64 or arm64");
  Request folder;
  folder.headers = {folder_.string()};
  EXPECT_NE(refusal(folder).find("no such header"), std::string::npos);
  Request name;
  name.headers = {header};
  name.overrides = {"1BAD=2"};
  EXPECT_NE(refusal(name).find("'1BAD' is not a macro name"), std::string::npos);
  Request line;
  line.headers = {header};
  line.overrides = {"GOOD=1\n#define BAD"};
  EXPECT_NE(refusal(line).find("one line"), std::string::npos);
  Request tree;
  tree.kernel = folder_.string();
  EXPECT_NE(refusal(tree).find("not a kernel tree"), std::string::npos);
}

// A tree of a few headers is enough to see how trees are found and configured.
class Tree : public Headers {
 protected:
  void SetUp() override {
    Headers::SetUp();
    for (const char* header : {"compiler-version.h", "compiler_types.h", "types.h", "fcntl.h"}) {
      write(common + ("/include/linux/" + std::string(header)), "");
    }
    write(common + "/include/linux/kconfig.h", "#include <generated/autoconf.h>\n");
    write(common + "/include/linux/kho/abi/a.h",
          "#define PAGE_SIZE (1UL << CONFIG_PAGE_SHIFT)\nstruct s { char page[PAGE_SIZE];\n"
          "#ifdef CONFIG_ON\nint on;\n#endif\n};\n");
    flavour("amd64", "#define CONFIG_X86_64 1\n#define CONFIG_PAGE_SHIFT 12\n#define CONFIG_ON 1\n");
    flavour("arm64",
            "#define CONFIG_ARM64 1\n#define CONFIG_PAGE_SHIFT 12\n#define CONFIG_ARM64_4K_PAGES 1\n"
            "#define CONFIG_ARM64_VA_BITS 48\n");
  }

  void flavour(const std::string& name, const std::string& autoconf) {
    write(release + name + "/include/generated/autoconf.h", autoconf);
    write(release + name + "/include/generated/utsrelease.h", "#define UTS_RELEASE \"9.9.9-" + name + "\"\n");
  }

  Request request(const std::string& kernel) const {
    Request result;
    result.kernel = (folder_ / kernel).string();
    return result;
  }

  const std::string release = "linux-headers-9.9.9-";
  const std::string common = release + "common";
};

TEST_F(Tree, FindsTheOtherHalfOfDebiansPackages) {
  for (const std::string& half : {common, release + "amd64"}) {
    const Result<Extraction> extraction = extract(request(half));
    ASSERT_TRUE(extraction) << sentence(extraction.error());
    EXPECT_EQ(extraction->snapshot.source.release, "9.9.9-amd64");
    EXPECT_EQ(extraction->snapshot.source.page_size, 4096u);
    EXPECT_EQ(extraction->snapshot.source.headers, std::vector<std::string>{"include/linux/kho/abi/a.h"});
    EXPECT_EQ(extraction->snapshot.records.at("s").fields.size(), 2u);
  }
  Request arm = request(common);
  arm.arch = "arm64";
  const Result<Extraction> extraction = extract(arm);
  ASSERT_TRUE(extraction) << sentence(extraction.error());
  EXPECT_EQ(extraction->snapshot.source.arch, "arm64");
}

TEST_F(Tree, OverridesWinOverTheGeneratedConfiguration) {
  Request off = request(common);
  off.overrides = {"CONFIG_ON=n", "CONFIG_X86_64=y"};
  const Result<Extraction> extraction = extract(off);
  ASSERT_TRUE(extraction) << sentence(extraction.error());
  EXPECT_EQ(extraction->snapshot.records.at("s").fields.size(), 1u);
  // CONFIG_X86_64 is as the tree has it, which is no change.
  EXPECT_EQ(extraction->snapshot.source.configuration, std::vector<std::string>{"CONFIG_ON=n"});
}

TEST_F(Tree, PageSizes) {
  Request arm = request(common);
  arm.arch = "arm64";
  arm.page_size = 65536;
  const Result<Extraction> extraction = extract(arm);
  ASSERT_TRUE(extraction) << sentence(extraction.error());
  EXPECT_EQ(extraction->snapshot.source.page_size, 65536u);
  EXPECT_EQ(extraction->snapshot.records.at("s").size, 65536u);

  Request x86 = request(common);
  x86.page_size = 65536;
  EXPECT_EQ(refusal(x86), "x86_64 has pages of 4096 bytes only; use --page-size 4096, or --arch arm64");
  x86.page_size = 5000;
  EXPECT_EQ(refusal(x86), "no kernel has pages of 5000 bytes; use 4096, 16384 or 65536");
}

TEST_F(Tree, MissingHalvesAreNamed) {
  Request other = request(common);
  other.generated = (folder_ / (release + "amd64")).string();
  other.arch = "arm64";
  EXPECT_NE(refusal(other).find("configured for x86_64, not for arm64"), std::string::npos);
  fs::remove_all(folder_ / (release + "amd64"));
  fs::remove_all(folder_ / (release + "arm64"));
  EXPECT_NE(refusal(request(common)).find("not a configured tree"), std::string::npos);
  EXPECT_NE(refusal(request(common)).find("--generated"), std::string::npos);
}

TEST_F(Tree, MissingGeneratedHeaderNamesTheOption) {
  write(common + "/include/linux/kho/abi/b.h", "#include <generated/bounds.h>\n");
  const std::string message = refusal(request(common));
  EXPECT_NE(message.find("include/linux/kho/abi/b.h:1:10: 'generated/bounds.h' file not found"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("--generated"), std::string::npos) << message;
}

}  // namespace
}  // namespace khover::extract
