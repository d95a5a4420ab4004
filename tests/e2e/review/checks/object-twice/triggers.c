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

// As the kernel had it: a helper compares the tokens, and the file goes to a callback.
struct file_ops {
  int (*can_preserve)(void* handler, void* file);
};
struct listed {
  struct list_head list;
  void* file;
  u64 token;
};
struct set {
  struct list_head files;
  u64 count;
};
void* fget(int descriptor);
void fput(void* file);

static bool token_is_used(struct set* set, u64 token) {
  struct listed* one;

  list_for_each_entry(one, &set->files, list) {
    if (one->token == token) return true;
  }
  return false;
}

int parcel_preserve_listed(struct set* set, const struct file_ops* ops, u64 token, int descriptor) {
  struct listed* one;
  void* file;

  if (token_is_used(set, token)) return -EEXIST;
  file = fget(descriptor);
  if (!file) return -EINVAL;
  if (!ops->can_preserve(NULL, file)) {
    fput(file);
    return -ENOENT;
  }
  one = kzalloc_obj(struct listed);
  if (!one) {
    fput(file);
    return -ENOMEM;
  }
  // SHAPE: luo-one-memfd-two-tokens
  one->file = file;  // EXPECT: object-twice
  one->token = token;
  list_add_tail(&one->list, &set->files);
  set->count++;
  return 0;
}
