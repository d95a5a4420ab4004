// Collects what clang objects to. Objections to macro probes are expected (a macro that is not an
// expression cannot be probed) and do not count against the headers.
#pragma once

#include <clang/Basic/Diagnostic.h>

#include <string>
#include <vector>

#include "extract/header_names.h"

namespace khover::extract {

class Diagnostics : public clang::DiagnosticConsumer {
 public:
  Diagnostics(const HeaderNames& names, std::string probes_path);

  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& diagnostic) override;

  unsigned errors() const { return errors_; }
  const std::vector<std::string>& messages() const { return messages_; }  // of the first errors
  bool missing_file() const { return missing_file_; }
  // clang stops at a fatal error: probes after it have no value, which is not the macros' fault.
  const std::string& fatal_probe() const { return fatal_probe_; }

 private:
  const HeaderNames& names_;
  std::string probes_path_;
  unsigned errors_ = 0;
  bool missing_file_ = false;
  std::string fatal_probe_;
  std::vector<std::string> messages_;
};

}  // namespace khover::extract
