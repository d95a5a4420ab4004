#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/khover/commands.h"
#include "cli/khover/image_options.h"
#include "findings/printable.h"
#include "session/analysis.h"
#include "session/names.h"
#include "session/records.h"

namespace khover::cli {
namespace {

using Json = nlohmann::ordered_json;

struct DumpArguments {
  session::ImageArguments image;
  bool json = false;
  bool all = false;
};

std::string hex_text(pack::Integer value) {
  return value < 0 ? fmt::format("-{:#x}", static_cast<uint64_t>(-value))
                   : fmt::format("{:#x}", static_cast<uint64_t>(value));
}

// Rows batch by batch; a value that the dump does not hold is null.
void add_rows(const walk::World& world, walk::Columns& columns, uint32_t index, Json& rows) {
  const walk::RecordSet& set = world.sets[index];
  const uint32_t parent = set.type->parent;
  std::vector<uint32_t> batch;
  for (uint64_t from = 0; from < set.rows; from += walk::kBatch) {
    batch.clear();
    for (uint64_t row = from; row < std::min<uint64_t>(set.rows, from + walk::kBatch); ++row)
      batch.push_back(static_cast<uint32_t>(row));
    std::vector<Json> objects(batch.size(), Json::object());
    for (size_t i = 0; i < batch.size(); ++i) {
      objects[i]["_addr"] =
          hex_text(static_cast<pack::Integer>(session::address(world, columns, {index, batch[i]})));
      if (parent != pack::kNone)
        objects[i]["_parent"] =
            hex_text(static_cast<pack::Integer>(world.sets[parent].address_of(set.parent_of(batch[i]))));
    }
    walk::Lane lane;
    for (uint32_t c = 0; c < set.type->columns.size(); ++c) {
      const pack::Column& column = set.type->columns[c];
      if (!column.shown) continue;
      pack::Expr read;
      read.op = pack::Op::column;
      read.set = index;
      read.column = c;
      columns.evaluate(read, index, batch, lane);
      for (size_t i = 0; i < batch.size(); ++i) {
        Json& cell = objects[i][column.name];
        if (lane.known[i] == 0)
          cell = nullptr;
        else if (column.type == pack::Type::text)
          cell = world.strings.text(static_cast<uint64_t>(lane.values[i]));
        else
          cell = hex_text(lane.values[i]);
      }
    }
    for (Json& object : objects) rows.push_back(std::move(object));
  }
}

void dump_json(const session::Analysis& analysis) {
  const walk::World& world = analysis.world;
  walk::Columns columns(world);
  Json json;
  json["root"] = hex_text(static_cast<pack::Integer>(world.facts.root->value));
  const auto& phases = analysis.judgement.phases;
  const bool finalized =
      phases.empty() || std::find(phases.begin(), phases.end(), pack::Phase::finalized) != phases.end();
  json["phase"] = pack::to_string(finalized ? pack::Phase::finalized : phases.front());
  json["abi"] = analysis.abi_names;
  json["warnings"] = analysis.warnings;
  Json& sets = json["sets"] = Json::object();
  for (uint32_t i = 0; i < world.sets.size(); ++i) {
    Json& rows = sets[world.model->sets[i].name] = Json::array();
    add_rows(world, columns, i, rows);
  }
  const std::string text = json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
}

class Tree {
 public:
  Tree(const walk::World& world, bool all) : world_(world), columns_(world), names_(world), all_(all) {}

  void print() {
    for (uint32_t i = 0; i < world_.sets.size(); ++i) {
      if (world_.model->sets[i].parent != pack::kNone) continue;
      if (world_.model->sets[i].bulk && !all_) continue;
      for (uint32_t row = 0; row < world_.sets[i].rows; ++row) print_record(i, row, 0);
    }
  }

 private:
  void print_record(uint32_t set, uint32_t row, int depth) {
    const pack::SetType& type = world_.model->sets[set];
    fmt::print("{:{}}{} at {:#x}", "", depth * 2, names_.of({set, row}),
               session::address(world_, columns_, {set, row}));
    std::string fields;
    for (uint32_t c = 0; c < type.columns.size(); ++c) {
      if (!type.columns[c].shown) continue;
      const auto value = columns_.column(set, c, row);
      fields += fields.empty() ? ": " : ", ";
      fields += type.columns[c].name + " ";
      if (!value.known)
        fields += "?";
      else if (type.columns[c].type == pack::Type::text)
        fields += "\"" + findings::printable(world_.strings.text(static_cast<uint64_t>(value.value))) + "\"";
      else
        fields += value.value >= 0 && value.value < 10 ? std::to_string(static_cast<int>(value.value))
                                                       : hex_text(value.value);
    }
    fmt::print("{}\n", fields);
    for (uint32_t child = 0; child < world_.sets.size(); ++child) {
      const pack::SetType& below = world_.model->sets[child];
      // What a reference leads to is shown where it is, and named here.
      if (below.parent == set && (!std::holds_alternative<pack::plans::OneOf>(below.plan) || all_))
        print_children(child, row, depth + 1);
    }
  }

  void print_children(uint32_t child, uint32_t parent, int depth) {
    const walk::RecordSet& set = world_.sets[child];
    const auto range = set.children_of(parent);
    if (range.first != range.second) {
      if (set.type->bulk && !all_)
        fmt::print("{:{}}{} × {}\n", "", depth * 2, range.second - range.first, set.type->singular);
      else
        for (uint32_t row = range.first; row < range.second; ++row) print_record(child, row, depth);
    }
    if (const walk::Opening* opening = set.opening_below(parent)) {
      fmt::print("{:{}}… {}: {}\n", "", depth * 2, set.type->singular, opening->why);
    }
  }

  const walk::World& world_;
  walk::Columns columns_;
  session::Names names_;
  bool all_;
};

int dump(const DumpArguments& arguments) {
  auto analysis = session::analyze(arguments.image);
  if (!analysis) return report_error(analysis.error());
  if (arguments.json) {
    dump_json(**analysis);
    return kNothingToObject;
  }
  Tree((*analysis)->world, arguments.all).print();
  // The records mean what they mean under one choice of layouts: not among them, and not unsaid.
  for (const std::string& warning : (*analysis)->warnings)
    fmt::print(stderr, "khover: warning: {}\n", findings::printable(warning));
  return kNothingToObject;
}

}  // namespace

void add_dump(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("dump", "show what an image hands over, record by record");
  auto arguments = std::make_shared<DumpArguments>();
  add_image_options(*command, arguments->image);
  command->add_flag("--json", arguments->json, "every record of every set, fields by their ABI names");
  command->add_flag("--all", arguments->all, "list folios, keys and radix pages too");
  command->callback([arguments, &status] { status = dump(*arguments); });
}

}  // namespace khover::cli
