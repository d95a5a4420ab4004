#include "pack/allocation.h"

#include "error/try.h"

namespace khover::pack {
namespace {

NodePtr own_address() {
  auto node = std::make_shared<Node>();
  node->kind = NodeKind::name;
  node->text = "_addr";
  node->source = "_addr";
  return node;
}

}  // namespace

Result<Allocation> link_allocation(const AllocationSyntax& syntax, uint32_t index, uint64_t page_size,
                                   const Typing& typing) {
  Allocation allocation;
  allocation.as = syntax.as;
  allocation.is_data = syntax.is_data;
  allocation.size = TRY(typing.integer(syntax.size, index));
  if (syntax.when) allocation.when = TRY(typing.boolean(syntax.when, index));
  allocation.start = allocation.at = TRY(typing.integer(syntax.at ? syntax.at : own_address(), index));
  Node here;
  here.at = syntax.size->at;
  here.source = syntax.size->source;
  const ExprPtr page = constant(Integer{page_size}, here);
  if (syntax.as == PreservedAs::natural_keys) {
    // reserve_mem regions need not begin on a page: the pages they touch are theirs.
    const ExprPtr into_page = arithmetic(Op::modulo, allocation.at, page);
    const ExprPtr touched = into_page ? arithmetic(Op::add, allocation.size, into_page) : nullptr;
    if (!touched) return fail(to_string(syntax.size->at), "the size of the allocation is not bounded");
    const ExprPtr pages = make_call(
        Function::pages, {0, touched->range.high / static_cast<Integer>(page_size) + 1}, {touched}, touched);
    allocation.at = arithmetic(Op::subtract, allocation.at, into_page);
    allocation.length = arithmetic(Op::multiply, pages, page);
  } else {
    ExprPtr order = make_call(Function::order_of, {0, 64}, {allocation.size}, allocation.size);
    if (syntax.as == PreservedAs::folio) {
      const ExprPtr found = make_call(Function::key_order, {-1, 64}, {allocation.at}, allocation.size);
      order = make_call(Function::maximum, {0, 64}, {order, found}, allocation.size);
    }
    allocation.length = arithmetic(Op::shift_left, page, order);
  }
  if (!allocation.length || !allocation.at)
    return fail(to_string(syntax.size->at), "the size of the allocation is not bounded");
  return allocation;
}

}  // namespace khover::pack
