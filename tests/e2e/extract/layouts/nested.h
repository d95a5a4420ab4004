/* Types without a name, inside types with one, and the other way round. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

struct with_anonymous {
  u32 kind;
  union {
    u64 number;
    struct {
      u32 low;
      u32 high : 20;
      u32 rest : 12;
    };
    struct {
      u8 bytes[2][3];
    } grid[2];
  };
  struct {
    u8 inner;
    union {
      u64 deep;
      void* pointer;
    };
  } named;
  u8 end;
};

typedef struct {
  u64 a;
  struct tagged_inside {
    u8 b;
    u32 c;
  } inside[3];
} by_typedef;

union overlay {
  by_typedef whole;
  u8 bytes[sizeof(by_typedef)];
  struct tagged_inside* other;
  char text[8];
  const char* words[2];
};

struct arrays {
  u8 matrix[2][3][4];
  by_typedef pair[2];
  struct {
    u8 x;
    u32 y;
  } points[2][2];
  void (*callback)(int);
  int (*table)[4];
  double ratio;
  _Bool flag;
  _Bool flags[3];
  signed char small;
  char letter;
};

struct flexible {
  u32 count;
  u64 entries[];
};

struct flexible_records {
  u32 count;
  struct {
    u8 a;
    u64 b;
  } entries[];
};

struct flexible_rows {
  u32 count;
  u8 rows[][4];
};

struct old_flexible {
  u32 count;
  u64 entries[0];
};

struct empty {};

struct has_empty_array {
  struct empty nothing[3];
  u8 none[4][0];
  u8 more[2][0][3];
};

struct has_empty {
  struct empty nothing;
  u8 something;
};

struct self_reference {
  struct self_reference* next;
  struct unknown_elsewhere* opaque;
};
