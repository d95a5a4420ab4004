#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like the hwpt entries of "iommufd: Add basic skeleton based on liveupdate_file_handler".
u64 parcel_retrieve_tags(struct parcel_tags_ser* ser) {
  u64 sum = 0;

  for (u32 i = 0; i < ser->count; i++) {
    // DEFECT: iommufd-unaligned-entries
    struct parcel_tag_ser* tag = &ser->tags[i];  // EXPECT: array-alignment

    sum += tag->value;
  }
  return sum + ser->tags[0].value;
}

// Eight bytes more would go unnoticed.
u64 parcel_retrieve_pairs(struct parcel_pair_ser* pair, u64 count) {
  u64 sum = 0;

  while (count--) sum += (pair++)->value;  // EXPECT: array-alignment
  return sum;
}
