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

struct listed {
  struct list_head list;
  void* file;
  u64 token;
};
struct set {
  struct list_head files;
};
void* fget(int descriptor);

// A helper compares both.
static bool is_used(struct set* set, void* file, u64 token) {
  struct listed* one;

  list_for_each_entry(one, &set->files, list) {
    if (one->token == token || one->file == file) return true;
  }
  return false;
}

int parcel_preserve_listed(struct set* set, u64 token, int descriptor) {
  void* file = fget(descriptor);
  struct listed* one;

  if (is_used(set, file, token)) return -EEXIST;
  one = kzalloc_obj(struct listed);
  one->file = file;
  one->token = token;
  list_add_tail(&one->list, &set->files);
  return 0;
}

// An index of all files refuses the second.
int parcel_preserve_indexed(struct set* set, void* index, u64 token, int descriptor) {
  void* file = fget(descriptor);
  struct listed* one;

  list_for_each_entry(one, &set->files, list) {
    if (one->token == token) return -EEXIST;
  }
  if (xa_insert(index, (unsigned long)file, file)) return -EEXIST;
  one = kzalloc_obj(struct listed);
  one->file = file;
  one->token = token;
  list_add_tail(&one->list, &set->files);
  return 0;
}
