#include "extract/confined_files.h"

#include <filesystem>
#include <map>

namespace khover::extract {
namespace {

namespace fs = std::filesystem;

class Confined : public llvm::vfs::ProxyFileSystem {
 public:
  Confined(llvm::IntrusiveRefCntPtr<FileSystem> below, std::vector<std::string> folders)
      : ProxyFileSystem(std::move(below)), folders_(std::move(folders)) {}

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine& path) override {
    if (!is_inside(path.str())) return std::make_error_code(std::errc::no_such_file_or_directory);
    return ProxyFileSystem::status(path);
  }
  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine& path) override {
    if (!is_inside(path.str())) return std::make_error_code(std::errc::no_such_file_or_directory);
    llvm::ErrorOr<llvm::vfs::Status> status = ProxyFileSystem::status(path);
    // A device or a pipe in the tree would keep the reader waiting.
    if (status && !status->isRegularFile()) return std::make_error_code(std::errc::no_such_file_or_directory);
    return ProxyFileSystem::openFileForRead(path);
  }
  llvm::vfs::directory_iterator dir_begin(const llvm::Twine& path, std::error_code& error) override {
    if (!is_inside(path.str())) {
      error = std::make_error_code(std::errc::no_such_file_or_directory);
      return {};
    }
    return ProxyFileSystem::dir_begin(path, error);
  }

 private:
  bool is_inside(const std::string& path) {
    const fs::path name = fs::path(path).lexically_normal();
    // Links are followed once for each folder; the last part may be a link of its own.
    const std::string folder = name.parent_path().string();
    auto known = real_.find(folder);
    if (known == real_.end()) {
      std::error_code error;
      fs::path real = fs::canonical(folder.empty() ? fs::current_path(error) : fs::path(folder), error);
      known = real_.emplace(folder, error ? folder : real.string()).first;
    }
    std::error_code error;
    std::string real = known->second + "/" + name.filename().string();
    if (fs::is_symlink(real, error)) {
      const fs::path target = fs::canonical(real, error);
      if (error) return false;
      real = target.string();
    }
    for (const std::string& one : folders_) {
      if (real == one || (real.starts_with(one) && real[one.size()] == '/')) return true;
    }
    return false;
  }

  std::vector<std::string> folders_;
  std::map<std::string, std::string> real_;
};

}  // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> confined_files(
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> below, std::vector<std::string> folders) {
  return llvm::makeIntrusiveRefCnt<Confined>(std::move(below), std::move(folders));
}

}  // namespace khover::extract
