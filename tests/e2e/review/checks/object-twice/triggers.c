#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct entry {
  void* file;
  u64 token;
};
static struct entry entries[8];
static int nr_entries;

// Tokens are compared, files are not.
int parcel_preserve_file(void* file, u64 token) {
  for (int i = 0; i < nr_entries; i++)
    if (entries[i].token == token) return -EEXIST;
  // DEFECT: luo-one-memfd-two-tokens
  entries[nr_entries].file = file;  // EXPECT: object-twice
  entries[nr_entries++].token = token;
  return 0;
}
