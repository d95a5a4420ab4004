// Pack files: strict YAML, templates, and errors that are at the line and column of the cause.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "marked_text.h"
#include "pack/library.h"
#include "tiny_world.h"
#include "yaml/tree.h"

namespace khover::pack {
namespace {

const std::string kTemplate = R"(template: pairs
parameters:
  - what
  - bound
sets:
  ${what}s: {singular: '${what}', at: root_address, record: item}
rules:
  - id: '${what}-start'
    severity: crash
    claim: |
      for ${what}s:
        start < ${bound}
    because: the ${what} is too far
    evidence: f()
)";

Result<PackFile> read_with(const std::string& yaml, const std::string& template_text) {
  return read_pack(yaml, "rules/p.yaml", [&](const std::string& name) -> std::optional<yaml::Node> {
    if (name != "tiny/pairs") return std::nullopt;
    auto tree = yaml::read(template_text, "rules/tiny/pairs.template.yaml");
    EXPECT_TRUE(tree) << sentence(tree.error());
    return std::move(*tree);
  });
}

// The error of a pack with a mark, which must be at the mark; the text after the position.
std::string refused(const std::string& marked) {
  const MarkedText yaml(marked);
  const auto pack = read_with(yaml.text, kTemplate);
  if (pack) return "accepted";
  const std::string position = "rules/p.yaml:" + yaml.position;
  EXPECT_EQ(pack.error().where, position) << sentence(pack.error());
  return pack.error().what;
}

const std::string kHead = "pack: p\ntitle: P\n";
const std::string kRule = R"(rules:
  - id: a-rule
    severity: crash
    claim: "for s: a == b"
    because: x
    evidence: y
)";

TEST(PackFile, ReadsARule) {
  const auto pack = read_with(kHead + kRule, "");
  ASSERT_TRUE(pack) << sentence(pack.error());
  ASSERT_EQ(pack->rules.size(), 1u);
  EXPECT_EQ(pack->rules[0].id, "a-rule");
  EXPECT_EQ(pack->rules[0].severity, Severity::crash);
  EXPECT_EQ(pack->rules[0].phases, (std::vector<Phase>{Phase::outgoing, Phase::finalized, Phase::early}));
}

TEST(PackFile, RefusesWhatIsNoPack) {
  EXPECT_EQ(refused("@@[1, 2]\n"), "expected a mapping");
  EXPECT_EQ(refused("@@title: P\n"), "key 'pack' is missing");
  EXPECT_EQ(refused(kHead + "@@pack: p\n"), "duplicate key 'pack'");
}

TEST(PackFile, RefusesUnknownAndDuplicateKeys) {
  EXPECT_EQ(refused(kHead + "sests: @@{}\n"), "unknown key 'sests'");
  EXPECT_EQ(refused(kHead + "@@title: Q\n"), "duplicate key 'title'");
  EXPECT_EQ(refused(kHead + R"(rules:
  - id: a-rule
    severity: crash
    claim: "acyclic s"
    because: x
    @@because: z
    evidence: y
)"),
            "duplicate key 'because'");
  EXPECT_EQ(refused(kHead + R"(rules:
  - id: a-rule
    severity: crash
    claim: "acyclic s"
    because: x
    evidence: y
    sevrity: @@crash
)"),
            "unknown key 'sevrity'");
}

TEST(PackFile, RefusesWordsThatAreNone) {
  const auto rule = [](const std::string& id, const std::string& severity, const std::string& more) {
    const bool marks_severity = severity.starts_with("@@");
    return kHead + "rules:\n  - " + (marks_severity ? "" : "@@") + "id: " + id +
           "\n    severity: " + severity + "\n    claim: acyclic s\n    because: x\n    evidence: y\n" + more;
  };
  EXPECT_EQ(refused(rule("A_rule", "crash", "")), "rule id 'A_rule' is not kebab-case");
  EXPECT_EQ(refused(rule("a-rule", "@@fatal", "")), "'fatal' is not a severity");
  EXPECT_EQ(refused(rule("a-rule", "crash", "    phases: [late]\n")), "'late' is not a phase");
  EXPECT_EQ(refused(rule("a-rule", "crash", "    inputs: [disk]\n")), "'disk' is not an input");
}

