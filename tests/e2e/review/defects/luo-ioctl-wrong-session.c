#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct session {
  bool incoming;
  int (*command)(struct session* session);
};

// A command of the one kind is accepted on the other.
int parcel_command(struct session* session) { return session->command(session); }
