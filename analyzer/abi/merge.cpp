#include "abi/merge.h"

#include "error/try.h"

namespace khover::abi {
namespace {

tl::unexpected<Error> differs(const std::string& where, const std::string& what) {
  return fail(where, what + " differs from that of the snapshot that it is added to",
              "extract both from one kernel tree");
}

bool same(const Record& a, const Record& b) {
  return a.is_union == b.is_union && a.size == b.size && a.fields == b.fields;
}
bool same(const Enumeration& a, const Enumeration& b) {
  return a.size == b.size && a.enumerators == b.enumerators;
}
bool same(const Constant& a, const Constant& b) { return a.integer == b.integer && a.text == b.text; }

template <typename T>
Result<void> add(std::map<std::string, T>& into, const std::map<std::string, T>& from,
                 const std::string& where) {
  for (const auto& [name, value] : from) {
    const auto [known, is_new] = into.emplace(name, value);
    if (!is_new && !same(known->second, value)) return differs(where, "'" + name + "'");
  }
  return {};
}

}  // namespace

Result<Snapshot> merge(Snapshot base, const Snapshot& addition, const std::string& addition_name) {
  const Source& source = addition.source;
  if (source.pointer_size != base.source.pointer_size) return differs(addition_name, "the size of pointers");
  if (source.little_endian != base.source.little_endian) return differs(addition_name, "the byte order");
  if (source.page_size != 0 && source.page_size != base.source.page_size)
    return differs(addition_name, "the page size");
  TRY(add(base.records, addition.records, addition_name));
  TRY(add(base.enumerations, addition.enumerations, addition_name));
  TRY(add(base.constants, addition.constants, addition_name));
  base.source.headers.insert(base.source.headers.end(), source.headers.begin(), source.headers.end());
  base.documented_versions.insert(base.documented_versions.end(), addition.documented_versions.begin(),
                                  addition.documented_versions.end());
  return base;
}

}  // namespace khover::abi