TEST(PackFile, PlacesErrorsInsideClaims) {
  const auto rule = [](const std::string& claim) {
    return kHead + "rules:\n  - id: a-rule\n    severity: crash\n    claim: " + claim +
           "\n    because: x\n    evidence: y\n";
  };
  EXPECT_EQ(refused(rule("\"for s: a == @@\"")).substr(0, 16), "expected a value");
  EXPECT_EQ(refused(rule("for s @@a == b")).substr(0, 12), "expected ':'");
  EXPECT_EQ(refused(rule("|\n      for s:\n        a ==\n        @@) b")).substr(0, 16), "expected a value");
  EXPECT_EQ(refused(rule("|\n      for s: a ==\n             b @@c")).substr(0, 12), "expected the");
}

TEST(PackFile, PlacesErrorsInsideSets) {
  EXPECT_EQ(refused(kHead + "sets:\n  s:\n    @@singular: one\n"), "set 's' must have exactly one container");
  EXPECT_EQ(refused(kHead + "sets:\n  s: {singular: one, record: item, at: '1 + @@'}\n").substr(0, 16),
            "expected a value");
  EXPECT_EQ(
      refused(
          kHead +
          "sets:\n  s:\n    singular: one\n    record: item\n    at: 1\n    derive:\n      x: 1 + @@* 2\n")
          .substr(0, 16),
      "expected a value");
  EXPECT_EQ(refused(kHead + "sets:\n  s:\n    singular: one\n    array: @@{at: 1, count: 2}\n"),
            "an array has either 'record' or 'element'");
}

TEST(PackFile, ExpandsTemplates) {
  const auto pack = read_with(
      kHead + "include:\n  - template: tiny/pairs\n    with: {what: thing, bound: 0x1000}\n", kTemplate);
  ASSERT_TRUE(pack) << sentence(pack.error());
  ASSERT_EQ(pack->sets.size(), 1u);
  EXPECT_EQ(pack->sets[0].name, "things");
  ASSERT_EQ(pack->rules.size(), 1u);
  EXPECT_EQ(pack->rules[0].id, "thing-start");
  EXPECT_EQ(pack->rules[0].claim_text, "for things:\n  start < 0x1000");
  EXPECT_EQ(pack->rules[0].because, "the thing is too far");
}

TEST(PackFile, RefusesTemplatesThatDoNotFit) {
  EXPECT_EQ(refused(kHead + "include:\n  - @@template: tiny/triples\n"), "unknown template 'tiny/triples'");
  const auto missing =
      read_with(kHead + "include:\n  - {template: tiny/pairs, with: {what: thing}}\n", kTemplate);
  ASSERT_FALSE(missing);
  EXPECT_EQ(sentence(missing.error()),
            "rules/tiny/pairs.template.yaml:1:1: parameter 'bound' is not given by the include");
}

// The error is the template's: it is in the file of the template, at the place of the claim.
TEST(PackFile, PlacesErrorsInsideTemplates) {
  std::string broken = kTemplate;
  broken.replace(broken.find("start <"), 7, "start <=@@ <");
  const MarkedText marked(broken);
  const auto pack = read_with(
      kHead + "include:\n  - {template: tiny/pairs, with: {what: thing, bound: '1'}}\n", marked.text);
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().what.substr(0, 16), "expected a value");
  EXPECT_TRUE(pack.error().where.starts_with("rules/tiny/pairs.template.yaml:12:")) << pack.error().where;
}

