#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void* parcel_restore_table(const struct parcel_ser* ser) {
  u64 count = ser->count;

  if (count > 1000) return NULL;
  return kmalloc(count * sizeof(u64), GFP_KERNEL);
}

void* parcel_restore_cut(const struct parcel_ser* ser) {
  return kmalloc(min(ser->count, 1000ULL), GFP_KERNEL);
}

static bool is_sane(const struct parcel_ser* ser) { return ser->size < PAGE_SIZE; }

void parcel_restore_size(void* inode, const struct parcel_ser* ser) {
  if (!is_sane(ser)) return;
  i_size_write(inode, ser->size);
}

void parcel_preserve_copy(void* to, const void* from, const struct parcel_ser* ser) {
  memcpy(to, from, ser->size);
}

struct inode {
  long long i_size;
};

int parcel_retrieve_file(struct inode* inode, const struct parcel_ser* ser) {
  if (ser->size > 1ULL << 40) return -EINVAL;
  inode->i_size = ser->size;
  return 0;
}
