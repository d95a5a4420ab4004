#include "extract/parse.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/Basic/FileManager.h>
#include <clang/Basic/Stack.h>
#include <clang/Basic/TargetInfo.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendActions.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Tooling/Tooling.h>
#include <fmt/format.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/VirtualFileSystem.h>
#include <llvm/Support/thread.h>

#include <algorithm>
#include <tuple>

#include "extract/confined_files.h"
#include "extract/diagnostics.h"
#include "extract/extract.h"
#include "extract/kernel_doc.h"
#include "extract/layouts.h"
#include "extract/macro_probes.h"
#include "extract/real_path.h"
#include "extract/resource_directory.h"

namespace khover::extract {
namespace {

constexpr const char* unit_path = "/khover-unit/unit.c";
constexpr unsigned parser_stack = 512u << 20;  // bytes of address space, used only when needed
constexpr const char* probes_path = "/khover-unit/probes.h";

// The probes can only be written when every macro is known, which is when the unit's last
// #include, the one of the probes, is met: their text is put in place right then.
class ProbeWriter : public clang::PPCallbacks {
 public:
  ProbeWriter(clang::Preprocessor& preprocessor, MacroProbes& probes)
      : preprocessor_(preprocessor), probes_(probes) {}

  void InclusionDirective(clang::SourceLocation, const clang::Token&, llvm::StringRef name, bool,
                          clang::CharSourceRange, clang::OptionalFileEntryRef file, llvm::StringRef,
                          llvm::StringRef, const clang::Module*, bool,
                          clang::SrcMgr::CharacteristicKind) override {
    if (name != probes_path || !file || written_) return;
    written_ = true;
    preprocessor_.getSourceManager().overrideFileContents(
        *file, llvm::MemoryBuffer::getMemBufferCopy(probes_.write(preprocessor_), probes_path));
  }

 private:
  clang::Preprocessor& preprocessor_;
  MacroProbes& probes_;
  bool written_ = false;
};

void collect_documented_versions(const clang::SourceManager& sources, const HeaderNames& names,
                                 abi::Snapshot& snapshot) {
  for (auto entry = sources.fileinfo_begin(); entry != sources.fileinfo_end(); ++entry) {
    const clang::FileEntryRef file = entry->first;
    const std::string path = file.getFileEntry().tryGetRealPathName().str();
    if (!names.is_listed(path)) continue;
    const std::optional<llvm::StringRef> text = entry->second->getBufferDataIfLoaded();
    if (!text) continue;
    for (const DocComment& comment : doc_comments({text->data(), text->size()})) {
      for (const NamedVersion& version : comment.versions) {
        snapshot.documented_versions.push_back({version.text, names.name(path), version.line});
      }
    }
  }
  auto& versions = snapshot.documented_versions;
  std::sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.file, a.line, a.text) < std::tie(b.file, b.line, b.text);
  });
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
}

class Collector : public clang::ASTConsumer {
 public:
  Collector(const HeaderNames& names, MacroProbes& probes, Diagnostics& diagnostics,
            Result<ParsedUnit>& result)
      : names_(names), probes_(probes), diagnostics_(diagnostics), result_(result) {}

  void HandleTranslationUnit(clang::ASTContext& context) override {
    if (diagnostics_.errors() != 0) return;  // layouts of declarations in error mean nothing
    ParsedUnit unit;
    if (Result<void> done = collect_layouts(context, names_, unit.snapshot); !done) {
      result_ = tl::unexpected(done.error());
      return;
    }
    probes_.read(context, unit.snapshot, unit.notes);
    collect_documented_versions(context.getSourceManager(), names_, unit.snapshot);
    unit.page_size = probes_.page_size();
    const clang::TargetInfo& target = context.getTargetInfo();
    unit.pointer_size = static_cast<uint32_t>(target.getPointerWidth(clang::LangAS::Default) / 8);
    unit.little_endian = target.isLittleEndian();
    result_ = std::move(unit);
  }

