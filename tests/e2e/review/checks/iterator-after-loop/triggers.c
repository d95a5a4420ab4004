#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct parcel_file {
  u64 token;
  struct list_head list;
};

// If no file has the token, `file` is the head of the list in disguise.
u64 parcel_retrieve_file(struct list_head* files, u64 token) {
  struct parcel_file* file;

  list_for_each_entry(file, files, list) {
    if (file->token == token) break;
  }
  // DEFECT: luo-iterator-behind-loop
  return file->token;  // EXPECT: iterator-after-loop
}
