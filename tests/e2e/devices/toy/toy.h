/* A subsystem that hands over cells: a number and a state each. */
typedef unsigned int u32;
typedef unsigned long long u64;

#define TOY_LUO_FLB_COMPATIBLE "toy"
#define TOY_LUO_FLB_VERSION 1
#define TOY_STATE_MAX 2

struct toy_cell_ser {
  u32 id;
  u32 state;
};

struct toy_ser {
  u32 version;
  u32 nr_cells;
  u64 cells; /* physical address */
};
