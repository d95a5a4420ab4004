// The ABI of an object that no kernel has: what the reproductions write and read.
#pragma once
#include <linux/types.h>

#define PARCEL_COMPATIBLE "parcel-v1"
#define PARCEL_DELETED 1
#define PARCEL_SEALED 1
#define PARCEL_SLOTS 31

struct parcel_block_ser {
  u64 next;
  u64 count;
};

struct parcel_mark {
  u32 ref_count;
  u8 deleted;
  u8 pad[3];
};

struct parcel_item_ser {
  u64 phys;
  u64 index;
  u64 token;
  u32 domain;
  u16 lane;
  u16 pad;
};

struct parcel_dev_ser {
  struct parcel_mark obj;
  u64 iommu_phys;
  u32 type;
  u32 id;
};

struct parcel_hw_ser {
  struct parcel_mark obj;
  u64 token;
  u64 root;
  u64 spare;
};

struct parcel_devs_ser {
  struct parcel_block_ser block;
  struct parcel_dev_ser devices[];
};

struct parcel_ser {
  char compatible[32];
  u32 version;
  u32 flags;
  u64 size;
  u64 count;
  u64 head_phys;
  u16 order;
  u16 nr_items;
  u32 nr_devices;
  u64 slots[PARCEL_SLOTS];
};

struct parcel_tag_ser {
  u32 kind;
  u64 value;
} __attribute__((packed));

struct parcel_tags_ser {
  u32 count;
  struct parcel_tag_ser tags[];
} __attribute__((packed));

struct parcel_pair_ser {
  u64 kind;
  u64 value;
} __attribute__((packed));

#define PARCEL_DEVS ((4096 - sizeof(struct parcel_block_ser)) / sizeof(struct parcel_dev_ser))
#define PARCEL_HWS ((4096 - sizeof(struct parcel_block_ser)) / sizeof(struct parcel_hw_ser))
