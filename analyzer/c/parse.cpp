#include "c/parse.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/FileManager.h>
#include <clang/Basic/Stack.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendActions.h>
#include <clang/Tooling/Tooling.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/VirtualFileSystem.h>
#include <llvm/Support/thread.h>

#include "extract/confined_files.h"
#include "extract/resource_directory.h"

namespace khover::c {
namespace {

constexpr unsigned parser_stack = 512u << 20;  // bytes of address space, used only when needed

class FirstError : public clang::DiagnosticConsumer {
 public:
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& diagnostic) override {
    if (level < clang::DiagnosticsEngine::Error || !text.empty()) return;
    llvm::SmallString<128> message;
    diagnostic.FormatDiagnostic(message);
    text = std::string(message);
    if (!diagnostic.hasSourceManager() || !diagnostic.getLocation().isValid()) return;
    const clang::PresumedLoc place = diagnostic.getSourceManager().getPresumedLoc(diagnostic.getLocation());
    if (place.isValid()) where = std::string(place.getFilename()) + ":" + std::to_string(place.getLine());
  }
  std::string text;
  std::string where;
};

class Consumer : public clang::ASTConsumer {
 public:
  explicit Consumer(const std::function<void(clang::ASTContext&)>& look) : look_(look) {}
  void HandleTranslationUnit(clang::ASTContext& context) override { look_(context); }

 private:
  const std::function<void(clang::ASTContext&)>& look_;
};

class Action : public clang::ASTFrontendAction {
 public:
  explicit Action(const std::function<void(clang::ASTContext&)>& look) : look_(look) {}

 protected:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance&, llvm::StringRef) override {
    return std::make_unique<Consumer>(look_);
  }

 private:
  const std::function<void(clang::ASTContext&)>& look_;
};

}  // namespace

Result<void> parse_unit(const ParseRequest& request, const std::function<void(clang::ASTContext&)>& look) {
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const auto& [path, text] : request.overlay) {
    memory->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(text, path));
  }
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk = llvm::vfs::getRealFileSystem();
  if (!request.folders.empty()) {
    std::vector<std::string> folders = request.folders;
    folders.push_back(extract::resource_directory());
    disk = extract::confined_files(disk, std::move(folders));
  }
  auto both = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(disk);
  both->pushOverlay(memory);
  auto files = llvm::makeIntrusiveRefCnt<clang::FileManager>(clang::FileSystemOptions(), both);
  std::vector<std::string> arguments = {"clang", "-fsyntax-only", "-w"};
  if (const std::string resources = extract::resource_directory(); !resources.empty()) {
    arguments.push_back("-resource-dir=" + resources);
  }
  arguments.insert(arguments.end(), request.flags.begin(), request.flags.end());
  arguments.push_back("-xc");
  arguments.push_back(request.path);
  FirstError errors;
  clang::tooling::ToolInvocation invocation(arguments, std::make_unique<Action>(look), files.get());
  invocation.setDiagnosticConsumer(&errors);
  // clang's parser recurses: an expression of a few thousand signs must not end the process.
  llvm::thread thread(std::optional<unsigned>(parser_stack), [&] {
    clang::noteBottomOfStack();
    invocation.run();
  });
  thread.join();
  if (!errors.text.empty()) return fail(errors.where, "the unit does not parse: " + errors.text);
  return {};
}

}  // namespace khover::c
