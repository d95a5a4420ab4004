// What earlier kernels wrote. An image is built, and damaged, as the newest kernel writes it;
// last of all, what earlier versions keep in another form is brought into that form.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct image;

// The newest version is the first of each: the default.
enum kho_version { KHO_V4, KHO_V3, KHO_V2, KHO_V1, KHO_V1_512, KHO_VERSIONS };
enum luo_version { LUO_V5, LUO_V4, LUO_V3, LUO_V2, LUO_V1, LUO_V1_SESSION_V1, LUO_NONE, LUO_VERSIONS };
enum memfd_version { MEMFD_V2, MEMFD_V1, MEMFD_VERSIONS };
extern const char* const kho_names[];
extern const char* const luo_names[];
extern const char* const memfd_names[];
extern const char* const kho_compatibles[];
extern const char* const luo_compatibles[];
extern const char* const memfd_compatibles[];

enum { LUO_SESSION_PAGES = 16, LUO_FILE_PAGES = 2 };  // arrays, up to luo-v3 and luo-v4

// The device tree of luo-v1 and luo-v2. A length of 0: no such property.
struct luo_tree {
  uint64_t pa;  // 0: none
  uint32_t compatible_length;
  uint32_t header_length;   // v2: luo-abi-header
  uint32_t number_length;   // v1: liveupdate-number
  uint32_t session_length;  // v1: luo-session-header
  uint32_t flb_length;      // v1: luo-flb-header
  const char* session_node;
  const char* flb_node;
  const char* session_compatible;
  const char* flb_compatible;
  bool unsound;
  bool resized;  // a break changed its length: blob-size shall follow
};

void luo_tree_write(struct image* image);  // and its size in the root
void formats_finish(struct image* image);
