#include "c/function.h"

namespace khover::c {

Function::Function(const clang::FunctionDecl* definition, clang::ASTContext& context)
    : declaration(definition), name(definition->getNameAsString()) {
  collect(definition->getBody(), nullptr);
  clang::CFG::BuildOptions options;
  options.setAllAlwaysAdd();
  options.PruneTriviallyFalseEdges = true;
  graph_ = clang::CFG::buildCFG(definition, definition->getBody(), &context, options);
  if (graph_ == nullptr) return;
  blocks_.resize(graph_->getNumBlockIDs());
  for (const clang::CFGBlock* block : *graph_) {
    blocks_[block->getBlockID()] = block;
    unsigned index = 0;
    for (const clang::CFGElement& element : *block) {
      ++index;
      if (const auto statement = element.getAs<clang::CFGStmt>()) {
        positions_.try_emplace(statement->getStmt(), block->getBlockID(), index);
      }
    }
    if (const clang::Stmt* terminator = block->getTerminatorStmt()) {
      positions_.try_emplace(terminator, block->getBlockID(), index + 1);
    }
  }
  dominators_ = std::make_unique<clang::CFGDomTree>(graph_.get());
}

// Not recursive: a sum of a hundred thousand terms is as deep.
void Function::collect(const clang::Stmt* statement, const clang::Stmt* above) {
  std::vector<std::pair<const clang::Stmt*, const clang::Stmt*>> open = {{statement, above}};
  while (!open.empty()) {
    const auto [one, parent] = open.back();
    open.pop_back();
    if (one == nullptr || !parents_.try_emplace(one, parent).second) continue;
    statements.push_back(one);
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(one)) calls.push_back(call);
    std::vector<const clang::Stmt*> children(one->child_begin(), one->child_end());
    for (auto child = children.rbegin(); child != children.rend(); ++child) open.emplace_back(*child, one);
  }
}

const clang::Stmt* Function::parent(const clang::Stmt* statement) const { return parents_.lookup(statement); }

const clang::Stmt* Function::meaningful_parent(const clang::Stmt* statement) const {
  const clang::Stmt* above = parent(statement);
  while (above != nullptr && (llvm::isa<clang::ParenExpr>(above) || llvm::isa<clang::CastExpr>(above) ||
                              llvm::isa<clang::FullExpr>(above))) {
    above = parent(above);
  }
  return above;
}

bool Function::is_inside(const clang::Stmt* inner, const clang::Stmt* outer) const {
  for (; inner != nullptr; inner = parent(inner)) {
    if (inner == outer) return true;
  }
  return false;
}

std::optional<std::pair<unsigned, unsigned>> Function::position(const clang::Stmt* statement) const {
  for (; statement != nullptr; statement = parent(statement)) {
    if (const auto found = positions_.find(statement); found != positions_.end()) return found->second;
  }
  return std::nullopt;
}

bool Function::dominates(const clang::Stmt* earlier, const clang::Stmt* later) const {
  if (dominators_ == nullptr) return false;
  const auto first = position(earlier);
  const auto second = position(later);
  if (!first || !second) return false;
  if (first->first == second->first) return first->second < second->second;
  return dominators_->dominates(blocks_[first->first], blocks_[second->first]);
}

bool Function::reaches(const clang::Stmt* earlier, const clang::Stmt* later) const {
  const auto first = position(earlier);
  const auto second = position(later);
  if (!first || !second) return false;
  if (first->first == second->first && first->second < second->second) return true;
  std::vector<const clang::CFGBlock*> open = {blocks_[first->first]};
  std::set<unsigned> seen;
  while (!open.empty()) {
    const clang::CFGBlock* block = open.back();
    open.pop_back();
    for (const clang::CFGBlock::AdjacentBlock& next : block->succs()) {
      const clang::CFGBlock* to = next.getReachableBlock();
      if (to == nullptr || !seen.insert(to->getBlockID()).second) continue;
      if (to->getBlockID() == second->first) return true;
      open.push_back(to);
    }
  }
  return false;
}

}  // namespace khover::c
