# Headers that cost more than the files which include them, parsed once for each set.
# A target of its own carries each set; libraries reuse it.

set(KHOVER_HEADERS_plain
  <algorithm> <array> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string> <string_view>
  <unordered_map> <vector> <fmt/format.h> <tl/expected.hpp>)
set(KHOVER_HEADERS_json ${KHOVER_HEADERS_plain} <nlohmann/json.hpp>)
set(KHOVER_HEADERS_cli ${KHOVER_HEADERS_json} <CLI/CLI.hpp>)
set(KHOVER_HEADERS_z3 ${KHOVER_HEADERS_plain} <z3++.h>)
set(KHOVER_HEADERS_clang ${KHOVER_HEADERS_plain}
  <clang/AST/ASTContext.h> <clang/AST/Decl.h> <clang/AST/Expr.h> <clang/AST/RecursiveASTVisitor.h> <clang/AST/Stmt.h>
  <clang/Analysis/CFG.h>)

function(khover_precompiled target set)
  set(carrier khover_headers_${set})
  if(NOT TARGET ${carrier})
    set(source ${PROJECT_BINARY_DIR}/headers/${set}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "// Carries the precompiled headers '${set}'.\n" @ONLY)
    add_library(${carrier} OBJECT ${source})
    target_link_libraries(${carrier} PRIVATE fmt::fmt tl::expected nlohmann_json::nlohmann_json CLI11::CLI11)
    if(set STREQUAL "clang")
      khover_use_clang(${carrier})
    endif()
    target_precompile_headers(${carrier} PRIVATE ${KHOVER_HEADERS_${set}})
  endif()
  # gcc takes the set only with the macros that it was parsed with.
  target_link_libraries(${target} PRIVATE fmt::fmt)
  target_precompile_headers(${target} REUSE_FROM ${carrier})
endfunction()

# Clang's headers and libraries for a target, its headers without their warnings.
function(khover_use_clang target)
  find_package(Clang 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19/lib/cmake/clang)
  target_include_directories(${target} SYSTEM PRIVATE ${CLANG_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
  target_compile_definitions(${target} PRIVATE ${definitions})
  target_link_libraries(${target} PRIVATE clang-cpp LLVM)
endfunction()