TEST(PackFile, TellsEveryErrorAndWhatWasMeant) {
  auto root = yaml::read(kHead + R"(lakcs: [a]
rules:
  - id: a-rule
    severty: crash
    claim: "for s: a =="
    because: x
    evidence: y
  - id: Another
    severity: bad
    claim: "for s: a == b"
    because: x
    evidence: y
    phases: [later]
)",
                         "rules/p.yaml");
  ASSERT_TRUE(root) << sentence(root.error());
  std::vector<Error> all;
  const auto pack = read_pack(std::move(*root), "rules/p.yaml", {}, &all);
  ASSERT_FALSE(pack);
  std::vector<std::string> said;
  for (const Error& error : all) said.push_back(sentence(error));
  EXPECT_EQ(
      said,
      (std::vector<std::string>{
          "rules/p.yaml:7:24: expected a value, found the end; see the grammar in docs/rule-language.md",
          "rules/p.yaml:5:5: key 'severity' is missing",
          "rules/p.yaml:6:14: unknown key 'severty'; did you mean 'severity'",
          "rules/p.yaml:10:5: rule id 'Another' is not kebab-case",
          "rules/p.yaml:11:15: 'bad' is not a severity; severities are crash, refuse, silent and hygiene",
          "rules/p.yaml:10:5: 'later' is not a phase; phases are outgoing, finalized and early",
          "rules/p.yaml:3:8: unknown key 'lakcs'; did you mean 'lacks'",
      }));
  EXPECT_EQ(sentence(pack.error()), said.front());
}

TEST(PackFile, RefusesYamlThatIsNone) {
  const auto pack = read_with("pack: [\n", "");
  ASSERT_FALSE(pack);
  EXPECT_TRUE(pack.error().where.starts_with("rules/p.yaml:")) << sentence(pack.error());
  EXPECT_TRUE(pack.error().what.find("not found") != std::string::npos) << sentence(pack.error());
}

TEST(PackLibrary, HoldsTheFilesOfTheTree) {
  const Library built_in = Library::built_in();
  const auto from_tree = Library::from_folder(std::string(KHOVER_SOURCE_DIR) + "/rules");
  ASSERT_TRUE(from_tree) << sentence(from_tree.error());
  EXPECT_EQ(built_in.snapshot_names(), from_tree->snapshot_names());
  const auto ours = built_in.packs(), theirs = from_tree->packs();
  ASSERT_TRUE(ours) << sentence(ours.error());
  ASSERT_TRUE(theirs) << sentence(theirs.error());
  ASSERT_EQ(ours->size(), theirs->size());
  for (size_t i = 0; i < ours->size(); ++i) EXPECT_EQ((*ours)[i].rules.size(), (*theirs)[i].rules.size());
}

TEST(PackLibrary, LinksEveryPackToEverySnapshot) {
  const Library library = Library::built_in();
  const auto packs = library.packs();
  ASSERT_TRUE(packs) << sentence(packs.error());
  for (const std::string& name : library.snapshot_names()) {
    if (!name.starts_with("linux-")) continue;  // a supplement, not a whole kernel
    const auto snapshot = library.snapshot(name);
    ASSERT_TRUE(snapshot) << sentence(snapshot.error());
    const auto model = link(*snapshot, name, *packs);
    EXPECT_TRUE(model) << name << ": " << sentence(model.error());
  }
}

// A folder with one pack of its own, and one file of khover's under its name.
class PackLibraryAdded : public testing::Test {
 protected:
  PackLibraryAdded() : folder_(testing::TempDir() + "khover-added-" + std::to_string(getpid())) {
    write("mine/mine.yaml", "pack: mine\ntitle: Mine\n");
    write("abi/new/mine.yaml", "format: 1\n");
    write("test/test.yaml", "pack: test\ntitle: Replaced\n");
  }
  ~PackLibraryAdded() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name) << text;
  }
  static const PackFile* find(const std::vector<PackFile>& packs, const std::string& title) {
    const auto found =
        std::find_if(packs.begin(), packs.end(), [&](const PackFile& one) { return one.title == title; });
    return found == packs.end() ? nullptr : &*found;
  }
  const std::string folder_;
};

TEST_F(PackLibraryAdded, StandsBesideTheBuiltInPacks) {
  Library library = Library::built_in();
  const size_t before = library.packs()->size();
  ASSERT_TRUE(library.add(folder_));
  const auto packs = library.packs();
  ASSERT_TRUE(packs) << sentence(packs.error());
  EXPECT_EQ(packs->size(), before + 1);
  ASSERT_TRUE(find(*packs, "Mine"));
  EXPECT_EQ(find(*packs, "Mine")->at.file, folder_ + "/mine/mine.yaml");
  EXPECT_TRUE(find(*packs, "Replaced"));
  EXPECT_TRUE(find(*packs, "Kexec HandOver"));
  const auto additions = library.addition_names();
  EXPECT_EQ(std::count(additions.begin(), additions.end(), "new/mine"), 1);
}

