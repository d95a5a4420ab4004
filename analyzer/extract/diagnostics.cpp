#include "extract/diagnostics.h"

#include <clang/Basic/DiagnosticLex.h>
#include <clang/Basic/SourceManager.h>
#include <fmt/format.h>
#include <llvm/ADT/SmallString.h>

#include "extract/real_path.h"

namespace khover::extract {
namespace {

constexpr size_t max_messages = 20;

}  // namespace

Diagnostics::Diagnostics(const HeaderNames& names, std::string probes_path)
    : names_(names), probes_path_(std::move(probes_path)) {}

void Diagnostics::HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                                   const clang::Diagnostic& diagnostic) {
  if (level < clang::DiagnosticsEngine::Error) return;
  llvm::SmallString<128> text;
  diagnostic.FormatDiagnostic(text);
  std::string place;
  if (diagnostic.hasSourceManager() && diagnostic.getLocation().isValid()) {
    const clang::SourceManager& sources = diagnostic.getSourceManager();
    const clang::SourceLocation location = sources.getExpansionLoc(diagnostic.getLocation());
    const std::string path = real_path(sources, location);
    if (path == probes_path_) {
      if (level == clang::DiagnosticsEngine::Fatal) fatal_probe_ = std::string(text);
      return;
    }
    place = fmt::format("{}:{}:{}: ", names_.name(path), sources.getExpansionLineNumber(location),
                        sources.getExpansionColumnNumber(location));
  }
  ++errors_;
  if (diagnostic.getID() == clang::diag::err_pp_file_not_found) missing_file_ = true;
  if (messages_.size() < max_messages) messages_.push_back(place + std::string(text));
}

}  // namespace khover::extract
