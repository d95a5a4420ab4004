#include "series/mail.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "output/printable.h"

namespace khover::series {
namespace {

constexpr size_t context_lines = 4;
constexpr size_t width = 72;

// What a header may hold: one line, nothing that begins another header.
std::string header_text(const std::string& text) {
  std::string line;
  for (const char c : text.substr(0, 500)) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return output::printable(line);
}

std::string wrapped(const std::string& text) {
  std::string out, line;
  // A line must not begin the next mail of the mbox; quoted ones have their mark.
  const auto end_line = [&] { out += (line.starts_with("From ") ? ">" : "") + line + "\n"; };
  size_t begin = 0;
  while (begin < text.size()) {
    size_t end = text.find(' ', begin);
    if (end == std::string::npos) end = text.size();
    const std::string word = text.substr(begin, end - begin);
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      end_line();
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    begin = end + 1;
  }
  end_line();
  return out;
}

std::string sentence_of(const findings::Finding& finding) {
  std::string text = finding.message;
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text + ".";
}

struct Comment {
  const findings::Finding* finding = nullptr;
  const FileDiff* file = nullptr;
  const Hunk* hunk = nullptr;
  size_t line = 0;  // index into the hunk's lines, of the last one that is quoted
};

// The hunk line that a finding is about: its own, if the patch wrote it, or else the nearest that it wrote.
bool locate(const findings::Finding& finding, const Change& change, size_t& mail, Comment& comment) {
  const auto file = std::find_if(change.files.begin(), change.files.end(),
                                 [&](const ChangedFile& one) { return one.path == finding.place.file; });
  if (file == change.files.end() || file->added.empty()) return false;
  auto origin = file->added.find(finding.place.line);
  if (origin == file->added.end()) {
    // Caused by the patch, but somewhere else in the file.
    uint32_t best = UINT32_MAX;
    for (auto one = file->added.begin(); one != file->added.end(); ++one) {
      const uint32_t distance =
          one->first > finding.place.line ? one->first - finding.place.line : finding.place.line - one->first;
      if (distance < best) {
        best = distance;
        origin = one;
      }
    }
  }
  mail = origin->second.mail;
  for (const FileDiff& diff : change.mails[mail].files) {
    if (diff.new_path != file->path) continue;
    for (const Hunk& hunk : diff.hunks) {
      for (size_t i = 0; i < hunk.lines.size(); ++i) {
        if (hunk.lines[i].body_line != origin->second.body_line) continue;
        comment = {&finding, &diff, &hunk, i};
        return true;
      }
    }
  }
  return false;
}

// Of one answer, and its first line.
std::string header_of(const Mail& mail, const Letter& letter) {
  const std::string subject = mail.subject.empty() ? "your patch" : header_text(mail.subject);
  std::string out = "From khover Thu Jan  1 00:00:00 1970\n";
  out +=
      fmt::format("From: {}\n", letter.from.empty() ? "khover <khover@localhost>" : header_text(letter.from));
  if (!mail.from.empty()) out += fmt::format("To: {}\n", header_text(mail.from));
  std::string copies = header_text(mail.to);
  if (!mail.cc.empty()) copies += (copies.empty() ? "" : ", ") + header_text(mail.cc);
  if (!copies.empty()) out += fmt::format("Cc: {}\n", copies);
  out += fmt::format("Subject: {}{}\n", subject.starts_with("Re: ") ? "" : "Re: ", subject);
  if (!mail.message_id.empty()) {
    out += fmt::format("In-Reply-To: {}\n", header_text(mail.message_id));
    const std::string references = header_text(mail.references);
    out += fmt::format("References: {}{}{}\n", references, references.empty() ? "" : " ",
                       header_text(mail.message_id));
  }
  out += "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n";
  if (mail.from.empty()) return out;
  const std::string author = header_text(mail.from.substr(0, mail.from.find(" <")));
  return out + (mail.date.empty() ? fmt::format("{} wrote:\n", author)
                                  : fmt::format("On {}, {} wrote:\n", header_text(mail.date), author));
}

// The hunks with the comments below their lines, in the order of the patch.
std::string quoted_comments(const Mail& mail, std::vector<Comment> comments,
                            const findings::Sources& sources) {
  std::stable_sort(comments.begin(), comments.end(), [](const Comment& a, const Comment& b) {
    return a.hunk->lines[a.line].body_line < b.hunk->lines[b.line].body_line;
  });
  std::string out;
  const FileDiff* file = nullptr;
  const Hunk* hunk = nullptr;
  size_t quoted = 0;  // lines of the hunk
  for (const Comment& comment : comments) {
    if (comment.file != file) {
      out += fmt::format("> {}\n", mail.body[comment.file->body_line]);
      file = comment.file;
      hunk = nullptr;
    }
    if (comment.hunk != hunk) {
      out += fmt::format("> {}\n", mail.body[comment.hunk->body_line]);
      hunk = comment.hunk;
      quoted = 0;
    }
    const size_t first = comment.line >= quoted + context_lines ? comment.line - context_lines : quoted;
    if (first > quoted) out += "[...]\n";
    for (size_t i = first; i <= comment.line; ++i) {
      const DiffLine& line = hunk->lines[i];
      out += fmt::format("> {}{}\n", line.kind, line.text);
    }
    quoted = std::max(quoted, comment.line + 1);
    const findings::Finding& finding = *comment.finding;
    out += "\n" + wrapped(sentence_of(finding));
    if (sources.line(finding.place.file, finding.place.line) != hunk->lines[comment.line].text) {
      out += fmt::format("(line {} of {}, after the series)\n", finding.place.line, finding.place.file);
    }
    for (const findings::Note& note : finding.notes) {
      if (note.place.file.empty()) continue;
      out += wrapped(fmt::format("{}:{}: {}.", note.place.file, note.place.line, note.text));
    }
    out += fmt::format("[khover {}]\n\n", finding.check);
  }
  return out;
}

// What was looked at, and what was not.
std::string coverage_of(const findings::Report& report) {
  std::string out;
  for (const findings::LeftOut& one : report.left_out) out += wrapped("Not judged: " + describe(one));
  if (!report.left_out.empty() && report.coverage) {
    out += fmt::format("{} of {} functions of {} files were judged.\n", report.coverage->judged_functions,
                       report.coverage->functions, report.coverage->files);
  }
  return out;
}

}  // namespace

std::string render_mail(const findings::Report& report, const Change& change, const Letter& letter) {
  std::map<size_t, std::vector<Comment>> comments;
  std::map<size_t, std::vector<const findings::Finding*>> loose;  // nowhere in a hunk
  for (const findings::Finding& finding : report.findings) {
    if (finding.suppressed || finding.baselined) continue;
    size_t mail = 0;
    Comment comment;
    if (locate(finding, change, mail, comment)) {
      comments[mail].push_back(comment);
    } else if (!change.mails.empty()) {
      loose[change.mails.size() - 1].push_back(&finding);
    }
  }
  std::string out;
  for (size_t number = 0; number < change.mails.size(); ++number) {
    if (comments[number].empty() && loose[number].empty()) continue;
    const Mail& mail = change.mails[number];
    // Every line of a patch is quoted: none begins the next mail.
    out += header_of(mail, letter) + quoted_comments(mail, std::move(comments[number]), report.sources);
    for (const findings::Finding* finding : loose[number]) {
      out += "\n" + wrapped(fmt::format("{}:{}: {}", finding->place.file, finding->place.line,
                                        sentence_of(*finding)));
      out += fmt::format("[khover {}]\n\n", finding->check);
    }
    out += coverage_of(report);
    out += fmt::format("-- \nkhover {} review: findings of a static analyzer; please verify them.\n\n",
                       report.version);
  }
  return output::printable_lines(out);
}

}  // namespace khover::series
