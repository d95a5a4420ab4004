// Files that a command writes: complete or as they were, whatever the name leads to.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "output/file.h"
#include "output/inputs.h"
#include "output/standard.h"

namespace khover::output {
namespace {

namespace fs = std::filesystem;

class OutputFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "khover-output-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  static std::string content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder_)) all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
  }
  using Names = std::vector<std::string>;

  fs::path folder_;
};

TEST_F(OutputFile, IsThereOnceItIsCommitted) {
  auto file = File::create(path("new"));
  ASSERT_TRUE(file) << sentence(file.error());
  file->write(std::string(200'000, 'x'));
  file->write("end");
  EXPECT_FALSE(fs::exists(path("new")));
  const auto staged = file->staged();
  ASSERT_TRUE(staged);
  EXPECT_EQ(content(*staged), std::string(200'000, 'x') + "end");
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(content(path("new")), std::string(200'000, 'x') + "end");
  EXPECT_EQ(names(), Names{"new"});
}

TEST_F(OutputFile, WithoutCommitNothingHappened) {
  put("old", "old");
  {
    auto fresh = File::create(path("new"));
    auto over = File::create(path("old"));
    ASSERT_TRUE(fresh && over);
    over->write("new");
  }
  EXPECT_EQ(names(), Names{"old"});
  EXPECT_EQ(content(path("old")), "old");
}

TEST_F(OutputFile, ReplacesWithTheSameMode) {
  put("old", "old");
  ASSERT_EQ(chmod(path("old").c_str(), 0640), 0);
  ASSERT_TRUE(write_file(path("old"), "new"));
  struct stat status{};
  ASSERT_EQ(stat(path("old").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  EXPECT_EQ(content(path("old")), "new");
  EXPECT_EQ(names(), Names{"old"});
}

TEST_F(OutputFile, GoesThroughLinks) {
  fs::create_directory(folder_ / "there");
  put("there/target", "old");
  fs::create_symlink("there/target", folder_ / "link");
  fs::create_symlink("link", folder_ / "second");
  ASSERT_TRUE(write_file(path("second"), "new"));
  EXPECT_TRUE(fs::is_symlink(path("second")) && fs::is_symlink(path("link")));
  EXPECT_EQ(content(path("there/target")), "new");
  fs::create_symlink("there/not-yet", folder_ / "dangling");
  ASSERT_TRUE(write_file(path("dangling"), "made"));
  EXPECT_TRUE(fs::is_symlink(path("dangling")));
  EXPECT_EQ(content(path("there/not-yet")), "made");
  fs::create_symlink("round", folder_ / "round");
  EXPECT_FALSE(write_file(path("round"), "x"));
}

TEST_F(OutputFile, WritesToAPipeAndKeepsIt) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = content(path("pipe")); });
  ASSERT_TRUE(write_file(path("pipe"), "through"));
  reader.join();
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
}

TEST_F(OutputFile, WritesToADeviceAndKeepsIt) {
  if (mknod(path("full").c_str(), S_IFCHR | 0600, makedev(1, 7)) != 0 ||
      mknod(path("null").c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0)
    GTEST_SKIP() << "only root makes devices";
  if (open(path("null").c_str(), O_WRONLY | O_CLOEXEC) < 0) GTEST_SKIP() << "devices do not work here";
  EXPECT_TRUE(write_file(path("null"), "x"));
  const auto full = write_file(path("full"), "x");
  ASSERT_FALSE(full);
  EXPECT_NE(full.error().what.find("No space left"), std::string::npos);
  EXPECT_TRUE(fs::is_character_file(path("null")) && fs::is_character_file(path("full")));
}

TEST_F(OutputFile, NeverIsAnInput) {
  put("input", "precious");
  fs::create_hard_link(path("input"), path("other-name"));
  fs::create_symlink("other-name", path("link"));
  fs::create_directory(folder_ / "packs");
  put("packs/one", "precious");
  reads(path("input"));
  reads(path("packs"));
  for (const char* name : {"input", "other-name", "link", "packs/one", "packs/../packs/one"}) {
    const auto done = write_file(path(name), "x");
    ASSERT_FALSE(done) << name;
    EXPECT_NE(done.error().what.find("this command"), std::string::npos) << sentence(done.error());
    EXPECT_EQ(content(path(name)), "precious");
  }
  EXPECT_TRUE(write_file(path("packs/new"), "x")) << "a file that is not there is not read";
}

TEST_F(OutputFile, AFolderIsNoFile) {
  EXPECT_FALSE(write_file(path(""), "x"));
  EXPECT_FALSE(write_file(path("no/such/folder"), "x"));
  EXPECT_FALSE(write_file(path("."), "x"));
}

// A child that may not write more than 4096 bytes to a file.
TEST_F(OutputFile, AFileThatMayNotGrowIsAnError) {
  put("old", "old");
  const pid_t child = fork();
  if (child == 0) {
    prepare("test");
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto done = write_file(path("old"), std::string(10'000, 'x'));
    _exit(!done && done.error().what.find("File too large") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(names(), Names{"old"});
  EXPECT_EQ(content(path("old")), "old");
}

}  // namespace
}  // namespace khover::output
