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

constexpr size_t most_errors = 1000;  // of one unit that are kept

// As if it were `int f(...)`, whatever is done with its result: the code that declares it is in another tree.
const std::vector<std::string> lenient = {
    "-ferror-limit=0",     "-Wno-implicit-function-declaration",       "-Wno-implicit-int",
    "-Wno-int-conversion", "-Wno-incompatible-function-pointer-types", "-Wno-incompatible-pointer-types"};

using Look = std::function<void(clang::ASTContext&, const std::vector<SyntaxError>&)>;

class Errors : public clang::DiagnosticConsumer {
 public:
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& diagnostic) override {
    if (level < clang::DiagnosticsEngine::Error || list.size() == most_errors) return;
    llvm::SmallString<128> message;
    diagnostic.FormatDiagnostic(message);
    SyntaxError error;
    error.text = std::string(message);
    if (diagnostic.hasSourceManager() && diagnostic.getLocation().isValid()) {
      error.at = diagnostic.getLocation();
      const clang::PresumedLoc place = diagnostic.getSourceManager().getPresumedLoc(error.at);
      if (place.isValid())
        error.where = std::string(place.getFilename()) + ":" + std::to_string(place.getLine());
    }
    list.push_back(std::move(error));
  }
  std::vector<SyntaxError> list;
};

class Consumer : public clang::ASTConsumer {
 public:
  Consumer(const Look& look, const Errors& errors) : look_(look), errors_(errors) {}
  void HandleTranslationUnit(clang::ASTContext& context) override { look_(context, errors_.list); }

 private:
  const Look& look_;
  const Errors& errors_;
};

class Action : public clang::ASTFrontendAction {
 public:
  Action(const Look& look, const Errors& errors) : look_(look), errors_(errors) {}

 protected:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                        llvm::StringRef) override {
    // After a header that is missing, errors are as true as before it.
    compiler.getDiagnostics().setFatalsAsError(true);
    return std::make_unique<Consumer>(look_, errors_);
  }

 private:
  const Look& look_;
  const Errors& errors_;
};

}  // namespace

namespace {

// Errors before there is anything to look at are in `errors` only.
void run_clang(const ParseRequest& request, const std::vector<std::string>& more, const Look& look,
               Errors& errors) {
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
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.push_back("-xc");
  arguments.push_back(request.path);
  clang::tooling::ToolInvocation invocation(arguments, std::make_unique<Action>(look, errors), files.get());
  invocation.setDiagnosticConsumer(&errors);
  // clang's parser recurses: an expression of a few thousand signs must not end the process.
  llvm::thread thread(std::optional<unsigned>(parser_stack), [&] {
    clang::noteBottomOfStack();
    invocation.run();
  });
  thread.join();
}

}  // namespace

Result<void> parse_unit(const ParseRequest& request, const std::function<void(clang::ASTContext&)>& look) {
  Errors errors;
  run_clang(
      request, {},
      [&](clang::ASTContext& context, const std::vector<SyntaxError>& found) {
        if (found.empty()) look(context);
      },
      errors);
  if (errors.list.empty()) return {};
  return fail(errors.list[0].where, "the unit does not parse: " + errors.list[0].text);
}

void parse_incomplete(const ParseRequest& request,
                      const std::function<void(clang::ASTContext&, const std::vector<SyntaxError>&)>& look) {
  Errors errors;
  run_clang(request, lenient, look, errors);
}

}  // namespace khover::c