TEST_F(PackLibraryAdded, HasTheShippedAbisWithoutItsOwn) {
  const auto library = Library::from_folder(folder_);
  ASSERT_TRUE(library) << sentence(library.error());
  EXPECT_EQ(library->snapshot_names(), Library::built_in().snapshot_names());
  EXPECT_EQ(library->packs()->size(), 2u);
}

TEST_F(PackLibraryAdded, TellsTheErrorsOfEveryFile) {
  write("mine/other.yaml", "pack: mine\n");
  write("test/test.yaml", "pack: test\ntittle: Replaced\n");
  Library library = Library::built_in();
  ASSERT_TRUE(library.add(folder_));
  std::vector<Error> all;
  EXPECT_FALSE(library.packs(&all));
  std::vector<std::string> said;
  for (const Error& error : all) said.push_back(sentence(error));
  EXPECT_EQ(said, (std::vector<std::string>{
                      folder_ + "/mine/other.yaml:1:1: key 'title' is missing",
                      folder_ + "/test/test.yaml:1:1: key 'title' is missing",
                      folder_ + "/test/test.yaml:2:9: unknown key 'tittle'; did you mean 'title'",
                  }));
}

TEST(PackLibrary, SaysWhatIsMissing) {
  EXPECT_FALSE(Library::from_folder("/nonexistent"));
  EXPECT_FALSE(Library::built_in().snapshot("linux-1.0-vax-1k"));
}

const std::string kSymbols = R"(symbols: kho
layouts:
  - {record: kho_out, source: "a file", fields: {fdt: {offset: 16, size: 8}}}
roots:
  - {symbol: kho_out, field: fdt, as: pointer}
  - {symbol: kho_in, field: fdt_phys, as: physical, holds: received}
log: [KHO, luo]
scratch:
  tables: [{symbol: kho_scratch, as: physical}]
  count: kho_scratch_cnt
  entry: {size: 16, source: "a file"}
)";

Result<KernelSymbols> symbols_with(const std::string& from, const std::string& to) {
  std::string text = kSymbols;
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  auto root = yaml::read(text.replace(at, from.size(), to), "rules/kho/p.symbols.yaml");
  if (!root) return tl::unexpected(root.error());
  return read_kernel_symbols(std::move(*root), "rules/kho/p.symbols.yaml");
}

TEST(KernelSymbols, AreRead) {
  const auto symbols = symbols_with("kho", "kho");
  ASSERT_TRUE(symbols) << sentence(symbols.error());
  ASSERT_EQ(symbols->roots.size(), 2u);
  EXPECT_FALSE(symbols->roots[0].received);
  EXPECT_TRUE(symbols->roots[1].received);
  EXPECT_EQ(symbols->log, (std::vector<std::string>{"KHO", "luo"}));
  EXPECT_EQ(symbols->roots[0].field, "fdt");
  EXPECT_EQ(symbols->roots[0].as, Reference::pointer);
  EXPECT_EQ(symbols->scratch_tables.at(0).field, "");
  EXPECT_EQ(symbols->layouts.at(0).fields.at("fdt").offset, 16u);
  EXPECT_EQ(symbols->scratch_entry, 16u);
}

TEST(KernelSymbols, RefuseWhatTheyDoNotKnow) {
  for (const auto& [from, to, line] :
       {std::tuple{"as: pointer", "as: a guess", "5:"}, std::tuple{"source: \"a file\", ", "", "3:"},
        std::tuple{"offset: 16", "offset: -1", "3:"}, std::tuple{"size: 16", "bytes: 16", "11:"},
        std::tuple{"count:", "number:", "9:"}, std::tuple{"holds: received", "holds: both", "6:"},
        std::tuple{"symbol: kho_out", "name: kho_out", "5:"}}) {
    const auto symbols = symbols_with(from, to);
    ASSERT_FALSE(symbols) << to;
    EXPECT_TRUE(symbols.error().where.starts_with(std::string("rules/kho/p.symbols.yaml:") + line))
        << sentence(symbols.error());
  }
}

}  // namespace
}  // namespace khover::pack
