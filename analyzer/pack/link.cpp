#include <algorithm>
#include <set>

#include "error/try.h"
#include "pack/abi_has.h"
#include "pack/allocation.h"
#include "pack/did_you_mean.h"
#include "pack/failures.h"
#include "pack/model.h"
#include "pack/naming.h"
#include "pack/plan_linker.h"
#include "pack/rule_linker.h"
#include "pack/set_columns.h"
#include "pack/typing.h"

namespace khover::pack {
namespace {

class Linker {
 public:
  Linker(const abi::Snapshot& snapshot, const std::string& abi_name, const std::vector<PackFile>& packs,
         std::vector<Error>* all)
      : snapshot_(snapshot),
        packs_(packs),
        typing_(model_, snapshot, constants_, own_records_),
        naming_(model_, typing_),
        plans_(model_, definitions_, typing_),
        failures_(all) {
    model_.abi = snapshot.source;
    model_.abi_name = abi_name;
    model_.page_size = snapshot.source.page_size;
    while ((uint64_t{1} << model_.page_shift) < model_.page_size) ++model_.page_shift;
  }

  Result<Model> run() {
    if (model_.page_size < 4096 || (uint64_t{1} << model_.page_shift) != model_.page_size ||
        model_.page_size > 65536) {
      return fail(model_.abi_name,
                  "page size " + std::to_string(model_.page_size) + " is not one of 4096, 16384, 65536");
    }
    choose_packs();
    for (const PackFile* pack : applying_) {
      if (!failures_.go_on(link_names(*pack))) return failures_.first();
    }
    TRY(link_sets());
    for (uint32_t i = 0; i < definitions_.size(); ++i) {
      if (!failures_.go_on(naming_.called(definitions_[i], i))) return failures_.first();
    }
    TRY(link_handled_and_names());
    RuleLinker linker(snapshot_, {packs_, applying_}, model_, typing_, failures_);
    TRY(linker.rules());
    for (const PackFile* pack : applying_) {
      typing_.in_pack(pack->name);
      for (const auto& [phase, syntax] : pack->signs) {
        auto claim = linker.claim(syntax);
        if (claim)
          model_.signs.emplace_back(phase, std::move(*claim));
        else if (!failures_.go_on(tl::unexpected(claim.error())))
          return failures_.first();
      }
      for (const ClaimSyntax& syntax : pack->nothing_preserved) {
        auto claim = linker.claim(syntax);
        if (claim)
          model_.nothing_preserved.push_back(std::move(*claim));
        else if (!failures_.go_on(tl::unexpected(claim.error())))
          return failures_.first();
      }
    }
    if (!failures_.none()) return failures_.first();
    return std::move(model_);
  }

 private:
  Result<void> link_handled_and_names() {
    for (const PackFile* pack : applying_) {
      typing_.in_pack(pack->name);
      for (const HandledSyntax& handled : pack->handled) {
        if (const auto done = link_handled(handled); !failures_.go_on(done)) return done;
      }
      for (const ChosenSyntax& name : pack->names) {
        if (const auto done = link_name(name); !failures_.go_on(done)) return done;
      }
    }
    return {};
  }

  void choose_packs() {
    for (const PackFile& pack : packs_) {
      PackInfo info{pack.name, pack.title, true, ""};
      for (const std::string& name : pack.has) {
        if (abi_has(snapshot_, name)) continue;
        info.applies = false;
        info.why_not = "the ABI has no '" + name + "'";
        break;
      }
      for (const std::string& name : pack.lacks) {
        if (!info.applies || !abi_has(snapshot_, name)) continue;
        info.applies = false;
        info.why_not = "the ABI has '" + name + "'";
      }
      if (info.applies) applying_.push_back(&pack);
      // Several files may make up one pack, each for other layouts: it applies if one of them does.
      const auto same = std::find_if(model_.packs.begin(), model_.packs.end(),
                                     [&](const PackInfo& one) { return one.name == info.name; });
      if (same == model_.packs.end())
        model_.packs.push_back(info);
      else if (!same->applies)
        *same = info;
    }
  }

  Result<void> link_names(const PackFile& pack) {
    typing_.in_pack(pack.name);
    for (const OwnRecord& record : pack.records) own_records_[record.name] = record;
    for (const auto& [name, node] : pack.constants) {
      constants_[name] = TRY(typing_.integer(node, kNone));
    }
    for (const ServedName& served : pack.serves) {
      const auto text = snapshot_.text(served.name);
      model_.served[served.registry].push_back({text.value_or(served.name), pack.name});
    }
    return {};
  }

  // Sets in an order in which parents come first; packs may put sets below another pack's.
  Result<void> link_sets() {
    struct Pending {
      const PackFile* pack;
      const SetDefinition* set;
    };
    std::vector<Pending> pending;
    std::set<std::string> names;
    for (const PackFile* pack : applying_) {
      for (const SetDefinition& set : pack->sets) {
        pending.push_back({pack, &set});
        if (!names.insert(pack->name + "." + set.name).second) {
          const Result<void> twice =
              fail(to_string(set.at_position), "duplicate set '" + pack->name + "." + set.name + "'");
          if (!failures_.go_on(twice)) return twice;
          pending.pop_back();
        }
      }
    }
    while (!pending.empty()) {
      std::vector<Pending> waiting;
      for (const Pending& item : pending) {
        if (!ready(*item.pack, *item.set)) {
          waiting.push_back(item);
          continue;
        }
        const Result<void> done = link_set(*item.pack, *item.set);
        if (!failures_.go_on(done)) return done;
        if (!done) lose(*item.pack, *item.set);
      }
      if (waiting.size() == pending.size()) {
        const Result<void> nowhere = hangs_nowhere(*waiting.front().set, names);
        if (!failures_.go_on(nowhere)) return nowhere;
        lose(*waiting.front().pack, *waiting.front().set);
        waiting.erase(waiting.begin());
      }
      pending = std::move(waiting);
    }
    return {};
  }

