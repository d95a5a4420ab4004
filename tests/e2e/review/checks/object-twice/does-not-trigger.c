#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct entry {
  void* file;
  u64 token;
};
static struct entry entries[8];
static int nr_entries;
int remember(void* file);

int parcel_preserve_file(void* file, u64 token) {
  for (int i = 0; i < nr_entries; i++)
    if (entries[i].token == token || entries[i].file == file) return -EEXIST;
  entries[nr_entries].file = file;
  entries[nr_entries++].token = token;
  return 0;
}

// The function may know it.
int parcel_preserve_known(void* file, u64 token) {
  if (remember(file)) return -EEXIST;
  for (int i = 0; i < nr_entries; i++)
    if (entries[i].token == token) return -EEXIST;
  entries[nr_entries].file = file;
  entries[nr_entries++].token = token;
  return 0;
}
