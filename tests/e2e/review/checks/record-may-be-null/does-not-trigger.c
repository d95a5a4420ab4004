#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct hw {
  struct parcel_hw_ser* preserved;
};

void parcel_unpreserve_hw(struct hw* hw) {
  struct parcel_hw_ser* record = hw->preserved;

  if (!record) return;
  record->obj.deleted = 1;
  hw->preserved = NULL;
}

static void mark(struct hw* hw) { hw->preserved->obj.deleted = 1; }

void parcel_unpreserve_asked(struct hw* hw) {
  if (hw->preserved) mark(hw);
}

struct header {
  struct parcel_ser* record;
  bool active;
  u64 count;
};
static struct header incoming, outgoing;
int take(u64 token);

// A flag says that it ran: the second time it does not come as far as the record.
int parcel_deserialize(void) {
  static bool is_deserialized;
  struct header* header = &incoming;

  if (is_deserialized) return 0;
  is_deserialized = true;
  if (!header->active) return 0;
  for (u32 i = 0; i < header->record->nr_devices && i < 16; i++)
    if (take(i)) return -EIO;
  kho_restore_free(header->record);
  header->record = NULL;
  return 0;
}

// Another object.
int parcel_serialize(void) {
  struct header* header = &outgoing;

  header->record->count = header->count;
  return 0;
}
