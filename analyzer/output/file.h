// A file that a command writes. Under its name there is at every time either what was there before or all of
// the new content, and no other file is left over:
//
//     auto file = TRY(output::File::create(path));
//     file.write(text);
//     TRY(file.commit());
//
// A regular file is replaced in its own folder, through symbolic links, with the mode that it had. Anything
// else (a device, a pipe, the standard output under another name) is written to, once the content is
// complete, and never replaced.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "error/error.h"
#include "output/descriptor.h"

namespace khover::output {

class File {
 public:
  // Refuses a `path` that leads to what the command reads (inputs.h). `mode`: of a file that is new; the
  // umask is taken off it.
  static Result<File> create(const std::string& path, mode_t mode = 0666);

  File(File&&) noexcept;
  File& operator=(File&&) = delete;
  ~File();  // without commit(): as if nothing had happened

  // Buffered. The first failure is what commit() returns.
  void write(std::string_view bytes);
  void write(const void* bytes, size_t size) { write({static_cast<const char*>(bytes), size}); }

  // All that was written so far, under a name to read it back from before it counts. Valid as long as this
  // object lives.
  Result<std::string> staged();

  Result<void> commit();

 private:
  File(std::string path, Descriptor content) : path_(std::move(path)), content_(std::move(content)) {}
  static Result<File> beside(const std::string& path, mode_t mode);
  static Result<File> before(const std::string& path, int target);
  void flush();
  tl::unexpected<Error> failed(int reason) const;
  Result<void> take_name();
  Result<void> copy_out();

  std::string path_;        // as the user named it
  Descriptor content_;      // where it is collected
  Descriptor target_{-1};   // what is written to in the end; none: a name is given to the content instead
  Descriptor folder_{-1};   // of the final name
  std::string name_;        // in the folder, symbolic links resolved
  std::string unfinished_;  // name of the content until then; empty: it has none
  std::string buffer_;
  int reason_ = 0;  // errno
};

// The whole of it. "-" is the standard output.
Result<void> write_file(const std::string& path, std::string_view text);

// An open file without a name, in $TMPDIR, else /tmp; in memory when neither can be written. Not valid, and
// errno: there is none.
Descriptor nameless_file();

}  // namespace khover::output
