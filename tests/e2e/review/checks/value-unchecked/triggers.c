#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// As kho_restore_vmalloc(), memfd_luo_retrieve() and luo_flb_retrieve_one() of 7.3.4 do it.
void* parcel_restore_table(const struct parcel_ser* ser) {
  u64 count = ser->count;

  // DEFECT: kho-vmalloc-total-pages
  return kmalloc(count * sizeof(u64), GFP_KERNEL);  // EXPECT: value-unchecked
}

void parcel_restore_size(void* inode, const struct parcel_ser* ser) {
  // DEFECT: memfd-negative-size
  i_size_write(inode, ser->size);  // EXPECT: value-unchecked
}

void parcel_restore_count(void* count, const struct parcel_ser* ser) {
  // DEFECT: flb-count-cut
  refcount_set(count, ser->count);  // EXPECT: value-unchecked
}

void parcel_restore_copy(void* to, const void* from, const struct parcel_ser* ser) {
  memcpy(to, from, ser->size);  // EXPECT: value-unchecked
}

// Like memfd_luo_retrieve_folios() of 7.3.4: a page behind the end of the file.
int parcel_retrieve_page(void* mapping, struct folio* folio, const struct parcel_item_ser* item) {
  // DEFECT: memfd-index-behind-end
  return shmem_add_to_page_cache(folio, mapping, item->index);  // EXPECT: value-unchecked
}

// As the kernel had it: without i_size_write().
struct inode {
  long long i_size;
};

int parcel_retrieve_file(struct inode* inode, const struct parcel_ser* ser) {
  // SHAPE: memfd-negative-size
  inode->i_size = ser->size;  // EXPECT: value-unchecked
  return 0;
}
