#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct parcel_file {
  u64 token;
  struct list_head list;
};

u64 parcel_retrieve_file(struct list_head* files, u64 token) {
  struct parcel_file* file;

  list_for_each_entry(file, files, list) {
    if (file->token == token) return file->token;
  }
  return 0;
}

u64 parcel_retrieve_found(struct list_head* files, u64 token) {
  struct parcel_file* file;
  bool found = false;

  list_for_each_entry(file, files, list) {
    found = file->token == token;
    if (found) break;
  }
  if (!found) return 0;
  return file->token;
}

u64 parcel_retrieve_other(struct list_head* files, struct parcel_file* other) {
  struct parcel_file* file;

  list_for_each_entry(file, files, list) {
    if (file == other) break;
  }
  file = other;
  return file->token;
}

int preserve_one(struct parcel_file* file);
void unpreserve_one(struct parcel_file* file);
int parcel_preserve_files(struct list_head* files) {
  struct parcel_file* file;

  list_for_each_entry(file, files, list) {
    if (preserve_one(file)) goto failed;
  }
  return 0;

failed:
  file->token = 0;
  return -EINVAL;
}