  Result<void> hangs_nowhere(const SetDefinition& set, const std::set<std::string>& names) const {
    return fail(to_string(set.at_position),
                "set '" + set.name + "' is below '" + set.parent + "', which does not exist or is below it",
                did_you_mean(set.parent, {names.begin(), names.end()},
                             "khover's own packs are there with --add-rules, not with --rules"));
  }

  // Who names this set or one of its columns is not at fault.
  void lose(const PackFile& pack, const SetDefinition& set) {
    for (const std::string& name : {set.name, pack.name + "." + set.name, set.singular}) failures_.lost(name);
    for (const auto& [name, node] : set.derive) failures_.lost(name);
  }

  bool ready(const PackFile& pack, const SetDefinition& set) const {
    const auto exists = [&](const std::string& name) {
      return model_.find_set(pack.name + "." + name) != kNone || model_.find_set(name) != kNone;
    };
    const std::vector<std::string> others = sets_before(set.plan);
    return (set.parent.empty() || exists(set.parent)) && std::all_of(others.begin(), others.end(), exists);
  }

  Result<void> link_set(const PackFile& pack, SetDefinition definition) {
    typing_.in_pack(pack.name);
    SetType type;
    type.name = pack.name + "." + definition.name;
    type.pack = pack.name;
    type.singular = definition.singular;
    type.bulk = definition.bulk;
    type.plural = definition.plural;
    type.in_path = definition.in_path;
    if (!definition.parent.empty()) type.parent = TRY(typing_.set(definition.parent, definition.at_position));
    TRY(plans_.begin(definition, type.parent));
    type.plan = definition.plan;
    type.record = definition.record.empty() ? definition.element : definition.record;
    TRY(add_columns(definition, snapshot_, own_records_, model_, type));
    if (definition.when) type.when = TRY(typing_.boolean(definition.when, type.parent));
    const auto index = static_cast<uint32_t>(model_.sets.size());
    model_.sets.push_back(std::move(type));
    definitions_.push_back(definition);
    TRY(finish_set(definition, index));
    return plans_.finish(model_.sets[index], definition.at_position);
  }

  // What may refer to the set's own columns.
  Result<void> finish_set(const SetDefinition& definition, uint32_t index) {
    for (const auto& [name, node] : definition.derive) {
      Column column;
      column.name = name;
      column.kind = ColumnKind::derived;
      column.derived = TRY(typing_.expression(node, index));
      column.type = column.derived->type;
      column.range = column.derived->range;
      if (model_.sets[index].find(name) != kNone)
        return fail(to_string(node->at), "duplicate column '" + name + "'");
      model_.sets[index].columns.push_back(std::move(column));
    }
    if (definition.allocation) {
      model_.sets[index].allocation =
          TRY(link_allocation(*definition.allocation, index, model_.page_size, typing_));
    }
    return naming_.label(definition, index);
  }

  Result<void> link_handled(const HandledSyntax& syntax) {
    const uint32_t set = TRY(typing_.set(syntax.set, syntax.at));
    SetType& type = model_.sets[set];
    type.handled_registry = syntax.registry;
    type.handled_column = type.find(syntax.column);
    if (type.handled_column == kNone || type.columns[type.handled_column].type != Type::text) {
      return fail(to_string(syntax.at),
                  "'" + syntax.column + "' is not a string column of '" + syntax.set + "'");
    }
    type.handled_data = type.find(syntax.data);
    if (type.handled_data == kNone || type.columns[type.handled_data].type != Type::integer) {
      return fail(to_string(syntax.at),
                  "'" + syntax.data + "' is not a number column of '" + syntax.set + "'",
                  did_you_mean(syntax.data, typing_.columns_of(set)));
    }
    return {};
  }

  Result<void> link_name(const ChosenSyntax& syntax) {
    SetType& type = model_.sets[TRY(typing_.set(syntax.set, syntax.at))];
    const uint32_t column = type.find(syntax.column);
    if (column == kNone || type.columns[column].kind != ColumnKind::text) {
      return fail(to_string(syntax.at),
                  "'" + syntax.column + "' is not a text in the records of '" + syntax.set + "'");
    }
    type.names.push_back(column);
    return {};
  }

  const abi::Snapshot& snapshot_;
  const std::vector<PackFile>& packs_;
  std::vector<const PackFile*> applying_;
  Model model_;
  std::map<std::string, ExprPtr> constants_;
  std::map<std::string, OwnRecord> own_records_;
  std::vector<SetDefinition> definitions_;  // parallel to the model's sets
  Typing typing_;
  Naming naming_;
  PlanLinker plans_;
  Failures failures_;
};

}  // namespace

Result<Model> link(const abi::Snapshot& snapshot, const std::string& abi_name,
                   const std::vector<PackFile>& packs, std::vector<Error>* all) {
  return Linker(snapshot, abi_name, packs, all).run();
}

}  // namespace khover::pack