 private:
  const HeaderNames& names_;
  MacroProbes& probes_;
  Diagnostics& diagnostics_;
  Result<ParsedUnit>& result_;
};

class Action : public clang::ASTFrontendAction {
 public:
  Action(const HeaderNames& names, Diagnostics& diagnostics, Result<ParsedUnit>& result)
      : names_(names), probes_(names), diagnostics_(diagnostics), result_(result) {}

 protected:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                        llvm::StringRef) override {
    clang::Preprocessor& preprocessor = compiler.getPreprocessor();
    preprocessor.addPPCallbacks(std::make_unique<ProbeWriter>(preprocessor, probes_));
    return std::make_unique<Collector>(names_, probes_, diagnostics_, result_);
  }

 private:
  const HeaderNames& names_;
  MacroProbes probes_;
  Diagnostics& diagnostics_;
  Result<ParsedUnit>& result_;
};

std::string unit_text(const std::vector<std::string>& includes) {
  std::string text;
  for (const std::string& include : includes) text += fmt::format("#include {}\n", include);
  return text + fmt::format("#include \"{}\"\n", probes_path);
}

tl::unexpected<Error> refuse(const Diagnostics& diagnostics) {
  std::string what = fmt::format("the headers do not parse, {} error{}:", diagnostics.errors(),
                                 diagnostics.errors() == 1 ? "" : "s");
  for (const std::string& message : diagnostics.messages()) what += "\n  " + message;
  if (diagnostics.errors() > diagnostics.messages().size()) what += "\n  ...";
  what += "\nno snapshot was written";
  return fail("", what,
              diagnostics.missing_file()
                  ? "name the configured tree with --generated, or a folder of headers with -I"
                  : "correct the headers, or change the configuration with -D");
}

}  // namespace

Result<ParsedUnit> parse(const Unit& unit, const HeaderNames& names) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk = llvm::vfs::getRealFileSystem();
  if (!unit.folders.empty()) {
    std::vector<std::string> folders = unit.folders;
    folders.push_back(resource_directory());
    disk = confined_files(disk, std::move(folders));
  }
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  const auto add = [&](const char* path, const std::string& text) {
    memory->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(text, path));
  };
  add(unit_path, unit_text(unit.includes));
  add(probes_path, "");
  add(configuration_path, unit.configuration);
  auto files_and_memory = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(disk);
  files_and_memory->pushOverlay(memory);
  auto files = llvm::makeIntrusiveRefCnt<clang::FileManager>(clang::FileSystemOptions(), files_and_memory);

  std::vector<std::string> arguments = {"clang", "-fsyntax-only", "-w", "-ferror-limit=0"};
  if (const std::string resources = resource_directory(); !resources.empty()) {
    arguments.push_back("-resource-dir=" + resources);
  }
  arguments.insert(arguments.end(), unit.flags.begin(), unit.flags.end());
  arguments.push_back("-xc");
  arguments.push_back(unit_path);

  Diagnostics diagnostics(names, probes_path);
  Result<ParsedUnit> result = fail("", "clang did not parse the unit", "see the compiler arguments");
  clang::tooling::ToolInvocation invocation(arguments, std::make_unique<Action>(names, diagnostics, result),
                                            files.get());
  invocation.setDiagnosticConsumer(&diagnostics);
  // clang's parser recurses: an expression of a few thousand signs must not end the process.
  llvm::thread thread(std::optional<unsigned>(parser_stack), [&] {
    clang::noteBottomOfStack();
    invocation.run();
  });
  thread.join();
  if (diagnostics.errors() != 0) return refuse(diagnostics);
  if (!diagnostics.fatal_probe().empty()) {
    return fail("", fmt::format("a macro of the headers cannot be evaluated: {}", diagnostics.fatal_probe()),
                "leave the header with that macro out");
  }
  return result;
}

}  // namespace khover::extract
