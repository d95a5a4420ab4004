// The field sweep: every field of every kind of record gets every value that a fault could leave in it.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "ground.h"
#include "mutations.h"

namespace khover::sweep {
namespace {

// What was tried of one kind of value in one field, over all images.
struct Tried {
  size_t noticed = 0, missed = 0;
  std::string where;  // one that was missed
};
using Table = std::map<std::pair<std::string, std::string>, std::map<std::string, Tried>>;

// Why a value need not be noticed. Nothing else is a reason; "missing" is none: a rule is to be written.
const std::set<std::string> kReasons = {"unread", "legal", "ram", "topology", "content", "missing"};

class Sweep {
 public:
  Sweep(const Ground& ground, std::string image, Table& table)
      : ground_(ground), image_(std::move(image)), table_(table) {}

  void run(uint32_t most_rows) {
    for_each_mutation(ground_.analysis().world, most_rows,
                      [&](const Mutation& one, const image::Memory& memory) { judge(one, memory); });
  }
  size_t tried() const { return tried_; }

 private:
  void judge(const Mutation& one, const image::Memory& memory) {
    std::string rule;
    const Effect effect = ground_.effect(ground_.read(memory), false, &rule);
    ++tried_;
    const pack::SetType& set = ground_.model().sets[one.set];
    Tried& tried = table_[{set.name, set.columns[one.column].name}][one.kind];
    if (effect > Effect::hygiene) {
      ++tried.noticed;
    } else {
      ++tried.missed;
      if (tried.where.empty())
        tried.where = fmt::format("{} row {}{}", image_, one.row, rule.empty() ? "" : " [" + rule + "]");
    }
  }

  const Ground& ground_;
  std::string image_;
  Table& table_;
  size_t tried_ = 0;
};

// Where a pointer to no kind of page is noticed, that is one kind of value.
void join_pages(Table& table) {
  const auto is_page = [](const auto& one) { return one.first.rfind("page of ", 0) == 0; };
  for (auto& [field, kinds] : table) {
    const auto pages = std::count_if(kinds.begin(), kinds.end(), is_page);
    const bool all_missed = std::all_of(
        kinds.begin(), kinds.end(), [&](const auto& one) { return !is_page(one) || one.second.missed > 0; });
    if (pages == 0 || !all_missed) continue;
    Tried any = std::find_if(kinds.begin(), kinds.end(), is_page)->second;
    std::erase_if(kinds, is_page);
    kinds["any page"] = any;
  }
}

using Excuses = std::map<std::pair<std::string, std::string>, std::map<std::string, std::string>>;

// set, field, kinds of values joined by ", ", reason, remark
Excuses read_excuses(const std::string& path) {
  Excuses excuses;
  for (const auto& row : read_table(path)) {
    if (row.size() < 4 || kReasons.count(row[3]) == 0)
      throw std::runtime_error(path + ": a line without a reason: " + row[0]);
    for (size_t at = 0; at <= row[2].size();) {
      const size_t end = std::min(row[2].find(", ", at), row[2].size());
      excuses[{row[0], row[1]}][row[2].substr(at, end - at)] = row[3];
      at = end + 2;
    }
  }
  return excuses;
}

void write_excuses(const std::string& path, const Table& table, const Excuses& excuses) {
  std::ofstream file(path);
  file << "# Values that no rule above hygiene notices, in a field of a record: set, field, kinds of values, "
          "reason.\n"
          "# unread: the next kernel never reads the field, or ignores such a value. legal: a value that a "
          "correct kernel\n"
          "# writes. ram, topology, content: only that input could tell. missing: a rule is to be written.\n";
  for (const auto& [field, kinds] : table) {
    std::map<std::string, std::string> by_reason;
    const auto known = excuses.find(field);
    for (const auto& [kind, tried] : kinds) {
      if (tried.missed == 0) continue;
      std::string reason = "missing";
      if (known != excuses.end()) {
        if (const auto one = known->second.find(kind); one != known->second.end()) reason = one->second;
      }
      std::string& list = by_reason[reason];
      list += (list.empty() ? "" : ", ") + kind;
    }
    for (const auto& [reason, list] : by_reason)
      file << field.first << '\t' << field.second << '\t' << list << '\t' << reason << '\n';
  }
}

// Null: the list has no such value. One reason for any page is that for each kind of page.
const std::string* reason_for(const Excuses& excuses, const Excuses::key_type& field,
                              const std::string& kind) {
  const auto known = excuses.find(field);
  if (known == excuses.end()) return nullptr;
  auto one = known->second.find(kind);
  if (one == known->second.end() && kind.rfind("page of ", 0) == 0) one = known->second.find("any page");
  return one == known->second.end() ? nullptr : &one->second;
}

// `some`: of images that are not all. What another image has, this one need not have.
size_t compare(const Table& table, const Excuses& excuses, bool some) {
  size_t failures = 0;
  for (const auto& [field, kinds] : table) {
    for (const auto& [kind, tried] : kinds) {
      const bool listed = reason_for(excuses, field, kind) != nullptr;
      if (listed == (tried.missed > 0) || (some && listed)) continue;
      ++failures;
      fmt::print("FAILED {} {} = {}: {}\n", field.first, field.second, kind,
                 listed ? "is noticed now: take it from the list" : "not noticed, " + tried.where);
    }
  }
  return failures;
}

void print_scores(const Table& table, const Excuses& excuses) {
  struct Score {
    size_t kinds = 0, noticed = 0, reasoned = 0;
  };
  std::map<std::string, Score> scores;
  for (const auto& [field, kinds] : table) {
    Score& score = scores[field.first.substr(0, field.first.find('.'))];
    for (const auto& [kind, tried] : kinds) {
      ++score.kinds;
      if (tried.missed == 0) {
        ++score.noticed;
        continue;
      }
      const std::string* reason = reason_for(excuses, field, kind);
      score.reasoned += reason != nullptr && *reason != "missing";
    }
  }
  fmt::print("| pack | (field, value) | noticed | reasoned | no rule yet |\n|---|---|---|---|---|\n");
  for (const auto& [pack, score] : scores) {
    const auto percent = [&](size_t n) {
      return 100.0 * static_cast<double>(n) / static_cast<double>(score.kinds);
    };
    fmt::print("| {} | {} | {:.1f} % | {:.1f} % | {} |\n", pack, score.kinds, percent(score.noticed),
               percent(score.reasoned), score.kinds - score.noticed - score.reasoned);
  }
}

}  // namespace

int fields(const std::string& rules, const std::vector<std::string>& arguments) {
  bool write = false, some = false;
  uint32_t rows = 1;
  std::vector<std::string> images;
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i] == "--write")
      write = true;
    else if (arguments[i] == "--some")
      some = true;
    else if (arguments[i] == "--rows")
      rows = static_cast<uint32_t>(std::stoul(arguments.at(++i)));
    else
      images.push_back(arguments[i]);
  }
  Table table;
  size_t tried = 0;
  for (const std::string& image : images) {
    auto ground = Ground::open(image, rules);
    if (!ground) {
      fmt::print("{}\n", sentence(ground.error()));
      return 2;
    }
    Sweep sweep(**ground, image, table);
    sweep.run(rows);
    tried += sweep.tried();
  }
  if (!some) join_pages(table);
  const Excuses excuses = read_excuses(arguments.at(0));
  if (write) write_excuses(arguments.at(0), table, excuses);
  const size_t failures = write ? 0 : compare(table, excuses, some);
  print_scores(table, excuses);
  fmt::print("{} changes of {} images; {} failures\n", tried, images.size(), failures);
  return failures != 0 || tried == 0;
}

}  // namespace khover::sweep
